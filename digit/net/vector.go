package net

import "math"

// The loops over pixels, portable. ch is how many channels a pixel has, a multiple of 16. Each has a twin of
// the same name in assembly, and vector_test.go holds the twins together.

// poolMaxGo writes n pooled pixels: the maxima of 2×2 pixels of z, whose rows are stride pixels apart.
func poolMaxGo(n, ch int, z []float32, stride int, dst []float32) {
	for p := range n {
		a, b := z[2*p*ch:][:ch], z[(2*p+1)*ch:][:ch]
		c, d := z[(stride+2*p)*ch:][:ch], z[(stride+2*p+1)*ch:][:ch]
		for i := range dst[p*ch:][:ch] {
			dst[p*ch+i] = max(a[i], b[i], c[i], d[i])
		}
	}
}

// poolBackGo hands each gradient in g on to the pixel that was the maximum (the first one, in reading order,
// where several are), and 0 to the others.
func poolBackGo(n, ch int, z []float32, stride int, g, dz []float32) {
	for p := range n {
		at := [4]int{2 * p * ch, (2*p + 1) * ch, (stride + 2*p) * ch, (stride + 2*p + 1) * ch}
		for i := range ch {
			best := 0
			for q := 1; q < 4; q++ {
				if z[at[q]+i] > z[at[best]+i] {
					best = q
				}
			}
			for q := range 4 {
				dz[at[q]+i] = 0
			}
			dz[at[best]+i] = g[p*ch+i]
		}
	}
}

// momentsGo sets sum and square to the sums of z and of z² over rows pixels, by channel.
func momentsGo(rows, ch int, z, sum, square []float32) {
	clear(sum[:ch])
	clear(square[:ch])
	for r := range rows {
		for i, v := range z[r*ch:][:ch] {
			sum[i] += v
			square[i] += v * v
		}
	}
}

// scaleReLUGo sets dst to max(0, scale·z + shift), by channel.
func scaleReLUGo(rows, ch int, z, dst, scale, shift []float32) {
	for r := range rows {
		d := dst[r*ch:][:ch]
		for i, v := range z[r*ch:][:ch] {
			d[i] = max(v*scale[i]+shift[i], 0)
		}
	}
}

// gateReLUGo sets gz to dy where y, what the ReLU gave, isn't 0, and to 0 elsewhere; it adds gz to sum, and
// gz·z to product, by channel.
func gateReLUGo(rows, ch int, y, dy, z, gz, sum, product []float32) {
	for r := range rows {
		o := r * ch
		for i := range ch {
			var g float32
			if y[o+i] != 0 {
				g = dy[o+i]
			}
			gz[o+i] = g
			sum[i] += g
			product[i] += g * z[o+i]
		}
	}
}

// normBackGo sets gz to a·gz + b·z + c, by channel: the gradient behind a batch norm.
func normBackGo(rows, ch int, gz, z, a, b, c []float32) {
	for r := range rows {
		o := r * ch
		for i := range ch {
			g := gz[o+i]*a[i] + c[i]
			gz[o+i] = z[o+i]*b[i] + g
		}
	}
}

// adamStep holds one step's constants, in the order in which the assembly reads them.
type adamStep struct {
	beta1, rest1 float32 // of the mean of gradients, and 1 less it
	beta2, rest2 float32 // of the mean of their squares
	rate         float32 // learning rate over 1-beta1^t
	unbias       float32 // 1 over 1-beta2^t
	epsilon      float32
	decay        float32 // learning rate times decoupled weight decay; 0 for biases and norms
	flush        float32 // added and taken away again: what is too small to matter becomes 0, not a denormal
}

// adamGo is one step of AdamW (Loshchilov and Hutter, 2019) on the weights w with the gradient g and the
// moments m and v. Denormal moments would slow the processor down by far, so they are flushed.
func adamGo(w, m, v, g []float32, s *adamStep) {
	for i := range w {
		x := m[i]*s.beta1 + g[i]*s.rest1
		y := v[i]*s.beta2 + g[i]*g[i]*s.rest2
		x = (x + s.flush) - s.flush
		y = (y + s.flush) - s.flush
		m[i], v[i] = x, y
		root := float32(math.Sqrt(float64(y*s.unbias))) + s.epsilon
		w[i] = (w[i] - w[i]*s.decay) - x*s.rate/root
	}
}
