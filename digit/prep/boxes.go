package prep

import (
	"cmp"
	"slices"

	"cifra"
)

// boxes returns where the digits lie in an upload of width×height: one box, or more where other pieces stand beside
// the digit in its line, about as tall and apart from it. They come in reading order.
func (s *scene) boxes(width, height int) []cifra.Box {
	groups := []piece{s.ink.box}
	main := s.ink.box
	for i := range s.ink.pieces {
		p := s.ink.pieces[i]
		if s.ink.kept[p.id] || !p.isDigitBeside(&s.ink.best, main) {
			continue
		}
		groups = append(groups, p)
	}
	groups = merged(groups)
	slices.SortFunc(groups, func(a, b piece) int { return cmp.Compare(a.x0, b.x0) })
	kx, ky := float64(width)/float64(s.w), float64(height)/float64(s.h)
	o := make([]cifra.Box, len(groups))
	for i, g := range groups {
		x, y := int(float64(g.x0)*kx), int(float64(g.y0)*ky)
		o[i] = cifra.Box{
			X: x, Y: y,
			W: max(1, min(width-x, int(float64(g.width())*kx+.5))),
			H: max(1, min(height-y, int(float64(g.height())*ky+.5))),
		}
	}
	return o
}

// isDigitBeside reports whether p is another digit in the line of the main one: the same pen, half to twice as tall,
// overlapping its rows and none of its columns.
func (p *piece) isDigitBeside(best *piece, main piece) bool {
	if p.edges > 0 || p.level < .6*best.level || p.stroke > 2.5*best.stroke+2 || p.stroke > .5*float64(p.side()) {
		return false
	}
	tall, other := main.height(), p.height()
	if 2*other < tall || other > 2*tall {
		return false
	}
	rows := min(main.y1, p.y1) - max(main.y0, p.y0)
	columns := min(main.x1, p.x1) - max(main.x0, p.x0)
	return 2*rows > min(tall, other) && columns <= 0
}

// merged joins groups that share most of their columns, such as the two strokes of one 5.
func merged(groups []piece) []piece {
	for i := 0; i < len(groups); i++ {
		for j := i + 1; j < len(groups); j++ {
			a, b := groups[i], groups[j]
			shared := min(a.x1, b.x1) - max(a.x0, b.x0) + 1
			if 2*shared > min(a.width(), b.width()) {
				groups[i] = piece{x0: min(a.x0, b.x0), y0: min(a.y0, b.y0), x1: max(a.x1, b.x1), y1: max(a.y1, b.y1)}
				groups = slices.Delete(groups, j, j+1)
				i = -1
				break
			}
		}
	}
	return groups
}
