package prep

import (
	"cmp"
	"math"
	"slices"

	"cifra"
)

// ruledLine is y = b + slope·(x - w/2), found from border to border.
type ruledLine struct {
	slope, b float64
	cover    float64 // share of it that is a ridge, times the root of how much of it lies in the picture
}

// at returns the line's row at column x of a picture w wide.
func (l ruledLine) at(x, w int) int {
	return int(math.Floor(l.b + l.slope*(float64(x)-float64(w)/2) + .5))
}

// rule finds ruled and squared lines and subtracts them. Where nothing dark reaches the border there are none.
func (s *scene) rule(pic *cifra.Picture, see viewer) {
	if s.even && !s.touchesBorder() {
		return
	}
	level := max(2*s.sigma, .012)
	turned := transposed(s.dark, s.w, s.h)
	var across, down []ruledLine
	together(
		func() { across = findLines(s.dark, s.w, s.h, level) },
		func() { down = findLines(turned, s.h, s.w, level) },
	)
	if len(across)+len(down) == 0 {
		return
	}
	squared := len(across)+len(down) >= 3
	r := remover{level: level, ink: max(3.5*s.sigma, .03), squared: squared}
	r.remove(s.dark, s.w, s.h, across)
	turned = transposed(s.dark, s.w, s.h)
	r.remove(turned, s.h, s.w, down)
	s.dark = transposed(turned, s.h, s.w)
	if s.lines = r.removed; s.lines > 0 {
		pic.Steps = append(pic.Steps, cifra.StepLines)
		see.plane("lines removed", s.dark, s.w, s.h, 1)
	}
}

// touchesBorder reports whether any ink lies at the picture's border.
func (s *scene) touchesBorder() bool {
	const ink = .03
	last := len(s.dark) - s.w
	for x := range s.w {
		if s.dark[x] > ink || s.dark[last+x] > ink {
			return true
		}
	}
	for y := range s.h {
		if s.dark[y*s.w] > ink || s.dark[y*s.w+s.w-1] > ink {
			return true
		}
	}
	return false
}

// findLines finds straight ridges that run from border to border, within 0.24 of level: at most 30, none nearer to
// another than a line's width.
func findLines(d []float32, w, h int, level float32) []ruledLine {
	ridge := ridges(d, w, h, level)
	var found []ruledLine
	for i := -16; i <= 16; i++ {
		slope := float64(i) * .015
		for b := range h {
			if l := (ruledLine{slope: slope, b: float64(b)}); l.isRuled(ridge, w, h) {
				found = append(found, l)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b ruledLine) int { return cmp.Compare(b.cover, a.cover) })
	var lines []ruledLine
	apart := max(5, float64(h)/50)
	for _, l := range found {
		if len(lines) == 30 {
			break
		}
		if !slices.ContainsFunc(lines, func(o ruledLine) bool { return l.near(o, w, apart) }) {
			lines = append(lines, l)
		}
	}
	return lines
}

// ridges marks what is darker than the rows some way above and below, and the rows next to it.
func ridges(d []float32, w, h int, level float32) []uint8 {
	m := make([]uint8, w*h)
	k := max(3, h/48)
	for y := range h {
		above, below := d[max(0, y-k)*w:], d[min(h-1, y+k)*w:]
		for x, v := range d[y*w : y*w+w] {
			if v > level && v-max(above[x], below[x]) > .6*level {
				i := y*w + x
				m[max(x, i-w)], m[i], m[min(i+w, (h-1)*w+x)] = 1, 1, 1
			}
		}
	}
	return m
}

// isRuled measures how much of l is a ridge: near both borders first, which a stroke does not reach, then in all.
func (l *ruledLine) isRuled(ridge []uint8, w, h int) bool {
	const step = 4
	margin := (max(3, w/8) + step - 1) / step * step
	right := max(margin, (w-margin)/step*step)
	a := l.ridges(ridge, w, h, 0, margin)
	if a.on*2 < a.of {
		return false
	}
	b := l.ridges(ridge, w, h, right, w)
	if b.on*2 < b.of || a.of+b.of == 0 {
		return false
	}
	mid := l.ridges(ridge, w, h, margin, right)
	on, of := a.on+b.on+mid.on, a.of+b.of+mid.of
	if of*step < w*6/10 {
		return false
	}
	l.cover = float64(on) / float64(of)
	if l.cover < .6 {
		return false
	}
	l.cover *= math.Sqrt(float64(of*step) / float64(w))
	return true
}

// tally counts places on a ridge, of all places inside the picture.
type tally struct{ on, of int }

// ridges looks at every fourth column of l from one column to another.
func (l *ruledLine) ridges(ridge []uint8, w, h, from, to int) (t tally) {
	const step = 4
	y := l.b + l.slope*(float64(from)-float64(w)/2) + .5
	for x := from; x < to; x += step {
		row := int(y)
		if y >= 0 && row < h {
			t.on += int(ridge[row*w+x])
			t.of++
		}
		y += l.slope * step
	}
	return t
}

// near reports whether two lines meet or nearly meet, in the middle or at either side.
func (l ruledLine) near(o ruledLine, w int, apart float64) bool {
	mid, tilt := l.b-o.b, (l.slope-o.slope)*float64(w)/2
	return math.Abs(mid) < apart || math.Abs(mid-tilt) < apart || math.Abs(mid+tilt) < apart
}

// remover subtracts lines from a plane of darkness.
type remover struct {
	level   float32 // ridges are darker than this
	ink     float32 // strokes are darker than this
	squared bool    // three lines or more: a page of them, so that even a dark one is no stroke
	removed int
}

func (r *remover) remove(d []float32, w, h int, lines []ruledLine) {
	if len(lines) == 0 {
		return
	}
	reach := max(3, h/90) // how far from its straight course a line may bend
	strokes := r.strokes(d, w, h)
	for _, l := range lines {
		course := r.follow(d, w, h, l, reach)
		profile := profileOf(d, w, h, course, reach)
		peak := profile[reach]
		if !r.squared && peak > .55*strokes { // one line as dark as the ink is a stroke
			continue
		}
		r.removed++
		for x, row := range course {
			for k := -reach; k <= reach; k++ {
				p, y := profile[k+reach], row+k
				if p < .2*peak || y < 0 || y >= h {
					continue
				}
				v := d[y*w+x] - p
				if v < .9*peak { // less is the line's own unevenness, more is a stroke across it
					v = 0
				}
				d[y*w+x] = v
			}
		}
	}
}

// strokes returns how dark ink is in the middle of the picture.
func (r *remover) strokes(d []float32, w, h int) float32 {
	var v []float32
	for y := h / 6; y < h-h/6; y += 2 {
		for x := w / 6; x < w-w/6; x += 2 {
			if q := d[y*w+x]; q > r.ink {
				v = append(v, q)
			}
		}
	}
	return quantile(v, .85)
}

// follow returns the line's row in each column: the straight course, moved by what is darkest nearby, piece by piece.
func (r *remover) follow(d []float32, w, h int, l ruledLine, reach int) []int {
	course := make([]int, w)
	piece := max(8, w/10)
	for from := 0; from < w; from += piece / 2 {
		best, move := float32(-1), 0
		for k := -reach; k <= reach; k++ {
			var sum float32
			n := 0
			for x := max(0, from-piece/2); x < min(w, from+piece); x++ {
				if y := l.at(x, w) + k; y >= 0 && y < h {
					sum += min(d[y*w+x], 4*r.level)
					n++
				}
			}
			if n > 0 && sum/float32(n) > best {
				best, move = sum/float32(n), k
			}
		}
		for x := from; x < min(w, from+piece/2); x++ {
			course[x] = l.at(x, w) + move
		}
	}
	return course
}

// profileOf returns the median darkness along the course, from reach above to reach below.
func profileOf(d []float32, w, h int, course []int, reach int) []float32 {
	o := make([]float32, 2*reach+1)
	v := make([]float32, 0, w)
	for k := range o {
		v = v[:0]
		for x, row := range course {
			if y := row + k - reach; y >= 0 && y < h {
				v = append(v, d[y*w+x])
			}
		}
		o[k] = max(0, quantile(v, .5))
	}
	return o
}
