package prep

import "slices"

// boxBlur returns the mean over a square of 2r+1, clipped at the border.
func boxBlur(s []float32, w, h, r int) []float32 {
	if r <= 0 {
		return slices.Clone(s)
	}
	across := make([]float32, w*h)
	for y := range h {
		row, to := s[y*w:y*w+w], across[y*w:y*w+w]
		var sum float32
		n := min(r, w)
		for _, v := range row[:n] {
			sum += v
		}
		for x := range to {
			if x+r < w {
				sum += row[x+r]
				n++
			}
			if x-r-1 >= 0 {
				sum -= row[x-r-1]
				n--
			}
			to[x] = sum / float32(n)
		}
	}
	o := make([]float32, w*h)
	sum := make([]float32, w)
	n := min(r, h)
	for i, v := range across[:n*w] {
		sum[i%w] += v
	}
	for y := range h {
		if y+r < h {
			n++
			for x, v := range across[(y+r)*w : (y+r)*w+w] {
				sum[x] += v
			}
		}
		if y-r-1 >= 0 {
			n--
			for x, v := range across[(y-r-1)*w : (y-r-1)*w+w] {
				sum[x] -= v
			}
		}
		k := 1 / float32(n)
		to := o[y*w : y*w+w]
		for x := range to {
			to[x] = sum[x] * k
		}
	}
	return o
}

// smooth returns s under the kernel 1 2 1 in both directions.
func smooth(s []float32, w, h int) []float32 {
	o := make([]float32, w*h)
	lines := make([]float32, 3*w) // three rows that were smoothed across, of which the oldest makes room
	up, mid, down := lines[:w], lines[w:2*w], lines[2*w:]
	smoothAcross(s[:w], mid)
	copy(up, mid)
	same := 2 // how many rows from the one above on have one level, all the same: most of a drawing is paper
	if !isFlat(s[:w]) {
		same = 0
	}
	for y := range h {
		switch next := s[min(y+1, h-1)*w:][:w]; {
		case y+1 == h:
			copy(down, mid)
			same++
		case same > 0 && next[0] == s[y*w] && isFlat(next):
			copy(down, mid)
			same++
		default:
			smoothAcross(next, down)
			same = 0
			if isFlat(next) {
				same = 1
			}
		}
		to := o[y*w : y*w+w]
		if same > 3 { // the row above came of the same three
			copy(to, o[(y-1)*w:y*w])
			up, mid, down = mid, down, up
			continue
		}
		u, m, d := up[:len(to)], mid[:len(to)], down[:len(to)]
		for x := range to {
			to[x] = .25*(u[x]+d[x]) + .5*m[x]
		}
		up, mid, down = mid, down, up
	}
	return o
}

func smoothAcross(row, to []float32) {
	w := len(row)
	if w < 3 {
		copy(to, row)
		return
	}
	to = to[:w]
	to[0] = .75*row[0] + .25*row[1]
	to[w-1] = .75*row[w-1] + .25*row[w-2]
	left, mid, right := row[:w-2], row[1:w-1], row[2:]
	mid, right = mid[:len(left)], right[:len(left)]
	inner := to[1 : w-1][:len(left)]
	for x, l := range left {
		inner[x] = .25*(l+right[x]) + .5*mid[x]
	}
}

// largest returns the maximum over a square of 2r+1 clipped at the border, by windows that double: after k rounds
// each place holds the maximum of the 2^k from it on, and two such windows make any width.
func largest(s []float32, w, h, r int) []float32 {
	across := make([]float32, w*h)
	line := make([]float32, w+2*r)
	for y := range h {
		for i := range r {
			line[i], line[w+r+i] = least, least
		}
		copy(line[r:], s[y*w:y*w+w])
		k, window := 1, 2*r+1
		for ; 2*k <= window; k *= 2 {
			maxInto(line[:len(line)-k], line[k:])
		}
		to := across[y*w : y*w+w]
		copy(to, line)
		maxInto(to, line[window-k:])
	}
	// Down, a whole row at a time, so that memory is walked in order.
	padded := make([]float32, (h+2*r)*w)
	for i := range r * w {
		padded[i], padded[len(padded)-1-i] = least, least
	}
	copy(padded[r*w:], across)
	k, window := 1, 2*r+1
	for ; 2*k <= window; k *= 2 {
		maxInto(padded[:len(padded)-k*w], padded[k*w:])
	}
	copy(across, padded)
	maxInto(across, padded[(window-k)*w:])
	return across
}

// least is below every value of a plane.
const least = -1e9

// maxInto makes each of a the larger of itself and of b.
func maxInto(a, b []float32) {
	b = b[:len(a)]
	for i, v := range b {
		if v > a[i] {
			a[i] = v
		}
	}
}

// smallest is largest for the minimum.
func smallest(s []float32, w, h, r int) []float32 {
	n := make([]float32, len(s))
	for i, v := range s {
		n[i] = -v
	}
	n = largest(n, w, h, r)
	for i, v := range n {
		n[i] = -v
	}
	return n
}

// medians returns the median over a square of 2r+1 clipped at the border, to one of 256 levels, by a histogram that
// slides along each row (Huang, Yang and Tang, 1979).
func medians(s []float32, w, h, r int) []float32 {
	levels := make([]uint8, len(s))
	for i, v := range s {
		levels[i] = level(v)
	}
	o := make([]float32, len(s))
	for y := range h {
		var histogram [256]int
		n := 0
		column := func(x, change int) {
			for yy := max(0, y-r); yy <= min(h-1, y+r); yy++ {
				histogram[levels[yy*w+x]] += change
				n += change
			}
		}
		for x := range min(r, w) {
			column(x, 1)
		}
		for x := range w {
			if x+r < w {
				column(x+r, 1)
			}
			if x-r-1 >= 0 {
				column(x-r-1, -1)
			}
			below, k := histogram[0], 0
			for below*2 <= n {
				k++
				below += histogram[k]
			}
			o[y*w+x] = float32(k) / 255
		}
	}
	return o
}

func transposed(s []float32, w, h int) []float32 {
	o := make([]float32, w*h)
	const tile = 16 // both sides of a tile stay in the first cache
	for y0 := 0; y0 < h; y0 += tile {
		for x0 := 0; x0 < w; x0 += tile {
			for y := y0; y < min(h, y0+tile); y++ {
				for x := x0; x < min(w, x0+tile); x++ {
					o[x*h+y] = s[y*w+x]
				}
			}
		}
	}
	return o
}
