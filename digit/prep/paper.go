package prep

import "math"

// The paper's light is estimated on a reduced picture of about this many pixels on its long side.
const paperSide = 96

// light estimates the brightness of the bare paper everywhere from a reduced picture lo of w×h: divided by a
// smooth fit first (poly), because a closing follows slopes badly, then closed over everything darker and narrow.
func light(lo, poly []float32, w, h int) []float32 {
	q := make([]float32, len(lo))
	for i, v := range lo {
		q[i] = v / poly[i]
	}
	q = closing(q, w, h, max(2, int(math.Round(.10*float64(max(w, h))))))
	for i := range q {
		q[i] *= poly[i]
	}
	return q
}

// closing is the grey closing of a plane over a square of 2r+1, blurred. Beyond the border the plane goes on as its
// point reflection, so that slopes continue.
func closing(s []float32, w, h, r int) []float32 {
	pad := 2 * r
	pw, ph := w+2*pad, h+2*pad
	t := make([]float32, pw*ph)
	for y := range ph {
		cy := max(0, min(h-1, y-pad))
		for x := range pw {
			cx := max(0, min(w-1, x-pad))
			v := s[cy*w+cx]
			if cx != x-pad || cy != y-pad {
				mx, my := max(0, min(w-1, 2*cx-x+pad)), max(0, min(h-1, 2*cy-y+pad))
				v = 2*v - s[my*w+mx]
			}
			t[y*pw+x] = max(.02, min(2, v))
		}
	}
	t = boxBlur(smallest(largest(t, pw, ph, r), pw, ph, r), pw, ph, max(1, r/3))
	o := make([]float32, w*h)
	for y := range h {
		copy(o[y*w:y*w+w], t[(y+pad)*pw+pad:])
	}
	return o
}

// Terms of a polynomial of order 4 in x and y.
const (
	order = 4
	terms = (order + 1) * (order + 2) / 2
)

// polynomial fits the light by a polynomial of order 4, robustly: what is darker than the fit by more than twice the
// residuals' spread is ink and gets no weight, what is a little darker gets less.
func polynomial(s []float32, w, h int) []float32 {
	basis := monomials(w, h)
	fit, residual, weight := make([]float32, len(s)), make([]float32, len(s)), make([]float32, len(s))
	for i := range weight {
		weight[i] = 1
	}
	const rounds = 6
	for range rounds {
		c := solve(basis, weight, s)
		for i := range basis {
			var v float32
			for p, b := range basis[i] {
				v += c[p] * b
			}
			fit[i] = max(.03, min(1.2, v))
			residual[i] = max(s[i]-fit[i], fit[i]-s[i])
		}
		sigma := max(1.4826*quantile(residual, .5), .004)
		for i := range weight {
			switch z := (s[i] - fit[i]) / sigma; {
			case z < -2 || z > 5:
				weight[i] = 0
			case z < 0:
				weight[i] = 1 - z*z/4
			default:
				weight[i] = 1
			}
		}
	}
	return fit
}

// monomials returns x^a y^b, a+b ≤ order, for x and y from -1 to 1.
func monomials(w, h int) [][terms]float32 {
	o := make([][terms]float32, w*h)
	for y := range h {
		v := 2*float32(y)/float32(max(1, h-1)) - 1
		for x := range w {
			u := 2*float32(x)/float32(max(1, w-1)) - 1
			k, pu := 0, float32(1)
			for a := range order + 1 {
				p := pu
				for range order + 1 - a {
					o[y*w+x][k] = p
					k++
					p *= v
				}
				pu *= u
			}
		}
	}
	return o
}

// solve returns the weighted least-squares coefficients, by the normal equations and Gauss with pivots.
func solve(basis [][terms]float32, weight, s []float32) (c [terms]float32) {
	var m [terms][terms + 1]float64
	for i := range basis {
		if weight[i] == 0 {
			continue
		}
		b := &basis[i]
		for p := range terms {
			q := weight[i] * b[p]
			for r := p; r < terms; r++ {
				m[p][r] += float64(q * b[r])
			}
			m[p][terms] += float64(q * s[i])
		}
	}
	for p := range terms {
		for r := range p {
			m[p][r] = m[r][p]
		}
		m[p][p] += 1e-6*m[p][p] + 1e-9 // a picture one pixel high has no slope: keep it solvable
	}
	for p := range terms {
		pivot := p
		for r := p + 1; r < terms; r++ {
			if math.Abs(m[r][p]) > math.Abs(m[pivot][p]) {
				pivot = r
			}
		}
		m[p], m[pivot] = m[pivot], m[p]
		for r := p + 1; r < terms; r++ {
			f := m[r][p] / m[p][p]
			for k := p; k <= terms; k++ {
				m[r][k] -= f * m[p][k]
			}
		}
	}
	var x [terms]float64
	for p := terms - 1; p >= 0; p-- {
		x[p] = m[p][terms]
		for r := p + 1; r < terms; r++ {
			x[p] -= m[p][r] * x[r]
		}
		x[p] /= m[p][p]
		c[p] = float32(x[p])
	}
	return c
}
