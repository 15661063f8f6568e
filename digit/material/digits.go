package material

import (
	"context"
	"image"
	"slices"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// specimen is one picture after its preparation, with what is known of how it was drawn.
type specimen struct {
	view  []byte
	label byte
	boxes []cifra.Box     // that the preparation found; none of a sketch
	box   image.Rectangle // where the ink is; empty where that doesn't matter
	frame image.Rectangle // the upload; empty of a sketch
}

// tracedShare is how many of the digits to write are MNIST's; the others come from the generator of strokes.
const tracedShare = .55

// draw makes one picture of a kind.
func draw(ctx context.Context, r source, kind Kind, set idx.Set) (specimen, error) {
	var g synth.Glyph
	label, whole := byte(digit.NotDigit), false
	if kind.isOther() {
		g, whole = other(r, set, kind == OtherPhotographs)
	} else {
		g, label = written(r, set, tracedShare)
		whole = true
	}
	s := specimen{label: label}
	var img image.Image
	switch kind {
	case Sketches, OtherSketches:
		s.view = sketch(r, g)
		return s, nil
	case Photographs, OtherPhotographs:
		img, s.box = photograph(r, g, trainingSide(r))
	case Drawings, OtherDrawings:
		img, s.box = drawing(r, g)
	case Smalls:
		img, whole = small(r, g), false
	}
	if !whole {
		s.box = image.Rectangle{}
	}
	p, err := prep.Image(ctx, img)
	if err != nil {
		return s, err
	}
	s.view, s.boxes, s.frame = p.Views[:cifra.Pixels], p.Boxes, img.Bounds()
	return s, nil
}

// trainingSide is the long side of a photograph to train on. The preparation works at 200 to 384 pixels, and small ones
// cost a third of large ones.
func trainingSide(r source) int {
	if r.chance(.15) {
		return 384
	}
	return int(r.between(204, 264))
}

// photograph takes a picture of a glyph in a scene of any kind, and says where it lies.
func photograph(r source, g synth.Glyph, side int) (*image.RGBA, image.Rectangle) {
	kinds := synth.Kinds()
	kind := kinds[r.IntN(len(kinds))]
	s := synth.NewScene(r.Uint64(), kind)
	long := max(s.Width, s.Height)
	if kind == synth.Cell {
		side = int(r.scale(44, 220))
	}
	s.Width, s.Height = s.Width*side/long, s.Height*side/long
	return s.Image(r.Uint64(), g), s.Box(g)
}

// drawing draws a glyph on the pad with any pen, at any size and place.
func drawing(r source, g synth.Glyph) (*image.RGBA, image.Rectangle) {
	d := synth.Drawing{Side: 280, Size: r.between(.4, .85), Pen: r.scale(.5, 2.4)}
	switch {
	case r.chance(.2): // small
		d.Size = r.scale(.1, .4)
		d.Pen = r.scale(.3, 1.2)
	case r.chance(.6): // a smaller picture of the same
		d.Side = 140 + 20*r.IntN(5)
	}
	d.Pen = min(d.Pen, 4*d.Size, max(.3, 14*d.Size*openPen(g)))
	free := max(0, .94-d.Size-d.Pen/14-.1) / 2
	d.X, d.Y = r.between(-free, free), r.between(-free, free)
	img := d.Ink(r.Uint64(), g)
	return img, inkBox(img)
}

// inkBox returns the box around what isn't white.
func inkBox(img *image.RGBA) image.Rectangle {
	var o image.Rectangle
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if img.Pix[img.PixOffset(x, y)] < 140 {
				o = o.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return o
}

// sketch writes a glyph with any pen, as the preparation leaves it: gaps, remains of a ruled line, grain.
func sketch(r source, g synth.Glyph) []byte {
	const side, size = 132, 88
	pen := r.scale(.03, .24) * size
	at := synth.Placing{X: side / 2, Y: side / 2, Size: size, Width: pen}
	if r.chance(.1) {
		g = withRemains(r, g)
	}
	cover := g.Cover(side, at)
	ink := make([]bool, len(cover))
	grain := 0.
	if r.chance(.12) {
		grain = r.between(.02, .2)
	}
	for i, c := range cover {
		ink[i] = c > .5 && (grain == 0 || r.Float64() >= grain)
	}
	if r.chance(.15) && pen < 12 {
		for range 1 + r.IntN(2) {
			gap(r, ink, side, pen)
		}
	}
	return prep.Strokes(ink, side, side)
}

// withRemains adds what is left of a ruled line.
func withRemains(r source, g synth.Glyph) synth.Glyph {
	x0, y0, long, slope := r.between(-.6, .2), r.between(-.55, .55), r.between(.12, .4), r.between(-.04, .04)
	line := []synth.Point{{X: x0, Y: y0, Press: .5}, {X: x0 + long, Y: y0 + slope, Press: .5}}
	if r.chance(.4) {
		for i := range line {
			line[i].X, line[i].Y = line[i].Y, line[i].X
		}
	}
	return synth.Glyph{Strokes: append(slices.Clip(g.Strokes), line)}
}

// gap takes the ink away around one of its pixels.
func gap(r source, ink []bool, side int, pen float64) {
	at := -1
	for range 400 {
		if i := r.IntN(len(ink)); ink[i] {
			at = i
			break
		}
	}
	if at < 0 {
		return
	}
	radius := int(pen/2 + r.between(.5, 3))
	for y := max(0, at/side-radius); y <= min(side-1, at/side+radius); y++ {
		for x := max(0, at%side-radius); x <= min(side-1, at%side+radius); x++ {
			dx, dy := x-at%side, y-at/side
			if dx*dx+dy*dy <= radius*radius {
				ink[y*side+x] = false
			}
		}
	}
}

// isWhole reports whether the preparation found what was drawn, all of it and nothing else, so that the label is true
// of the view.
func (s specimen) isWhole() bool {
	found := image.Rectangle{}
	for i, v := range s.view {
		if v >= 100 {
			found = found.Union(image.Rect(i%cifra.Side, i/cifra.Side, i%cifra.Side+1, i/cifra.Side+1))
		}
	}
	if found.Empty() {
		return false
	}
	if s.label == digit.NotDigit && isBar(found) {
		return false // an upright bar is a 1, whatever it was
	}
	if s.box.Empty() {
		return true
	}
	if len(s.boxes) != 1 || area(s.box.Intersect(s.frame)) < area(s.box)*95/100 {
		return false
	}
	b := s.boxes[0]
	got := image.Rect(b.X, b.Y, b.X+b.W, b.Y+b.H)
	both := area(got.Intersect(s.box))
	// The pen's edge fades, and a thin box loses much of its area by that: so a pixel or two are allowed for.
	return both*100 >= 62*(area(got)+area(s.box)-both) || near(got, s.box)
}

func isBar(found image.Rectangle) bool { return found.Dx() <= 7 && found.Dy() >= 15 }

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// near reports whether no side of two boxes is further apart than a sixteenth of the longer side, or two pixels.
func near(a, b image.Rectangle) bool {
	limit := max(2, max(b.Dx(), b.Dy())/16)
	for _, d := range [...]int{a.Min.X - b.Min.X, a.Min.Y - b.Min.Y, a.Max.X - b.Max.X, a.Max.Y - b.Max.Y} {
		if d > limit || d < -limit {
			return false
		}
	}
	return true
}
