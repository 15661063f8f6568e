package prep_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"cifra/digit/synth"
)

// five is a drawing that every test may start from.
func five() *image.RGBA { return synth.Drawing{Side: 240, Size: .6}.Image(8, 5) }

func asPNG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// asGIF encodes one or more frames.
func asGIF(tb testing.TB, frames ...image.Image) []byte {
	tb.Helper()
	var (
		b bytes.Buffer
		g gif.GIF
	)
	for _, f := range frames {
		g.Image, g.Delay = append(g.Image, paletted(f, greys(nil))), append(g.Delay, 5)
	}
	if err := gif.EncodeAll(&b, &g); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// paletted returns img with a palette of 256 entries by luminance. (To look for the nearest of them takes ten times as long.)
func paletted(img image.Image, p color.Palette) *image.Paletted {
	o := image.NewPaletted(img.Bounds(), p)
	b := o.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			o.SetColorIndex(x, y, color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
		}
	}
	return o
}

// greys is a palette of 256 greys, or of those with another alpha where alpha says so.
func greys(alpha func(level uint8) uint8) color.Palette {
	p := make(color.Palette, 256)
	for i := range p {
		c := color.NRGBA{uint8(i), uint8(i), uint8(i), 255}
		if alpha != nil {
			c.A = alpha(uint8(i))
		}
		p[i] = c
	}
	return p
}

// asWebP encodes an image of two grey levels as a lossless WebP (RFC 9649, clause 3): the subtract-green transform, so
// that red and blue are 0 throughout, and one bit a pixel for green.
func asWebP(img image.Image) []byte {
	var w bits
	b := img.Bounds()
	w.put(uint32(b.Dx()-1), 14)
	w.put(uint32(b.Dy()-1), 14)
	w.put(0, 1)                        // no alpha
	w.put(0, 3)                        // version
	w.put(1, 1)                        // a transform:
	w.put(2, 2)                        // subtract green
	w.put(0, 1)                        // no more of them
	w.put(0, 1)                        // no colour cache
	w.put(0, 1)                        // no meta prefix codes
	w.put(0b11, 2)                     // green: a simple code of two symbols
	w.put(1, 1)                        // the first of 8 bits
	w.put(20, 8)                       // ink
	w.put(250, 8)                      // paper
	single := func(symbol, n uint32) { // a simple code of one symbol
		w.put(0b01, 2)
		w.put(n, 1)
		w.put(symbol, 1+7*int(n))
	}
	single(0, 0)   // red
	single(0, 0)   // blue
	single(255, 1) // alpha
	single(0, 0)   // distance
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			g := color.GrayModel.Convert(img.At(x, y)).(color.Gray)
			v := uint32(0)
			if g.Y > 127 {
				v = 1
			}
			w.put(v, 1)
		}
	}
	data := append([]byte{0x2f}, w.bytes()...)
	if len(data)%2 == 1 {
		data = append(data, 0)
	}
	o := []byte("RIFF")
	o = binary.LittleEndian.AppendUint32(o, uint32(len(data)+12))
	o = append(o, "WEBPVP8L"...)
	o = binary.LittleEndian.AppendUint32(o, uint32(len(data)))
	return append(o, data...)
}

// bits packs numbers, lowest bit first.
type bits struct {
	out []byte
	acc uint64
	n   int
}

func (b *bits) put(v uint32, n int) {
	b.acc |= uint64(v) << b.n
	for b.n += n; b.n >= 8; b.n -= 8 {
		b.out = append(b.out, byte(b.acc))
		b.acc >>= 8
	}
}

func (b *bits) bytes() []byte { return append(b.out, byte(b.acc)) }

// segments splits a baseline JPEG of Go's encoder: tables with their markers, and the scan's data.
func segments(content []byte) (tables map[byte][]byte, scan []byte) {
	tables = map[byte][]byte{}
	for at := 2; ; {
		marker, n := content[at+1], int(binary.BigEndian.Uint16(content[at+2:]))
		if marker == 0xda {
			return tables, content[at+2+n : len(content)-2]
		}
		tables[marker] = append(tables[marker], content[at:at+2+n]...)
		at += 2 + n
	}
}

// segment builds one with its marker and length.
func segment(marker byte, body ...byte) []byte {
	o := []byte{0xff, marker}
	o = binary.BigEndian.AppendUint16(o, uint16(len(body)+2))
	return append(o, body...)
}

// asPlanes encodes each plane as a component of its own scan, with Adobe's transform 0: RGB or CMYK as they are.
func asPlanes(tb testing.TB, planes ...*image.Gray) []byte {
	tb.Helper()
	o := []byte{0xff, 0xd8}
	o = append(o, segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...)...)
	size := planes[0].Bounds().Size()
	frame := []byte{8, byte(size.Y >> 8), byte(size.Y), byte(size.X >> 8), byte(size.X), byte(len(planes))}
	for i := range planes {
		frame = append(frame, byte(i+1), 0x11, 0)
	}
	for i, p := range planes {
		tables, scan := segments(asJPEG(tb, p))
		if i == 0 {
			o = append(append(append(o, tables[0xdb]...), segment(0xc0, frame...)...), tables[0xc4]...)
		}
		o = append(append(o, segment(0xda, 1, byte(i+1), 0, 0, 63, 0)...), scan...)
	}
	return append(o, 0xff, 0xd9)
}

// withScans returns a progressive JPEG of w×h whose coefficients are refined by n scans of nearly nothing.
func withScans(tb testing.TB, w, h, n int) []byte {
	tb.Helper()
	tables, _ := segments(asJPEG(tb, image.NewGray(image.Rect(0, 0, 8, 8))))
	o := append([]byte{0xff, 0xd8}, tables[0xdb]...)
	o = append(o, segment(0xc2, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 1, 1, 0x11, 0)...)
	o = append(o, tables[0xc4]...)
	for i := range n {
		if i == 0 { // the constants: category 0 is "00" for each block
			o = append(o, segment(0xda, 1, 1, 0, 0, 0, 1)...)
			o = append(o, make([]byte, (w+7)/8*((h+7)/8)/4+1)...)
			continue
		}
		o = append(o, segment(0xda, 1, 1, 0, 1, 63, 1)...) // "end of block" for all
		for range (w+7)/8*((h+7)/8)/2 + 1 {
			o = append(o, 0xaa)
		}
	}
	return append(o, 0xff, 0xd9)
}

// pngChunk builds a chunk with its checksum.
func pngChunk(name string, body []byte) []byte {
	o := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	o = append(append(o, name...), body...)
	return binary.BigEndian.AppendUint32(o, crc32.ChecksumIEEE(o[4:]))
}

// withChunk puts a chunk behind a PNG's header.
func withChunk(content []byte, name string, body []byte) []byte {
	const header = 8 + 25
	o := append([]byte{}, content[:header]...)
	o = append(o, pngChunk(name, body)...)
	return append(o, content[header:]...)
}

// tiff is an EXIF block that holds an orientation.
func tiff(orientation uint16) []byte {
	o := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	o = binary.BigEndian.AppendUint16(o, orientation)
	return append(o, 0, 0, 0, 0, 0, 0)
}

// withEXIF puts an EXIF block behind a JPEG's first marker.
func withEXIF(content, block []byte) []byte {
	o := append([]byte{}, content[:2]...)
	o = append(o, segment(0xe1, append([]byte("Exif\x00\x00"), block...)...)...)
	return append(o, content[2:]...)
}
