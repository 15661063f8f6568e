package synth

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// PadInk is the colour of the page's pad.
var PadInk = color.RGBA{0x1b, 0x1a, 0x17, 0xff}

// Drawing is a digit on the page's pad: a round pen 1/14 of the side wide, on white.
type Drawing struct {
	Side  int     // pixels, both sides; 0 is 280
	Pen   float64 // factor on the pen's width; 0 is 1
	Size  float64 // of the digit, share of the side; 0 is by the seed, 0.5 to 0.75
	X, Y  float64 // of its middle away from the pad's, share of the side
	Style Style
}

// Image draws a digit.
func (d Drawing) Image(seed uint64, class int) *image.RGBA {
	return d.ink(seed, Digit(seed, class, d.Style))
}

// PNG draws a digit and encodes it as the pad does.
func (d Drawing) PNG(seed uint64, class int) ([]byte, error) {
	return encodePNG(d.Image(seed, class))
}

func encodePNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encode drawing: %w", err)
	}
	return b.Bytes(), nil
}

// ink draws a glyph on the pad.
func (d Drawing) ink(seed uint64, g Glyph) *image.RGBA {
	r := newSource(seed, 1<<32)
	side := d.Side
	if side == 0 {
		side = 280
	}
	size := d.Size
	if size == 0 {
		size = r.between(.5, .75)
	}
	pen := 1.
	if d.Pen > 0 {
		pen = d.Pen
	}
	for _, s := range g.Strokes { // a pointer knows little of pressure
		for i := range s {
			s[i].Press = .7 + .3*s[i].Press
		}
	}
	l := newLayer(side, side)
	s := float64(side)
	l.draw(g, Placing{
		X: s * (.5 + d.X + r.normal(.02)), Y: s * (.5 + d.Y + r.normal(.02)),
		Size: size * s, Width: pen * s / 14,
	})
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i, c := range l.c {
		p := img.Pix[4*i : 4*i+4]
		p[0], p[1], p[2], p[3] = over(PadInk.R, c), over(PadInk.G, c), over(PadInk.B, c), 255
	}
	return img
}

// over lays ink that covers a share c of a pixel on white.
func over(ink uint8, c float32) uint8 { return uint8(255 - (255-float32(ink))*c + .5) }
