package net

import (
	"math"
	"sync"
)

// Net reads pictures with one set of weights. It is immutable and safe for concurrent use: each reading takes
// a scratch from a pool, so none of them allocates once the pool is warm.
type Net struct {
	weights *Weights
	kernel  Kernel
	layout  layout
	scratch sync.Pool
}

// New returns a network that reads with w, which nobody may change afterwards, through kernel k.
func New(w *Weights, k Kernel) *Net {
	n := &Net{weights: w, kernel: k, layout: newLayout(w.Spec)}
	n.scratch.New = func() any { return n.newScratch() }
	return n
}

// Weights returns what the network reads with. It must not be changed.
func (n *Net) Weights() *Weights { return n.weights }

// Kernel returns the kernel in use.
func (n *Net) Kernel() Kernel { return n.kernel }

// scratch is what one reading of one picture needs.
type scratch struct {
	picture [Pixels]float32
	windows []float32   // 3×3 windows of the picture: [rows][9]
	in      [][]float32 // padded input of each convolution but the first; zeros around never change
	z       []float32   // what a convolution gives, padded
	row     []float32   // one row of pooled pixels
	dense   [][]float32 // input of each dense layer, then the logits
}

func (n *Net) newScratch() *scratch {
	s := &scratch{}
	for i, c := range n.layout.convs {
		if i == 0 {
			s.windows = make([]float32, (c.rows+slack)*9)
			s.in = append(s.in, nil)
		} else {
			s.in = append(s.in, make([]float32, c.size*c.in))
		}
		s.z = grown(s.z, c.size*c.out)
		s.row = grown(s.row, c.pooled*c.out)
	}
	for _, d := range n.layout.denses {
		s.dense = append(s.dense, make([]float32, pad(d.in)))
	}
	last := n.layout.denses[len(n.layout.denses)-1]
	s.dense = append(s.dense, make([]float32, last.padded))
	return s
}

func grown(b []float32, n int) []float32 {
	if len(b) < n {
		return make([]float32, n)
	}
	return b
}

// Logits appends one logit a class to dst[:0] and returns it. The picture is 784 bytes, row by row,
// 0 background, 255 ink. It panics on any other length.
func (n *Net) Logits(dst []float32, picture []byte) []float32 {
	s, _ := n.scratch.Get().(*scratch)
	defer n.scratch.Put(s)
	return append(dst[:0], n.forward(s, picture)[:n.weights.Spec.Classes]...)
}

// Probabilities writes one calibrated probability a class to dst[:Classes], sum 1. The picture is as for Logits.
func (n *Net) Probabilities(dst []float64, picture []byte) {
	s, _ := n.scratch.Get().(*scratch)
	defer n.scratch.Put(s)
	softmax(dst, n.forward(s, picture)[:n.weights.Spec.Classes], n.weights.Temperature)
}

// softmax writes exp(z/t) over its sum to dst.
func softmax(dst []float64, z []float32, t float64) {
	top := z[0]
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for i, v := range z {
		dst[i] = math.Exp(float64(v-top) / t)
		sum += dst[i]
	}
	for i := range z {
		dst[i] /= sum
	}
}

// forward runs the network; what it returns lies in s.
func (n *Net) forward(s *scratch, picture []byte) []float32 {
	if len(picture) != Pixels {
		panic("net: a picture must have 784 pixels")
	}
	for i, v := range picture {
		s.picture[i] = float32(v) / 255
	}
	flat, convs := n.weights.flat, n.layout.convs
	for i := range convs {
		c := &convs[i]
		if i == 0 {
			c.windowsOf(&s.picture, s.windows)
			n.kernel.conv1(c, s.windows, c.w.of(flat), s.z)
		} else {
			n.kernel.conv(c.in, c.out, c, s.in[i], c.w.of(flat), s.z)
		}
		scale, shift := c.scale.of(flat), c.shift.of(flat)
		for y := range c.pooled {
			line := s.z[(c.first+y*c.stride)*c.out:]
			if c.pool {
				line = s.row
				n.kernel.poolMax(c.pooled, c.out, s.z[(c.first+2*y*c.stride)*c.out:], c.stride, line)
			}
			n.kernel.scaleReLU(c.pooled, c.out, line, n.handOn(s, i, y), scale, shift)
		}
	}
	if len(convs) == 0 {
		copy(s.dense[0], s.picture[:])
	}
	for i, d := range n.layout.denses {
		out := s.dense[i+1][:d.padded]
		copy(out, d.bias.of(flat))
		n.kernel.mul(&product{
			m: 1, n: d.padded, k: d.in, a: s.dense[i], row: d.in, col: 1,
			b: d.w.of(flat), ldb: d.padded, c: out, ldc: d.padded, add: true,
		})
		if !d.isOutput {
			for j, v := range out {
				out[j] = max(v, 0)
			}
		}
	}
	return s.dense[len(n.layout.denses)]
}

// handOn returns where row y of what convolution i gives goes: into the next one's padded input, or the first
// dense layer's.
func (n *Net) handOn(s *scratch, i, y int) []float32 {
	c := &n.layout.convs[i]
	if i+1 == len(n.layout.convs) {
		return s.dense[0][y*c.pooled*c.out:]
	}
	next := &n.layout.convs[i+1]
	return s.in[i+1][(next.first+y*next.stride)*next.in:]
}

// conv sets z's pixels from the first on to the 3×3 convolution of in, with from channels, into to channels.
// Rows are rounded up to the kernel's tile; what lies between and behind the pixels is junk.
func (k Kernel) conv(from, to int, c *convLayer, in, w, z []float32) {
	t := k.tile()
	p := product{m: (c.rows + t - 1) / t * t, n: to, k: 3 * from, row: from, col: 1, ldb: to, c: z[c.first*to:], ldc: to}
	for y := range 3 {
		p.a, p.b, p.add = in[(c.first+(y-1)*c.stride-1)*from:], w[y*3*from*to:], y > 0
		k.mul(&p)
	}
}

// conv1 is the same for the picture itself, whose windows were laid out: one channel makes three products of
// depth 3, which are slower than one of depth 9.
func (k Kernel) conv1(c *convLayer, windows, w, z []float32) {
	t := k.tile()
	k.mul(&product{
		m: (c.rows + t - 1) / t * t, n: c.out, k: 9, a: windows, row: 9, col: 1, b: w, ldb: c.out,
		c: z[c.first*c.out:], ldc: c.out,
	})
}

// windowsOf lays out the 3×3 windows of a picture's pixels as rows of 9, those of the shared column 0.
func (c *convLayer) windowsOf(picture *[Pixels]float32, windows []float32) {
	const line = Side + 2
	var around [line * line]float32
	for y := range Side {
		copy(around[(y+1)*line+1:], picture[y*Side:(y+1)*Side])
	}
	for y := range Side {
		above, at, below := around[y*line:][:line], around[(y+1)*line:][:line], around[(y+2)*line:][:line]
		for x := range Side {
			w := (*[9]float32)(windows[(y*c.stride+x)*9:])
			w[0], w[1], w[2] = above[x], above[x+1], above[x+2]
			w[3], w[4], w[5] = at[x], at[x+1], at[x+2]
			w[6], w[7], w[8] = below[x], below[x+1], below[x+2]
		}
	}
}
