package prep

import (
	"math"
	"slices"
)

// piece is a connected piece of ink (eight neighbours), and what was measured of it.
type piece struct {
	id             int32
	n              int // pixels
	x0, y0, x1, y1 int // inclusive
	rim            int // pixels at the picture's border
	mass           float64
	level          float32 // darkness of its ink, 85th percentile
	edges          int     // of the picture's four that it touches
	stroke         float64 // width, pixels
	score          float64 // how likely it is the digit
}

func (p *piece) width() int  { return p.x1 - p.x0 + 1 }
func (p *piece) height() int { return p.y1 - p.y0 + 1 }
func (p *piece) side() int   { return max(p.width(), p.height()) }

// maxPieces bounds what is measured: a textured picture has thousands of specks.
const maxPieces = 60

// largestPieces keeps the maxPieces with the most pixels.
func largestPieces(pieces []piece) []piece {
	if len(pieces) <= maxPieces {
		return pieces
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return b.n - a.n })
	return pieces[:maxPieces]
}

// measure fills in everything but the counts of each piece, of those that l found in d.
func (l *labels) measure(d []float32, pieces []piece, w, h int) {
	var values []float32
	for k := range pieces {
		p := &pieces[k]
		values = values[:0]
		step, seen, outline := max(1, p.n/400), 0, 0
		var sx, sy float64
		for _, r := range l.of(p) {
			line := d[r.y*w+r.x0 : r.y*w+r.x1]
			for x, v := range line {
				mass := float64(v)
				p.mass += mass
				sx += mass * float64(r.x0+x)
				sy += mass * float64(r.y)
				if seen == 0 {
					values = append(values, v)
				}
				if seen++; seen == step {
					seen = 0
				}
			}
			outline += l.outline(r, w, h)
		}
		p.level = quantile(values, .85)
		p.stroke = 2 * float64(p.n) / float64(max(1, outline))
		for _, touches := range []bool{p.x0 <= 1, p.y0 <= 1, p.x1 >= w-2, p.y1 >= h-2} {
			if touches {
				p.edges++
			}
		}
		// Where it is: the middle between its box's centre and its mass's.
		cx := (sx/p.mass + float64(p.x0+p.x1)/2) / 2 / float64(w)
		cy := (sy/p.mass + float64(p.y0+p.y1)/2) / 2 / float64(h)
		p.score = p.rate(cx-.5, cy-.5, w, h)
	}
}

// outline returns how many of a run's pixels have a neighbour, above, below or beside them, that isn't ink. What touches a
// piece belongs to it, so that any number will do.
func (l *labels) outline(r run, w, h int) int {
	if r.y == 0 || r.y == h-1 || r.x1-r.x0 <= 2 {
		return r.x1 - r.x0
	}
	from, to := r.y*w+r.x0+1, r.y*w+r.x1-1
	above, below := l.ids[from-w:to-w], l.ids[from+w:to+w]
	below = below[:len(above)]
	n := 2 // both ends
	for x, id := range above {
		if id == 0 || below[x] == 0 {
			n++
		}
	}
	return n
}

// rate says how likely p is the digit: dark mass near the middle, away from the border, neither a bar along it nor a
// speck. The scale is a logarithm; the weights were fitted by hand on photographs.
func (p *piece) rate(cx, cy float64, w, h int) float64 {
	width, height := float64(p.width()), float64(p.height())
	s := .7*math.Log(p.mass+1e-6) + .5*math.Log(float64(max(p.level, 1e-6))) - 5*(cx*cx+cy*cy)
	s -= [...]float64{0, 1.5, 2.5, 3.5, 3.5}[p.edges]
	if p.edges > 0 { // much of it runs along the border: a page's edge, a shadowed corner
		s -= 6 * float64(p.rim) / (2 * (width + height))
	}
	lying := width > .85*float64(w) && height < .08*float64(h)
	standing := height > .85*float64(h) && width < .06*float64(w) && p.edges >= 2
	if lying || standing { // what is left of a ruled line
		s -= 3
	}
	if speck := .1 * float64(max(w, h)); float64(p.side()) < speck {
		s -= 2 * (1 - float64(p.side())/speck)
	}
	if p.stroke > .45*float64(p.side()) { // a blot
		s--
	}
	return s
}

// bestOf returns the piece with the highest score; pieces may not be empty.
func bestOf(pieces []piece) piece {
	return slices.MaxFunc(pieces, func(a, b piece) int {
		switch {
		case a.score < b.score:
			return -1
		case a.score > b.score:
			return 1
		}
		return 0
	})
}
