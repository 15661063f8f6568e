package prep

import "math"

// distance returns the Euclidean distance of each pixel to the nearest one of m, 0 inside it, by the lower envelope
// of parabolas (Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012). Where m is empty,
// everything is far away.
func distance(m []bool, w, h int) []float32 {
	const far = 1e12
	squared := make([]float64, w*h)
	for i, v := range m {
		if !v {
			squared[i] = far
		}
	}
	n := max(w, h)
	e := envelope{at: make([]int, n), from: make([]float64, n+1), in: make([]float64, n), out: make([]float64, n)}
	for x := range w {
		for y := range h {
			e.in[y] = squared[y*w+x]
		}
		e.transform(h)
		for y := range h {
			squared[y*w+x] = e.out[y]
		}
	}
	o := make([]float32, w*h)
	for y := range h {
		copy(e.in, squared[y*w:y*w+w])
		e.transform(w)
		for x := range w {
			o[y*w+x] = float32(math.Sqrt(e.out[x]))
		}
	}
	return o
}

// envelope is the transform of one line, with its buffers.
type envelope struct {
	at      []int     // columns of the parabolas in the envelope
	from    []float64 // where each begins
	in, out []float64
}

func (e *envelope) transform(n int) {
	const far = 1e12
	k := 0
	e.at[0], e.from[0], e.from[1] = 0, -far, far
	for q := 1; q < n; q++ {
		s := e.meet(q, e.at[k])
		for s <= e.from[k] {
			k--
			s = e.meet(q, e.at[k])
		}
		k++
		e.at[k], e.from[k], e.from[k+1] = q, s, far
	}
	k = 0
	for q := range n {
		for e.from[k+1] < float64(q) {
			k++
		}
		d := float64(q - e.at[k])
		e.out[q] = d*d + e.in[e.at[k]]
	}
}

// meet returns where the parabolas at columns q and v cross.
func (e *envelope) meet(q, v int) float64 {
	return ((e.in[q] + float64(q*q)) - (e.in[v] + float64(v*v))) / float64(2*(q-v))
}
