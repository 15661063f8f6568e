package prep

import "slices"

// resize resamples a plane: by area where both sides shrink, bilinear otherwise.
func resize(s []float32, w, h, nw, nh int) []float32 {
	if nw == w && nh == h {
		return slices.Clone(s)
	}
	if nw <= w && nh <= h {
		return shrinkDown(shrinkAcross(s, w, h, nw), nw, h, nh)
	}
	return enlargeTo(s, w, h, nw, nh)
}

// span is the part of a line that one new pixel covers.
type span struct {
	from, to    int // whole or part pixels [from, to)
	first, last float32
	k           float32 // 1 / length
}

func spanOf(i, n, of int) span {
	ratio := float64(of) / float64(n)
	a, b := float64(i)*ratio, float64(i+1)*ratio
	s := span{from: int(a), to: min(of, int(b)), k: float32(1 / ratio)}
	s.first = float32(float64(s.from+1) - a)
	s.last = float32(b - float64(s.to))
	if s.last > 1e-6 && s.to < of {
		s.to++
	} else {
		s.last = 1
	}
	if s.to-s.from == 1 { // inside one pixel
		s.first, s.k = 1, 1
	}
	return s
}

// weight of pixel i inside s.
func (s *span) weight(i int) float32 {
	switch i {
	case s.from:
		return s.first * s.k
	case s.to - 1:
		return s.last * s.k
	}
	return s.k
}

func shrinkAcross(s []float32, w, h, nw int) []float32 {
	if nw == w {
		return s
	}
	spans := spansOf(nw, w)
	o := make([]float32, nw*h)
	blank := -1 // the last row of one level
	for y := range h {
		row, to := s[y*w:y*w+w], o[y*nw:y*nw+nw]
		flat := isFlat(row)
		if flat && blank >= 0 && s[blank*w] == row[0] { // most of a drawing is paper
			copy(to, o[blank*nw:blank*nw+nw])
			continue
		}
		shrinkRow(row, to, spans)
		if flat {
			blank = y
		}
	}
	return o
}

// isFlat reports whether a row has one level.
func isFlat(row []float32) bool {
	level := row[0]
	for _, v := range row {
		if v != level {
			return false
		}
	}
	return true
}

func spansOf(n, of int) []span {
	o := make([]span, n)
	for i := range o {
		o[i] = spanOf(i, n, of)
	}
	return o
}

// shrinkRow averages one row.
func shrinkRow(row, to []float32, spans []span) {
	spans = spans[:len(to)]
	for x := range to {
		sp := &spans[x]
		part := row[sp.from:sp.to]
		sum := part[0] * sp.first
		if last := len(part) - 1; last > 0 {
			sum += part[last] * sp.last
			for _, v := range part[1:last] {
				sum += v
			}
		}
		to[x] = sum * sp.k
	}
}

func shrinkDown(s []float32, w, h, nh int) []float32 {
	o := make([]float32, w*nh)
	for y := range nh {
		sp := spanOf(y, nh, h)
		to := o[y*w : y*w+w]
		for yy := sp.from; yy < sp.to; yy++ {
			k := sp.weight(yy)
			for x, v := range s[yy*w : yy*w+w] {
				to[x] += k * v
			}
		}
	}
	return o
}

func enlargeTo(s []float32, w, h, nw, nh int) []float32 {
	type tap struct {
		a, b int
		t    float32
	}
	taps := func(n, of int) []tap {
		o := make([]tap, n)
		for i := range o {
			f := (float64(i)+.5)*float64(of)/float64(n) - .5
			f = max(0, min(float64(of-1), f))
			a := int(f)
			o[i] = tap{a, min(a+1, of-1), float32(f - float64(a))}
		}
		return o
	}
	across, down := taps(nw, w), taps(nh, h)
	o := make([]float32, nw*nh)
	line := make([]float32, w)
	for y, d := range down {
		top, bottom := s[d.a*w:d.a*w+w], s[d.b*w:d.b*w+w]
		for x := range line {
			line[x] = top[x] + (bottom[x]-top[x])*d.t
		}
		to := o[y*nw : y*nw+nw]
		for x := range to {
			t := &across[x]
			to[x] = line[t.a] + (line[t.b]-line[t.a])*t.t
		}
	}
	return o
}
