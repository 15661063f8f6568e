package net

import (
	"errors"
	"fmt"
	"math"
)

// Weights is a network at rest: its shape, its numbers, and the temperature that calibrates it.
// A Weights that serves in a [Net] or comes from [Decode] must not be changed; Clone it.
type Weights struct {
	Spec        Spec
	Temperature float64 // logits are divided by it before the softmax; fitted on validation data
	flat        []float32
}

// ErrWeights says that weights are broken or hold impossible values.
var ErrWeights = errors.New("weights refused")

// Clone returns a copy that shares nothing with w.
func (w *Weights) Clone() *Weights {
	c := *w
	c.flat = append([]float32(nil), w.flat...)
	return &c
}

// WithClasses returns a copy of w that tells n classes apart, n at least as many as w does. Those that are new begin
// with a logit of 0, for a training to move.
func (w *Weights) WithClasses(n int) (*Weights, error) {
	spec := w.Spec
	spec.Classes = n
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	if n < w.Spec.Classes {
		return nil, fmt.Errorf("%w: %d classes instead of %d", ErrSpec, n, w.Spec.Classes)
	}
	from, to := newLayout(w.Spec), newLayout(spec)
	c := &Weights{Spec: spec, Temperature: w.Temperature, flat: make([]float32, to.total)}
	sources := from.blocks()
	for i, b := range to.blocks() {
		a := sources[i]
		for r := range a.rows {
			copy(c.flat[b.off+r*b.pitch:][:a.used], w.flat[a.off+r*a.pitch:][:a.used])
		}
	}
	return c, nil
}

// Mean returns the weighted mean of w and other, which must have the same shape: share of other, the rest of w. Where
// one was trained on from the other, networks between them are good ones, too (Wortsman and others, 2022). The
// temperature is 1.
func (w *Weights) Mean(other *Weights, share float64) (*Weights, error) {
	if w.Spec.String() != other.Spec.String() || w.Spec.Classes != other.Spec.Classes {
		return nil, fmt.Errorf("%w: a mean needs the same shape", ErrSpec)
	}
	c := w.Clone()
	c.Temperature = 1
	for i, v := range other.flat {
		c.flat[i] += float32(share) * (v - c.flat[i])
	}
	return c, nil
}

// validate refuses values with which no probability could be computed.
func (w *Weights) validate() error {
	if err := w.Spec.Validate(); err != nil {
		return err
	}
	if !(w.Temperature >= 0.05 && w.Temperature <= 20) {
		return fmt.Errorf("%w: temperature %v", ErrWeights, w.Temperature)
	}
	if want := newLayout(w.Spec).total; len(w.flat) != want {
		return fmt.Errorf("%w: %d numbers instead of %d", ErrWeights, len(w.flat), want)
	}
	for _, v := range w.flat {
		if !(math.Abs(float64(v)) < 1e4) {
			return fmt.Errorf("%w: a weight of %v", ErrWeights, v)
		}
	}
	return nil
}

// block is a run of numbers as the file keeps it: rows without the padding that the kernels want.
type block struct {
	span
	rows, used, pitch int  // used numbers of pitch ones, in each row
	half              bool // kept in 16 bits where the file is a half-precision one
}

// blocks lists what a file of this shape holds, in its order.
func (l *layout) blocks() []block {
	bs := make([]block, 0, 3*len(l.convs)+2*len(l.denses))
	for _, c := range l.convs {
		bs = append(bs,
			block{c.w, 9 * c.in, c.out, c.out, true},
			block{c.scale, 1, c.out, c.out, false},
			block{c.shift, 1, c.out, c.out, false})
	}
	for _, d := range l.denses {
		bs = append(bs, block{d.w, d.in, d.out, d.padded, true}, block{d.bias, 1, d.out, d.padded, false})
	}
	return bs
}

// each calls f with the numbers of b in order, as places in flat.
func (b block) each(flat []float32, f func(*float32)) {
	for r := range b.rows {
		row := flat[b.off+r*b.pitch:][:b.used]
		for i := range row {
			f(&row[i])
		}
	}
}

// bytes returns the length of b in a file.
func (b block) bytes(half bool) int {
	if half && b.half {
		return 2 * b.rows * b.used
	}
	return 4 * b.rows * b.used
}
