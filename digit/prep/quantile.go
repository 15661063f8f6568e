package prep

import "slices"

// quantile returns the q-quantile of v, 0 when it is empty. It selects in a thinned copy.
func quantile(v []float32, q float64) float32 {
	if len(v) == 0 {
		return 0
	}
	u := thinned(v, 2000)
	k := max(0, min(len(u)-1, int(q*float64(len(u)))))
	for lo, hi := 0, len(u)-1; lo < hi; { // Hoare's selection, with the middle one as the pivot
		pivot := u[(lo+hi)/2]
		i, j := lo, hi
		for i <= j {
			for u[i] < pivot {
				i++
			}
			for u[j] > pivot {
				j--
			}
			if i <= j {
				u[i], u[j] = u[j], u[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return u[k]
		}
	}
	return u[k]
}

// thinned copies about n of v's values, an odd step apart so that columns of a picture are mixed.
func thinned(v []float32, n int) []float32 {
	if len(v) <= n {
		return slices.Clone(v)
	}
	step := len(v) / n
	if step%2 == 0 {
		step++
	}
	o := make([]float32, 0, len(v)/step+1)
	for i := 0; i < len(v); i += step {
		o = append(o, v[i])
	}
	return o
}

// spread returns the median of v and its median deviation as a standard deviation. It orders nothing in v.
func spread(v []float32) (median, sigma float32) {
	median = quantile(v, .5)
	d := make([]float32, len(v))
	for i, x := range v {
		d[i] = max(x-median, median-x)
	}
	return median, 1.4826 * quantile(d, .5)
}
