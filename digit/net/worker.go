package net

import (
	"math"
	"math/rand/v2"
)

// worker holds one worker's buffers for a chunk of pictures: what the layers gave on the way forward, and the
// gradients on the way back.
type worker struct {
	t       *Trainer
	n       int // pictures in the chunk at hand
	x       [][Pixels]float32
	want    [][]float64   // what each picture is to be answered with, a number a class
	mass    []float64     // the sum of each want
	windows []float32     // 3×3 windows of each picture, for the first convolution
	convs   []convBuffers // one a convolution
	dense   [][]float32   // input of each dense layer, [n][width], then the logits
	denseG  [][]float32   // their gradients
	turned  [][]float32   // each dense layer's weights, transposed
	mask    [][]float32   // what dropout multiplied each hidden unit with
	probs   []float64
	rng     *rand.Rand
	source  *rand.PCG
}

// convBuffers are one convolution's, for all the pictures of a chunk.
type convBuffers struct {
	in, inG         []float32 // padded input, and its gradient; unused in the first layer
	z, zG           []float32 // what the convolution gives, padded; zeros around zG never change
	pooled, pooledG []float32 // after the pool, without padding
	flipped         []float32 // weights for the way back
	mean, inverse   []float32 // of this chunk: mean and 1/standard deviation, by channel
	scale, shift    []float32 // what the norm amounts to in this chunk
	sum, product    []float32 // scratch, by channel
	a, b, c         []float32 // scratch, by channel
	sum64, prod64   []float64 // scratch, by channel
}

// result is what one chunk adds to a step. It is kept by chunk, not by worker, and added up in the chunks'
// order, so that the number of workers changes nothing.
type result struct {
	grad       []float32
	statistics []float32 // this chunk's means and variances, laid out as Trainer.running
	loss       float64
	right      int
}

func newWorker(t *Trainer) *worker {
	n := t.opts.Chunk
	w := &worker{t: t, x: make([][Pixels]float32, n), mass: make([]float64, n), probs: make([]float64, maxClasses)}
	for range n {
		w.want = append(w.want, make([]float64, t.spec.Classes))
	}
	w.source = rand.NewPCG(0, 0)
	w.rng = rand.New(w.source)
	floats := func(n int) []float32 { return make([]float32, n) }
	for i, c := range t.layout.convs {
		b := convBuffers{
			z: floats(n * c.size * c.out), zG: floats(n * c.size * c.out),
			pooled: floats(n * c.pooled * c.pooled * c.out), pooledG: floats(n * c.pooled * c.pooled * c.out),
			mean: floats(c.out), inverse: floats(c.out), scale: floats(c.out), shift: floats(c.out),
			sum: floats(c.out), product: floats(c.out), a: floats(c.out), b: floats(c.out), c: floats(c.out),
			sum64: make([]float64, c.out), prod64: make([]float64, c.out),
		}
		if i == 0 {
			w.windows = floats(n * (c.rows + slack) * 9)
		} else {
			b.in, b.inG = floats(n*c.size*c.in), floats(n*c.size*c.in)
			b.flipped = floats(9 * c.in * c.out)
		}
		w.convs = append(w.convs, b)
	}
	for _, d := range t.layout.denses {
		w.dense = append(w.dense, floats(n*d.in))
		w.denseG = append(w.denseG, floats(n*d.in))
		w.turned = append(w.turned, floats(d.padded*d.in))
		w.mask = append(w.mask, floats(n*d.padded))
	}
	last := t.layout.denses[len(t.layout.denses)-1]
	w.dense = append(w.dense, floats(n*last.padded))
	w.denseG = append(w.denseG, floats(n*last.padded))
	return w
}

// forward runs the chunk's pictures through the network, with batch norm over this chunk and dropout.
func (w *worker) forward(r *result) {
	for i := range w.t.layout.convs {
		w.convForward(i)
		w.normForward(i, r)
		w.handOn(i)
	}
	if len(w.t.layout.convs) == 0 {
		for i := range w.n {
			copy(w.dense[0][i*Pixels:], w.x[i][:])
		}
	}
	k, flat := w.t.kernel, w.t.flat
	for i, d := range w.t.layout.denses {
		out := w.dense[i+1][:w.n*d.padded]
		for j := range w.n {
			copy(out[j*d.padded:], d.bias.of(flat))
		}
		k.mul(&product{
			m: w.n, n: d.padded, k: d.in, a: w.dense[i], row: d.in, col: 1,
			b: d.w.of(flat), ldb: d.padded, c: out, ldc: d.padded, add: true,
		})
		if !d.isOutput {
			w.dropout(out, w.mask[i])
		}
	}
}

// dropout applies the ReLU and drops hidden units at random; those that stay are scaled up for it.
func (w *worker) dropout(out, mask []float32) {
	drop := w.t.opts.Dropout
	keep := float32(1 / (1 - drop))
	for j, v := range out {
		m := float32(1)
		if drop > 0 {
			m = keep
			if w.rng.Float64() < drop {
				m = 0
			}
		}
		mask[j] = m
		out[j] = max(v, 0) * m
	}
}

// convForward runs convolution i and its pool.
func (w *worker) convForward(i int) {
	k, c, b := w.t.kernel, &w.t.layout.convs[i], &w.convs[i]
	weights := c.w.of(w.t.flat)
	for j := range w.n {
		z := b.z[j*c.size*c.out : (j+1)*c.size*c.out]
		if i == 0 {
			windows := w.windows[j*(c.rows+slack)*9:][:(c.rows+slack)*9]
			c.windowsOf(&w.x[j], windows)
			k.conv1(c, windows, weights, z)
		} else {
			k.conv(c.in, c.out, c, b.in[j*c.size*c.in:(j+1)*c.size*c.in], weights, z)
		}
		for y := range c.pooled {
			dst := b.pooled[(j*c.pooled+y)*c.pooled*c.out:][:c.pooled*c.out]
			if c.pool {
				k.poolMax(c.pooled, c.out, z[(c.first+2*y*c.stride)*c.out:], c.stride, dst)
			} else {
				copy(dst, z[(c.first+y*c.stride)*c.out:])
			}
		}
	}
}

const normEpsilon = 1e-5 // added to variances, as batch norm's authors do

// normForward takes this chunk's statistics, and makes of them the scale and shift by channel.
// With the norm frozen the scale and shift are the learnt ones.
func (w *worker) normForward(i int, r *result) {
	c, b, flat := &w.t.layout.convs[i], &w.convs[i], w.t.flat
	if w.t.opts.Frozen {
		copy(b.scale, c.scale.of(flat))
		copy(b.shift, c.shift.of(flat))
		return
	}
	clear(b.sum64)
	clear(b.prod64)
	each := c.pooled * c.pooled
	for j := range w.n {
		w.t.kernel.moments(each, c.out, b.pooled[j*each*c.out:], b.sum, b.product)
		for q := range b.sum {
			b.sum64[q] += float64(b.sum[q])
			b.prod64[q] += float64(b.product[q])
		}
	}
	mean, variance := c.mean.of(r.statistics), c.variance.of(r.statistics)
	gamma, beta := c.scale.of(flat), c.shift.of(flat)
	count := float64(w.n * each)
	for q := range b.sum {
		m := b.sum64[q] / count
		v := max(0, b.prod64[q]/count-m*m)
		mean[q], variance[q] = float32(m), float32(v)
		b.mean[q], b.inverse[q] = float32(m), float32(1/math.Sqrt(v+normEpsilon))
		b.scale[q] = gamma[q] * b.inverse[q]
		b.shift[q] = beta[q] - b.scale[q]*b.mean[q]
	}
}

// handOn applies scale, shift and ReLU of convolution i, into the next layer's input.
func (w *worker) handOn(i int) {
	k, c, b := w.t.kernel, &w.t.layout.convs[i], &w.convs[i]
	each := c.pooled * c.pooled * c.out
	for j := range w.n {
		if i+1 == len(w.t.layout.convs) {
			k.scaleReLU(c.pooled*c.pooled, c.out, b.pooled[j*each:], w.dense[0][j*each:], b.scale, b.shift)
			continue
		}
		next := &w.t.layout.convs[i+1]
		for y := range c.pooled {
			at := (j*next.size + next.first + y*next.stride) * c.out
			k.scaleReLU(c.pooled, c.out, b.pooled[j*each+y*c.pooled*c.out:], w.convs[i+1].in[at:], b.scale, b.shift)
		}
	}
}
