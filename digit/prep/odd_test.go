package prep_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"testing"

	"cifra"
)

func TestFilesCutOffAnywhereAreRefused(t *testing.T) {
	files := map[string][]byte{
		"png": asPNG(t, five()), "jpeg": asJPEG(t, five()), "gif": asGIF(t, five()), "webp": asWebP(five()),
		"cmyk": asPlanes(t, grey(), grey(), grey(), grey()), "progressive": withScans(t, 64, 64, 3),
	}
	for name, content := range files {
		for percent := 0; percent < 100; percent += 5 {
			t.Run(fmt.Sprintf("%s at %d %%", name, percent), func(t *testing.T) {
				_, err := harmless(t, content[:len(content)*percent/100])
				if err == nil {
					t.Fatal("got no error, want a refusal")
				}
				if got := cifra.CodeOf(err); got == cifra.Internal {
					t.Errorf("got %v, want an error for people", err)
				}
			})
		}
		if _, err := harmless(t, content); err != nil {
			t.Errorf("%s in full: got %v, want none", name, err)
		}
	}
}

func grey() *image.Gray {
	src := five()
	o := image.NewGray(src.Bounds())
	for i := range o.Pix {
		o.Pix[i] = src.Pix[4*i]
	}
	return o
}

func TestOddFilesThatArePicturesAreRead(t *testing.T) {
	drawing, photo := asPNG(t, five()), asJPEG(t, five())
	var inflating bytes.Buffer
	z, err := zlib.NewWriterLevel(&inflating, zlib.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(make([]byte, 64<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	blank := image.NewRGBA(five().Bounds())
	tests := []struct {
		name    string
		content []byte
		format  string
	}{
		{"a text chunk that inflates to 64 MiB", withChunk(drawing, "zTXt", append([]byte("Comment\x00\x00"), inflating.Bytes()...)), "png"},
		{"a colour profile that inflates to 64 MiB", withChunk(drawing, "iCCP", append([]byte("p\x00\x00"), inflating.Bytes()...)), "png"},
		{"an international text that inflates", withChunk(drawing, "iTXt", append([]byte("c\x00\x01\x00\x00\x00"), inflating.Bytes()...)), "png"},
		{"a script in a text chunk", withChunk(drawing, "tEXt", []byte("Title\x00<script>alert(1)</script>")), "png"},
		{"a PNG and an archive", append(bytes.Clone(drawing), "PK\x03\x04"...), "png"},
		{"a JPEG and a page", append(bytes.Clone(photo), "<html><script>"...), "jpeg"},
		{"a JPEG whose note is a page", twice(append(append(bytes.Clone(photo[:2]), segment(0xfe, []byte("<script>")...)...), photo[2:]...), 0xfe), "jpeg"},
		{"a JPEG whose EXIF lies about its length", withEXIF(photo, []byte("MM\x00\x2a\xff\xff\xff\xff")), "jpeg"},
		{"a JPEG whose EXIF goes in circles", withEXIF(photo, circular()), "jpeg"},
		{"a JPEG whose EXIF is noise", withEXIF(photo, bytes.Repeat([]byte{0xab, 0x12, 0xff}, 9000)), "jpeg"},
		{"a GIF that moves", asGIF(t, five(), blank, blank), "gif"},
		{"a lossless WebP", asWebP(five()), "webp"},
		{"a progressive JPEG of 64 scans", withScans(t, 320, 240, 64), "jpeg"},
		{"one row", asPNG(t, image.NewGray(image.Rect(0, 0, 5000, 1))), "png"},
		{"one column", asPNG(t, image.NewGray(image.Rect(0, 0, 1, 5000))), "png"},
		{"one pixel", asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1))), "png"},
		{"three pixels", asJPEG(t, image.NewRGBA(image.Rect(0, 0, 3, 1))), "jpeg"},
		{"25 million grey pixels", asPNG(t, image.NewGray(image.Rect(0, 0, 5000, 5000))), "png"},
		{"noise", asPNG(t, static(400)), "png"},
		{"a phone's 24 million pixels", asJPEG(t, image.NewYCbCr(image.Rect(0, 0, 6000, 4000), image.YCbCrSubsampleRatio420)), "jpeg"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pic, err := harmless(t, tt.content)
			if err != nil {
				t.Fatal(err)
			}
			if pic.Format != tt.format {
				t.Errorf("got format %q, want %q", pic.Format, tt.format)
			}
			if bytes.Contains(pic.Thumbnail, []byte("script")) {
				t.Error("got the upload's own words in the thumbnail")
			}
			checkPicture(t, pic)
		})
	}
}

// circular is an EXIF block whose directory is its own successor, with 65,535 tags.
func circular() []byte {
	o := []byte("MM\x00\x2a\x00\x00\x00\x08\xff\xff")
	o = append(o, bytes.Repeat([]byte("\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x08"), 2000)...)
	return append(o, 0, 0, 0, 8)
}

// static is a picture of repeatable noise.
func static(side int) image.Image {
	o := image.NewRGBA(image.Rect(0, 0, side, side))
	state := uint32(1)
	for i := range o.Pix {
		state = state*1664525 + 1013904223
		o.Pix[i] = byte(state>>24) | 0xff*byte(i%4/3)
	}
	return o
}
