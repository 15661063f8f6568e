package prep

import (
	"cmp"
	"slices"

	"cifra"
)

// glyph is one digit of the picture: the pieces that make it, and the box around them.
type glyph struct {
	ids map[int32]bool
	box piece // x0 to y1 only
}

// maxGlyphs bounds the digits of a line.
const maxGlyphs = 12

// glyphs returns the digits in reading order: one, or more where other pieces stand beside the main one in its line.
func (s *scene) glyphs() []glyph {
	main := glyph{ids: s.ink.kept, box: s.ink.box}
	o := []glyph{main}
	for i := range s.ink.pieces {
		p := &s.ink.pieces[i]
		if len(o) < maxGlyphs && !main.ids[p.id] && p.isDigitBeside(&s.ink.best, &main.box) {
			o = append(o, glyph{ids: map[int32]bool{p.id: true}, box: *p})
		}
	}
	o = merged(o)
	slices.SortFunc(o, func(a, b glyph) int { return cmp.Compare(a.box.x0, b.box.x0) })
	return o
}

// isDigitBeside reports whether p is another digit in the line of the main one: the same pen, about as tall, in its
// rows, in few of its columns at most, and not far away.
func (p *piece) isDigitBeside(best, main *piece) bool {
	if p.edges > 0 || p.mass < .15*best.mass || p.level < .6*best.level || p.level > 1.6*best.level {
		return false
	}
	if p.stroke > 2*best.stroke+1 || best.stroke > 2*p.stroke+1 || p.stroke > .4*float64(p.side()) {
		return false
	}
	tall, other := main.height(), p.height()
	if 5*other < 3*tall || 5*tall < 3*other || p.width() > 2*other {
		return false
	}
	rows := min(main.y1, p.y1) - max(main.y0, p.y0)
	gap := max(main.x0, p.x0) - min(main.x1, p.x1)
	if 4*min(tall, other) >= 3*max(tall, other) { // as tall: it may lean over the main one
		gap += min(main.width(), p.width()) / 4
	}
	return 2*rows > min(tall, other) && gap >= 0 && gap < maxGlyphs*tall
}

// merged joins glyphs that share most of their columns, such as the two strokes of one 5.
func merged(o []glyph) []glyph {
	for i := 0; i < len(o); i++ {
		for j := i + 1; j < len(o); j++ {
			a, b := &o[i].box, &o[j].box
			shared := min(a.x1, b.x1) - max(a.x0, b.x0) + 1
			if 2*shared <= min(a.width(), b.width()) {
				continue
			}
			both := glyph{ids: map[int32]bool{}, box: a.around(b)}
			for _, g := range []glyph{o[i], o[j]} {
				for id := range g.ids {
					both.ids[id] = true
				}
			}
			o[i] = both
			o = slices.Delete(o, j, j+1)
			i = -1 // the larger one may meet others
			break
		}
	}
	return o
}

// inUpload returns the glyph's box in the pixels of an upload of width×height.
func (s *scene) inUpload(g glyph, width, height int) cifra.Box {
	kx, ky := (1-2*s.left)*float64(width)/float64(s.w), (1-2*s.top)*float64(height)/float64(s.h)
	x := min(width-1, int(s.left*float64(width)+float64(g.box.x0)*kx))
	y := min(height-1, int(s.top*float64(height)+float64(g.box.y0)*ky))
	return cifra.Box{
		X: x, Y: y,
		W: max(1, min(width-x, int(float64(g.box.width())*kx+.5))),
		H: max(1, min(height-y, int(float64(g.box.height())*ky+.5))),
	}
}
