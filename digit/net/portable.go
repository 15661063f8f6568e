package net

// The portable product keeps two rows by four columns of C in registers, which is what sixteen of them hold without
// vectors. Four columns of B at a time are laid out one behind the other first, so that the inner loop walks two lines of
// numbers and one of fours, and the compiler sees that it never leaves them: a tenth to a fifth faster than the same
// loops over the matrices themselves.

// panel is how deep the columns are that are laid out at once: 4 KiB, on the stack.
const panel = 256

// mulGo is the portable product.
func (p *product) mulGo() {
	var columns [4 * panel]float32
	var first, second [panel]float32
	for k0 := 0; k0 < p.k; k0 += panel {
		k := min(panel, p.k-k0)
		add := p.add || k0 > 0
		a, b := p.a[k0*p.col:], p.b[k0*p.ldb:]
		for j := 0; j < p.n; j += 4 {
			for q := range k {
				*(*[4]float32)(columns[4*q:]) = [4]float32(b[q*p.ldb+j:])
			}
			for i := 0; i < p.m; i += 2 {
				lower := min(i+1, p.m-1) // the last row alone is computed twice
				x, y := a[i*p.row:], a[lower*p.row:]
				if p.col == 1 {
					x, y = x[:k], y[:k]
				} else {
					x, y = gathered(first[:k], x, p.col), gathered(second[:k], y, p.col)
				}
				tile2x4(x, y, columns[:4*k], (*[4]float32)(p.c[i*p.ldc+j:]), (*[4]float32)(p.c[lower*p.ldc+j:]), add)
			}
		}
	}
}

// gathered copies every col-th number to dst.
func gathered(dst, from []float32, col int) []float32 {
	for q := range dst {
		dst[q] = from[q*col]
	}
	return dst
}

// tile2x4 computes x·b and y·b for four columns of b, one behind the other, on top of c and d or, without add, of 0.
func tile2x4(x, y, b []float32, c, d *[4]float32, add bool) {
	var c0, c1, c2, c3, d0, d1, d2, d3 float32
	if add {
		c0, c1, c2, c3 = c[0], c[1], c[2], c[3]
		d0, d1, d2, d3 = d[0], d[1], d[2], d[3]
	}
	for len(b) >= 8 && len(x) >= 2 && len(y) >= 2 {
		u, v := x[0], y[0]
		w := b[0]
		c0 += u * w
		d0 += v * w
		w = b[1]
		c1 += u * w
		d1 += v * w
		w = b[2]
		c2 += u * w
		d2 += v * w
		w = b[3]
		c3 += u * w
		d3 += v * w
		u, v = x[1], y[1]
		w = b[4]
		c0 += u * w
		d0 += v * w
		w = b[5]
		c1 += u * w
		d1 += v * w
		w = b[6]
		c2 += u * w
		d2 += v * w
		w = b[7]
		c3 += u * w
		d3 += v * w
		b, x, y = b[8:], x[2:], y[2:]
	}
	if len(b) >= 4 && len(x) >= 1 && len(y) >= 1 { // an odd depth
		u, v := x[0], y[0]
		c0 += u * b[0]
		c1 += u * b[1]
		c2 += u * b[2]
		c3 += u * b[3]
		d0 += v * b[0]
		d1 += v * b[1]
		d2 += v * b[2]
		d3 += v * b[3]
	}
	*c = [4]float32{c0, c1, c2, c3}
	*d = [4]float32{d0, d1, d2, d3}
}
