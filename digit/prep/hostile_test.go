package prep_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"runtime"
	"strings"
	"testing"
	"time"

	"cifra"
	"cifra/digit/prep"
)

// patient has a deadline that a busy machine keeps.
func patient() *prep.Preparer { return asking(nil) }

// asking is patient, and asks read what it found.
func asking(read prep.Reader) *prep.Preparer {
	return prep.New(prep.Options{DecodeTime: time.Minute, Read: read})
}

// keyOf returns the code and the key of a refusal, "" for none.
func keyOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *cifra.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want a cifra.Error", err, err)
	}
	return string(e.Code) + " " + e.Key
}

func TestHostileFilesAreRefused(t *testing.T) {
	drawing, photo := asPNG(t, five()), asJPEG(t, five())
	const (
		broken, kind   = "impossible error.file.broken", "unsupported error.file.kind"
		pixels, heic   = "impossible error.file.pixels", "unsupported error.file.heic"
		scans, nothing = "impossible error.file.scans", "invalid error.file.empty"
	)
	huge := func(w, h uint32, depth, colour byte) []byte {
		body := binary.BigEndian.AppendUint32(nil, w)
		body = append(binary.BigEndian.AppendUint32(body, h), depth, colour, 0, 0, 0)
		o := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", body)...)
		o = append(o, pngChunk("IDAT", []byte{0x78, 0x9c, 3})...)
		return append(o, pngChunk("IEND", nil)...)
	}
	frame := func(w, h uint16) []byte { // a small JPEG that claims another size
		o := bytes.Clone(photo)
		at := bytes.Index(o, []byte{0xff, 0xc0})
		binary.BigEndian.PutUint16(o[at+5:], h)
		binary.BigEndian.PutUint16(o[at+7:], w)
		return o
	}
	screen := func(w, h uint16) []byte {
		o := asGIF(t, five())
		binary.LittleEndian.PutUint16(o[6:], w)
		binary.LittleEndian.PutUint16(o[8:], h)
		return o
	}
	webp := asWebP(five())
	largest := bytes.Clone(webp)
	largest[21], largest[22], largest[23], largest[24] = 0xff, 0xff, 0xff, 0x0f // 16,384²
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"nothing", nil, nothing},
		{"zero bytes of content", make([]byte, 5000), kind},
		{"one byte", []byte{0xff}, kind},
		{"text", []byte("the digit is 5"), kind},
		{"a page with a script", []byte("<html><script>alert(1)</script>"), kind},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), kind},
		{"an SVG with a declaration", []byte(`<?xml version="1.0"?><svg/>`), kind},
		{"a TIFF", tiff(1), kind},
		{"a BMP", append([]byte("BM"), make([]byte, 100)...), kind},
		{"a PDF", []byte("%PDF-1.7"), kind},
		{"an archive", []byte("PK\x03\x04"), kind},
		{"an AVIF", []byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avif"), kind},
		{"an iPhone's HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), heic},
		{"a HEIF whose major brand is general", []byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"), heic},
		{"a box cut off", []byte("\x00\x00\x00\xffftyp"), kind},
		{"a PNG's magic bytes alone", []byte("\x89PNG\r\n\x1a\n"), broken},
		{"a JPEG's magic bytes alone", []byte("\xff\xd8\xff"), broken},
		{"a GIF's magic bytes alone", []byte("GIF89a"), broken},
		{"a WebP's magic bytes alone", []byte("RIFF\x04\x00\x00\x00WEBPVP8 "), broken},
		{"a WebP with more than the file", webp[:60], broken},
		{"a PNG of 50,000²", huge(50_000, 50_000, 8, 2), pixels},
		{"a PNG of 2³¹-1 by 2³¹-1", huge(1<<31-1, 1<<31-1, 16, 6), pixels},
		{"a PNG of 2³² columns", huge(1<<32-1, 10, 8, 0), broken},
		{"a PNG of no columns", huge(0, 10, 8, 0), broken},
		{"a PNG of a million by one pixel and no data", huge(1_000_000, 1, 8, 0), broken},
		{"a PNG one pixel over the limit", huge(25_000_001, 1, 8, 0), pixels},
		{"a PNG of 16 bits a channel over the memory", huge(3000, 3000, 16, 6), pixels},
		{"a PNG of a wrong depth", huge(10, 10, 7, 0), broken},
		{"a PNG whose header is not first", append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IDAT", nil)...), broken},
		{"a PNG without data", append(bytes.Clone(drawing[:33]), pngChunk("IEND", nil)...), broken},
		{"a PNG with a chunk of 4 GB", append(bytes.Clone(drawing[:33]), "\xff\xff\xff\xfftEXt"...), broken},
		{"a PNG with a broken checksum", flipped(drawing, len(drawing)/2), broken},
		{"a JPEG of 65,535²", frame(65_535, 65_535), pixels},
		{"a JPEG of no rows", frame(100, 0), broken},
		{"a JPEG of no columns", frame(0, 100), broken},
		{"a JPEG with more rows than data", frame(4000, 4000), broken},
		{"a progressive JPEG of 5,000 scans", withScans(t, 64, 64, 5000), scans},
		{"a progressive JPEG of 65 scans", withScans(t, 64, 64, 65), scans},
		{"a progressive JPEG over the memory", withScans(t, 4000, 3500, 1), pixels},
		{"a JPEG coded arithmetically", bytes.Replace(photo, []byte{0xff, 0xc0}, []byte{0xff, 0xc9}, 1), kind},
		{"a lossless JPEG", bytes.Replace(photo, []byte{0xff, 0xc0}, []byte{0xff, 0xc3}, 1), kind},
		{"a JPEG with two frames", twice(photo, 0xc0), broken},
		{"a GIF of 65,535²", screen(65_535, 65_535), pixels},
		{"a GIF whose frame is larger than its screen", screen(20, 20), broken},
		{"a WebP of 16,384²", largest, pixels},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pic, err := harmless(t, tt.content)
			if got := keyOf(t, err); got != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
			if (pic == nil) != (err != nil) {
				t.Errorf("got picture %v with error %v", pic != nil, err)
			}
		})
	}
}

// harmless prepares content and holds it to the promises for any file: 3 s, and 96 MiB.
func harmless(t *testing.T, content []byte) (*cifra.Picture, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pic, err := patient().Prepare(ctx, content)
	runtime.ReadMemStats(&after)
	// All that was allocated, though some of it was freed on the way: the growth is less.
	if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(96<<20); got > limit {
		t.Errorf("got %d MiB allocated, want %d at most", got>>20, limit>>20)
	}
	return pic, err
}

func flipped(content []byte, at int) []byte {
	o := bytes.Clone(content)
	o[at] ^= 0x55
	return o
}

// twice repeats a JPEG's segment.
func twice(content []byte, marker byte) []byte {
	at := bytes.Index(content, []byte{0xff, marker})
	n := 2 + int(binary.BigEndian.Uint16(content[at+2:]))
	o := bytes.Clone(content[:at+n])
	return append(append(o, content[at:at+n]...), content[at+n:]...)
}

func TestTooManyBytes(t *testing.T) {
	content := append(asPNG(t, five()), make([]byte, prep.MaxBytes)...)
	_, err := prep.Prepare(t.Context(), content[:prep.MaxBytes+1])
	if got, want := keyOf(t, err), "too-large error.file.large"; got != want {
		t.Errorf("one byte past the limit: got %q, want %q", got, want)
	}
	if _, err := prep.Prepare(t.Context(), content[:prep.MaxBytes]); err != nil {
		t.Errorf("at the limit: got %v, want none", err)
	}
}

func TestRefusalsNameTheirLimits(t *testing.T) {
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"bytes", make([]byte, prep.MaxBytes+1), "map[Limit:8]"},
		{"pixels", asPNG(t, image.NewPaletted(image.Rect(0, 0, 25_000_001, 1), greys(nil)[:2])), "map[Height:1 MaxMegapixels:25 Width:25000001]"},
	}
	for _, tt := range tests {
		_, err := prep.Prepare(t.Context(), tt.content)
		var e *cifra.Error
		if !errors.As(err, &e) {
			t.Fatalf("%s: got %v, want a cifra.Error", tt.name, err)
		}
		if got := strings.TrimSpace(fmt.Sprint(e.Values)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}
