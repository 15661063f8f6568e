package synth

import (
	"image"
	"math"
)

// Ink draws any glyph on the pad, as Image draws a digit.
func (d Drawing) Ink(seed uint64, g Glyph) *image.RGBA { return d.ink(seed, g.clone()) }

func (g Glyph) clone() Glyph {
	o := Glyph{Strokes: make([][]Point, len(g.Strokes))}
	for i, s := range g.Strokes {
		o.Strokes[i] = append([]Point(nil), s...)
	}
	return o
}

// Cover draws the glyph on side×side pixels and returns how much of each it covers, 0 to 1.
func (g Glyph) Cover(side int, at Placing) []float32 {
	l := newLayer(side, side)
	l.draw(g, at)
	return l.c
}

// Box returns where a glyph lies on the photograph, in pixels, with the pen's width. It is empty where g is.
func (s *Scene) Box(g Glyph) image.Rectangle {
	short, lens := float64(min(s.Width, s.Height)), s.camera.lens()
	sin, cos := math.Sincos(s.writing.turn)
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, stroke := range g.Strokes {
		for _, p := range stroke {
			x, y := cos*p.X-sin*p.Y, sin*p.X+cos*p.Y
			x, y = lens.project(s.writing.x+x*s.writing.size, s.writing.y+y*s.writing.size)
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
		}
	}
	if x0 > x1 {
		return image.Rectangle{}
	}
	r := s.pen.width * s.writing.size / 2
	at := func(v float64, side int) int { return int(math.Round(v*short + float64(side)/2)) }
	return image.Rect(at(x0-r, s.Width), at(y0-r, s.Height), at(x1+r, s.Width), at(y1+r, s.Height))
}
