package prep

import "math"

// nowhere is the distance to ink where there is none.
const nowhere = 1e6

// distance returns the Euclidean distance of each pixel to the nearest one of m, 0 inside it. Down each column it is
// counted, and across each row it is the lower envelope of parabolas (Felzenszwalb and Huttenlocher, "Distance Transforms
// of Sampled Functions", 2012): all squares are whole numbers, so that nothing is rounded before the root. Where m is
// empty, everything is [nowhere].
func distance(m []bool, w, h int) []float32 {
	o := make([]float32, w*h)
	down, columns := countedDown(m, w, h)
	if len(columns) == 0 {
		for i := range o {
			o[i] = nowhere
		}
		return o
	}
	e := envelope{at: make([]int, len(columns)), square: make([]int, w), from: make([]float64, len(columns)+1)}
	for y := range h {
		row := down[y*w : y*w+w]
		for _, x := range columns {
			e.square[x] = int(row[x]) * int(row[x])
		}
		e.across(columns, o[y*w:y*w+w])
	}
	return o
}

// countedDown returns how far the nearest pixel of m is in each pixel's column, and which columns have any.
func countedDown(m []bool, w, h int) (down []int32, columns []int) {
	down = make([]int32, w*h)
	far := int32(w + h)
	above := make([]int32, w)
	for x := range above {
		above[x] = far
	}
	for y := range h {
		row, ink := down[y*w:y*w+w], m[y*w:y*w+w]
		for x, v := range above[:len(row)] {
			if v++; ink[x] {
				v = 0
			}
			row[x] = v
		}
		above = row
	}
	for x, v := range above {
		if v < far {
			columns = append(columns, x)
		}
	}
	for y := h - 2; y >= 0; y-- {
		row, below := down[y*w:y*w+w], down[(y+1)*w:(y+1)*w+w]
		for x, v := range row {
			row[x] = min(v, below[x]+1)
		}
	}
	return down, columns
}

// envelope is the transform of one row, with its buffers.
type envelope struct {
	square []int     // of the distance down, by column
	at     []int     // columns of the parabolas in the envelope
	from   []float64 // where each begins
}

func (e *envelope) across(columns []int, out []float32) {
	k := 0
	e.at[0], e.from[0], e.from[1] = columns[0], math.Inf(-1), math.Inf(1)
	for _, q := range columns[1:] {
		s := e.meet(q, e.at[k])
		for s <= e.from[k] {
			k--
			s = e.meet(q, e.at[k])
		}
		k++
		e.at[k], e.from[k], e.from[k+1] = q, s, math.Inf(1)
	}
	k = 0
	for q := range out {
		for e.from[k+1] < float64(q) {
			k++
		}
		d := q - e.at[k]
		if s := d*d + e.square[e.at[k]]; s > 0 {
			out[q] = float32(math.Sqrt(float64(s)))
		}
	}
}

// meet returns where the parabolas at columns q and v cross.
func (e *envelope) meet(q, v int) float64 {
	return float64((e.square[q]+q*q)-(e.square[v]+v*v)) / float64(2*(q-v))
}
