package net

import (
	"math"
	"slices"
)

// backward adds the gradient of the chunk's mean loss, times share, to r.grad; it needs what forward left.
// share is the chunk's share of its batch.
func (w *worker) backward(r *result, share float32) {
	w.lossBackward(r, share)
	for i := range slices.Backward(w.t.layout.denses) {
		w.denseBackward(i, r)
	}
	for i := range slices.Backward(w.t.layout.convs) {
		w.normBackward(i, r)
		w.convBackward(i, r)
	}
}

// lossBackward is softmax and cross-entropy with what is wanted.
func (w *worker) lossBackward(r *result, share float32) {
	last := w.t.layout.denses[len(w.t.layout.denses)-1]
	z, g := w.dense[len(w.dense)-1], w.denseG[len(w.denseG)-1]
	for j := range w.n {
		row, want := z[j*last.padded:][:last.out], w.want[j]
		softmax(w.probs, row, 1)
		best, label := 0, 0
		for q := range row {
			if want[q] > 0 {
				r.loss -= want[q] * math.Log(max(w.probs[q], 1e-30))
			}
			if row[q] > row[best] {
				best = q
			}
			if want[q] > want[label] {
				label = q
			}
			g[j*last.padded+q] = float32(w.probs[q]*w.mass[j]-want[q]) * share / float32(w.n)
		}
		if best == label {
			r.right++
		}
	}
}

// denseBackward turns the gradient of what dense layer i gave into those of its weights and its input.
func (w *worker) denseBackward(i int, r *result) {
	k, d := w.t.kernel, &w.t.layout.denses[i]
	g := w.denseG[i+1][:w.n*d.padded]
	if !d.isOutput {
		y, mask := w.dense[i+1], w.mask[i]
		for j := range g {
			if y[j] == 0 {
				g[j] = 0
			} else {
				g[j] *= mask[j]
			}
		}
	}
	bias := d.bias.of(r.grad)
	for j := range w.n {
		for q, v := range g[j*d.padded:][:d.padded] {
			bias[q] += v
		}
	}
	k.mul(&product{
		m: d.in, n: d.padded, k: w.n, a: w.dense[i], row: 1, col: d.in,
		b: g, ldb: d.padded, c: d.w.of(r.grad), ldc: d.padded, add: true,
	})
	if i == 0 && len(w.t.layout.convs) == 0 {
		return // nobody asks for the picture's gradient
	}
	weights, turned := d.w.of(w.t.flat), w.turned[i]
	for p := range d.in {
		for q, v := range weights[p*d.padded:][:d.padded] {
			turned[q*d.in+p] = v
		}
	}
	k.mul(&product{
		m: w.n, n: d.in, k: d.padded, a: g, row: d.padded, col: 1,
		b: turned, ldb: d.in, c: w.denseG[i], ldc: d.in,
	})
}

// normBackward goes back through ReLU and norm of convolution i, into pooledG, and adds the gradients of
// its scale and shift. With batch norm, a·g + b·z + c is the gradient through the chunk's statistics too
// (Ioffe and Szegedy, 2015), gathered by powers of z.
func (w *worker) normBackward(i int, r *result) {
	k, c, b := w.t.kernel, &w.t.layout.convs[i], &w.convs[i]
	pixels := c.pooled * c.pooled
	clear(b.sum64)
	clear(b.prod64)
	for j := range w.n {
		clear(b.sum)
		clear(b.product)
		o := j * pixels * c.out
		if i+1 == len(w.t.layout.convs) {
			k.gateReLU(pixels, c.out, w.dense[0][o:], w.denseG[0][o:], b.pooled[o:], b.pooledG[o:], b.sum, b.product)
		} else {
			next, nb := &w.t.layout.convs[i+1], &w.convs[i+1]
			for y := range c.pooled {
				p, at := o+y*c.pooled*c.out, (j*next.size+next.first+y*next.stride)*c.out
				k.gateReLU(c.pooled, c.out, nb.in[at:], nb.inG[at:], b.pooled[p:], b.pooledG[p:], b.sum, b.product)
			}
		}
		for q := range b.sum {
			b.sum64[q] += float64(b.sum[q])
			b.prod64[q] += float64(b.product[q])
		}
	}
	scaleG, shiftG := c.scale.of(r.grad), c.shift.of(r.grad)
	for q := range b.sum {
		shiftG[q] += float32(b.sum64[q])
		if w.t.opts.Frozen {
			scaleG[q] += float32(b.prod64[q])
			b.a[q], b.b[q], b.c[q] = b.scale[q], 0, 0
			continue
		}
		mean, inverse, count := float64(b.mean[q]), float64(b.inverse[q]), float64(w.n*pixels)
		normed := (b.prod64[q] - mean*b.sum64[q]) * inverse // the sum of gradient times normed value
		scaleG[q] += float32(normed)
		slope := float64(b.scale[q])
		b.a[q] = float32(slope)
		b.b[q] = float32(-slope * normed / count * inverse)
		b.c[q] = float32(-slope * (b.sum64[q]/count - normed/count*inverse*mean))
	}
	k.normBack(w.n*pixels, c.out, b.pooledG, b.pooled, b.a, b.b, b.c)
}

// convBackward goes back through the pool and convolution i: gradients of its weights, and of its input.
func (w *worker) convBackward(i int, r *result) {
	k, c, b := w.t.kernel, &w.t.layout.convs[i], &w.convs[i]
	grad := c.w.of(r.grad)
	if i > 0 {
		c.flip(c.w.of(w.t.flat), b.flipped)
	}
	for j := range w.n {
		z, zG := b.z[j*c.size*c.out:(j+1)*c.size*c.out], b.zG[j*c.size*c.out:(j+1)*c.size*c.out]
		for y := range c.pooled {
			g := b.pooledG[(j*c.pooled+y)*c.pooled*c.out:][:c.pooled*c.out]
			if c.pool {
				at := (c.first + 2*y*c.stride) * c.out
				k.poolBack(c.pooled, c.out, z[at:], c.stride, g, zG[at:])
			} else {
				copy(zG[(c.first+y*c.stride)*c.out:], g)
			}
		}
		p := product{n: c.out, k: c.rows, row: 1, b: zG[c.first*c.out:], ldb: c.out, ldc: c.out, add: true}
		if i == 0 {
			p.m, p.a, p.col, p.c = 9, w.windows[j*(c.rows+slack)*9:], 9, grad
			k.mul(&p)
			continue
		}
		in := b.in[j*c.size*c.in : (j+1)*c.size*c.in]
		for y := range 3 {
			p.m, p.col = 3*c.in, c.in
			p.a, p.c = in[(c.first+(y-1)*c.stride-1)*c.in:], grad[y*3*c.in*c.out:]
			k.mul(&p)
		}
		k.conv(c.out, c.in, c, zG, b.flipped, b.inG[j*c.size*c.in:(j+1)*c.size*c.in])
	}
}

// flip turns the weights around and over, so that the gradient of a convolution's input is itself a convolution.
func (c *convLayer) flip(w, flipped []float32) {
	for t := range 9 {
		for p := range c.in {
			for q, v := range w[(t*c.in+p)*c.out:][:c.out] {
				flipped[((8-t)*c.out+q)*c.in+p] = v
			}
		}
	}
}
