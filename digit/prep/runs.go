package prep

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

// label numbers the connected pieces of what is darker than level, in the order of their first pixels. Number 0 is paper.
func label(d []float32, w, h int, level float32) (ids []int32, pieces []piece) {
	ids = make([]int32, w*h)
	runs := runsOf(d, w, h, level)
	numbers := make([]int32, len(runs))
	for i := range runs {
		r := &runs[i]
		first := firstOf(runs, i)
		if first == i {
			pieces = append(pieces, piece{id: int32(len(pieces) + 1), x0: w, y0: r.y}) //nolint:gosec // as many as pixels
			numbers[i] = int32(len(pieces))                                            //nolint:gosec // the same
		}
		id := numbers[first]
		p := &pieces[id-1]
		n := r.x1 - r.x0
		p.n += n
		p.x0, p.x1, p.y1 = min(p.x0, r.x0), max(p.x1, r.x1-1), r.y
		p.rim += rim(r, w, h)
		line := ids[r.y*w+r.x0 : r.y*w+r.x1]
		for x := range line {
			line[x] = id
		}
	}
	return ids, pieces
}

// rim returns how many of a run's pixels lie at the border of a picture of w×h.
func rim(r *run, w, h int) int {
	if r.y == 0 || r.y == h-1 {
		return r.x1 - r.x0
	}
	n := 0
	if r.x0 == 0 {
		n++
	}
	if r.x1 == w && (w > 1 || r.x0 > 0) {
		n++
	}
	return n
}
