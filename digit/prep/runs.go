package prep

import "slices"

// run is a stretch of ink in one row, and what it hangs together with.
type run struct {
	y, x0, x1 int // [x0, x1)
	first     int // an earlier run of the same piece, or itself: following it ends at the piece's first
}

// runsOf finds the runs of what is darker than level, row by row, and joins those that touch (eight neighbours).
func runsOf(d []float32, w, h int, level float32) []run {
	var runs []run
	above, row := 0, 0 // where the last row's runs begin, and this one's
	for y := range h {
		above, row = row, len(runs)
		line := d[y*w : y*w+w]
		near := above
		for x := 0; x < w; x++ {
			if !(line[x] > level) {
				continue
			}
			from := x
			for x < w && line[x] > level {
				x++
			}
			at := len(runs)
			runs = append(runs, run{y: y, x0: from, x1: x, first: at})
			for near < row && runs[near].x1 < from { // ends before even the corner
				near++
			}
			for k := near; k < row && runs[k].x0 <= x; k++ {
				join(runs, k, at)
			}
		}
	}
	return runs
}

// join makes the pieces of two runs one, which begins with the earlier of their first runs.
func join(runs []run, a, b int) {
	a, b = firstOf(runs, a), firstOf(runs, b)
	runs[max(a, b)].first = min(a, b)
}

// firstOf returns the first run of a run's piece, and shortens the way there.
func firstOf(runs []run, i int) int {
	for runs[i].first != i {
		runs[i].first = runs[runs[i].first].first
		i = runs[i].first
	}
	return i
}

// labels are the connected pieces of what is darker than a level: number 0 is paper.
type labels struct {
	ids    []int32 // by pixel
	pieces []piece // in the order of their first pixels, numbered from 1
	runs   []run   // by piece, each piece's row by row
	from   []int   // where the runs of piece id begin: from[id-1] up to from[id]
}

// label numbers the connected pieces of what is darker than level.
func label(d []float32, w, h int, level float32) (ids []int32, pieces []piece) {
	var l labels
	l.find(d, w, h, level)
	return l.ids, l.pieces
}

// find is label in l's place, whose memory it uses again.
func (l *labels) find(d []float32, w, h int, level float32) {
	if len(l.ids) == w*h {
		clear(l.ids)
	} else {
		l.ids = make([]int32, w*h)
	}
	l.pieces = nil
	runs := runsOf(d, w, h, level)
	numbers := make([]int32, len(runs))
	counts := []int{0}
	for i := range runs {
		r := &runs[i]
		first := firstOf(runs, i)
		if first == i {
			l.pieces = append(l.pieces, piece{id: int32(len(counts)), x0: w, y0: r.y})
			counts = append(counts, 0)
		}
		id := l.pieces[len(l.pieces)-1].id
		if first != i {
			id = numbers[first]
		}
		numbers[i] = id
		counts[id]++
		l.pieces[id-1].take(r, w, h)
		line := l.ids[r.y*w+r.x0 : r.y*w+r.x1]
		for x := range line {
			line[x] = id
		}
	}
	for i := 1; i < len(counts); i++ {
		counts[i] += counts[i-1]
	}
	l.from, l.runs = counts, make([]run, len(runs))
	at := slices.Clone(counts)
	for i, r := range runs {
		id := numbers[i]
		l.runs[at[id-1]] = r
		at[id-1]++
	}
}

// of returns the runs of a piece.
func (l *labels) of(p *piece) []run { return l.runs[l.from[p.id-1]:l.from[p.id]] }

// take adds a run to what is known of a piece. Runs come row by row.
func (p *piece) take(r *run, w, h int) {
	n := r.x1 - r.x0
	p.n += n
	p.x0, p.x1, p.y1 = min(p.x0, r.x0), max(p.x1, r.x1-1), r.y
	switch {
	case r.y == 0 || r.y == h-1:
		p.rim += n
	case r.x0 == 0 && r.x1 == w && w > 1:
		p.rim += 2
	case r.x0 == 0 || r.x1 == w:
		p.rim++
	}
}

// darker returns how many of a piece's pixels are darker than level.
func (l *labels) darker(d []float32, w int, p *piece, level float32) int {
	n := 0
	for _, r := range l.of(p) {
		for _, v := range d[r.y*w+r.x0 : r.y*w+r.x1] {
			if v > level {
				n++
			}
		}
	}
	return n
}
