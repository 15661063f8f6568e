package synth

import "math"

// layer is how much of each pixel ink covers, 0 to 1.
type layer struct {
	w, h int
	c    []float32
}

func newLayer(w, h int) *layer { return &layer{w: w, h: h, c: make([]float32, w*h)} }

// Placing says where on a picture a glyph lies.
type Placing struct {
	X, Y  float64 // of its middle, pixels
	Size  float64 // of its longer side, pixels, without the pen's width
	Width float64 // of the pen, pixels
}

// draw covers what a round pen passes, with soft edges one pixel wide.
func (l *layer) draw(g Glyph, at Placing) {
	for _, s := range g.Strokes {
		for i := range s {
			a, b := s[max(0, i-1)], s[i]
			l.capsule(at.X+a.X*at.Size, at.Y+a.Y*at.Size, a.Press*at.Width/2,
				at.X+b.X*at.Size, at.Y+b.Y*at.Size, b.Press*at.Width/2)
		}
	}
}

// capsule covers a segment whose radius changes from ra to rb.
func (l *layer) capsule(ax, ay, ra, bx, by, rb float64) {
	reach := max(ra, rb) + 1
	x0, x1 := max(0, int(min(ax, bx)-reach)), min(l.w-1, int(max(ax, bx)+reach)+1)
	y0, y1 := max(0, int(min(ay, by)-reach)), min(l.h-1, int(max(ay, by)+reach)+1)
	dx, dy := bx-ax, by-ay
	long := dx*dx + dy*dy
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			px, py := float64(x)+.5-ax, float64(y)+.5-ay
			t := 0.
			if long > 0 {
				t = max(0, min(1, (px*dx+py*dy)/long))
			}
			px, py = px-t*dx, py-t*dy
			c := ra + (rb-ra)*t + .5 - math.Sqrt(px*px+py*py)
			if c <= 0 {
				continue
			}
			if p := &l.c[y*l.w+x]; *p < 1 {
				*p = max(*p, float32(min(1, c)))
			}
		}
	}
}
