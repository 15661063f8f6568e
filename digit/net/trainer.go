package net

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// TrainerOptions are a training's constants. The zero value of a field means what its comment says.
type TrainerOptions struct {
	Seed      uint64  // of the weights, the dropout and whatever Fill draws
	Workers   int     // goroutines; 0 is 1. It changes the time, nothing else
	Chunk     int     // pictures that share one batch norm and go to one worker at once; 0 is 32
	Kernel    Kernel  // Portable, the zero value, is slow: give Best()
	Dropout   float64 // share of hidden units dropped
	Smoothing float64 // label smoothing: mass that is spread over all classes
	Average   float64 // of the exponential moving average of weights and statistics; 0 is 0.999
	Momentum  float64 // of a chunk's statistics in the running ones; 0 is 0.02
	Frozen    bool    // no batch norm: scale and shift are weights like others, for training on from [Weights]
	Anchor    *Anchor // holds the weights near those that a training goes on from; nil: nothing does
}

// Trainer makes weights by AdamW from pictures that Fill hands over. It isn't safe for concurrent use: it
// spreads each step over its workers itself.
type Trainer struct {
	opts    TrainerOptions
	spec    Spec
	kernel  Kernel
	layout  layout
	flat    []float32 // weights
	m, v    []float32 // Adam's moments
	decayed []span    // what weight decay applies to; the rest follows
	free    []span
	running []float32 // running means and variances
	ema     []float32 // averages of flat and running
	emaRun  []float32
	start   []float32 // the weights that Anchor holds on to; nil without one
	steps   int
	workers []*worker
	results []*result // by chunk
}

// Fill writes picture i of the batch to dst, 0 to 1 a pixel, and returns its label. What it draws from rng
// depends on the seed, the step and i alone. Several goroutines call it at once.
type Fill func(i int, rng *rand.Rand, dst *[Pixels]float32) (label int)

// Teach writes picture i of the batch to dst as [Fill] does, and to want how probable each class is to become. It
// returns the sum of want, which is how much the picture counts; 1 is usual.
type Teach func(i int, rng *rand.Rand, dst *[Pixels]float32, want []float64) (mass float64)

// Step is what one step has seen.
type Step struct {
	Loss  float64 // sum over the batch, of the pictures as augmented and with dropout
	Right int
}

// NewTrainer returns a trainer with fresh weights (He initialisation), or with a copy of from where it isn't nil:
// then opts.Frozen must be set, as a folded network has no statistics to go on with.
func NewTrainer(spec Spec, from *Weights, opts TrainerOptions) (*Trainer, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	if from != nil && (!opts.Frozen || from.Spec.String() != spec.String() || from.Spec.Classes != spec.Classes) {
		return nil, fmt.Errorf("%w: training on needs a frozen norm and the same shape", ErrSpec)
	}
	opts.Workers, opts.Chunk = max(opts.Workers, 1), orDefault(opts.Chunk, 32)
	opts.Average, opts.Momentum = orDefault(opts.Average, 0.999), orDefault(opts.Momentum, 0.02)
	if opts.Kernel > Best() {
		opts.Kernel = Best()
	}
	t := &Trainer{opts: opts, spec: spec, kernel: opts.Kernel, layout: newLayout(spec)}
	t.flat, t.m, t.v = make([]float32, t.layout.total), make([]float32, t.layout.total), make([]float32, t.layout.total)
	t.running = make([]float32, t.layout.statistics)
	t.initialise()
	if from != nil {
		copy(t.flat, from.flat)
	}
	if err := t.anchor(from); err != nil {
		return nil, err
	}
	t.ema, t.emaRun = slices.Clone(t.flat), slices.Clone(t.running)
	for range opts.Workers {
		t.workers = append(t.workers, newWorker(t))
	}
	return t, nil
}

func orDefault[T int | float64](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

// initialise draws weights with variance 2 over the number of inputs (He and others, 2015).
func (t *Trainer) initialise() {
	rng := rand.New(rand.NewPCG(t.opts.Seed, 1))
	draw := func(b block, inputs int) {
		sd := math.Sqrt(2 / float64(inputs))
		b.each(t.flat, func(v *float32) { *v = float32(rng.NormFloat64() * sd) })
		t.decayed = append(t.decayed, b.span)
	}
	for _, c := range t.layout.convs {
		draw(block{span: c.w, rows: 9 * c.in, used: c.out, pitch: c.out}, 9*c.in)
		t.free = append(t.free, c.scale, c.shift)
		for _, s := range [][]float32{c.scale.of(t.flat), c.variance.of(t.running)} {
			for i := range s {
				s[i] = 1
			}
		}
	}
	for _, d := range t.layout.denses {
		draw(block{span: d.w, rows: d.in, used: d.out, pitch: d.padded}, d.in)
		t.free = append(t.free, d.bias)
	}
}

// Step makes one step on a batch of n pictures with the learning rate and the decoupled weight decay given.
// A context that is done before every chunk was computed stops it without applying anything.
func (t *Trainer) Step(ctx context.Context, n int, fill Fill, rate, decay float64) (Step, error) {
	return t.Teach(ctx, n, t.labels(fill), rate, decay)
}

// labels makes of a label what is wanted of each class.
func (t *Trainer) labels(fill Fill) Teach {
	smoothing := t.opts.Smoothing
	off := smoothing / float64(t.spec.Classes)
	return func(i int, rng *rand.Rand, dst *[Pixels]float32, want []float64) float64 {
		label := fill(i, rng, dst)
		for q := range want {
			want[q] = off
		}
		want[label] += 1 - smoothing
		return 1
	}
}

// Teach is Step for answers that may be more than one label.
func (t *Trainer) Teach(ctx context.Context, n int, teach Teach, rate, decay float64) (Step, error) {
	chunks := (n + t.opts.Chunk - 1) / t.opts.Chunk
	for len(t.results) < chunks {
		t.results = append(t.results,
			&result{grad: make([]float32, t.layout.total), statistics: make([]float32, t.layout.statistics)})
	}
	var wg sync.WaitGroup
	for i, w := range t.workers[:min(len(t.workers), chunks)] {
		wg.Go(func() {
			for c := i; c < chunks && ctx.Err() == nil; c += len(t.workers) {
				w.chunk(c, n, teach, t.results[c])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Step{}, fmt.Errorf("training step: %w", err)
	}
	t.steps++
	t.apply(t.results[:chunks], rate, decay)
	var s Step
	for _, r := range t.results[:chunks] {
		s.Loss += r.loss
		s.Right += r.right
	}
	return s, nil
}

// chunk computes chunk c of a batch of n pictures.
func (w *worker) chunk(c, n int, teach Teach, r *result) {
	first := c * w.t.opts.Chunk
	w.n = min(w.t.opts.Chunk, n-first)
	clear(r.grad)
	r.loss, r.right = 0, 0
	for j := range w.n {
		w.source.Seed(w.t.opts.Seed, uint64(w.t.steps)<<20|uint64(first+j))
		w.mass[j] = teach(first+j, w.rng, &w.x[j], w.want[j])
	}
	w.source.Seed(^w.t.opts.Seed, uint64(w.t.steps)<<20|uint64(first))
	w.forward(r)
	w.backward(r, float32(w.n)/float32(n))
}

// apply adds the chunks up in their order, and makes AdamW's step, the running statistics' and the averages'.
func (t *Trainer) apply(results []*result, rate, decay float64) {
	grad := results[0].grad
	for _, r := range results[1:] {
		for i, v := range r.grad {
			grad[i] += v
		}
	}
	t.hold(grad)
	for _, r := range results {
		for i, v := range r.statistics {
			t.running[i] += float32(t.opts.Momentum) * (v - t.running[i])
		}
	}
	const beta1, beta2 = 0.9, 0.99
	s := adamStep{
		beta1: beta1, rest1: 1 - beta1, beta2: beta2, rest2: 1 - beta2,
		rate:    float32(rate / (1 - math.Pow(beta1, float64(t.steps)))),
		unbias:  float32(1 / (1 - math.Pow(beta2, float64(t.steps)))),
		epsilon: 1e-8, flush: 1e-25,
	}
	for _, sp := range t.free {
		t.kernel.adam(sp.of(t.flat), sp.of(t.m), sp.of(t.v), sp.of(grad), &s)
	}
	s.decay = float32(rate * decay)
	for _, sp := range t.decayed {
		t.kernel.adam(sp.of(t.flat), sp.of(t.m), sp.of(t.v), sp.of(grad), &s)
	}
	// The average follows fast at first, so that the fresh weights are soon forgotten.
	follow := float32(1 - min(t.opts.Average, float64(1+t.steps)/float64(10+t.steps)))
	for i, v := range t.flat {
		t.ema[i] += follow * (v - t.ema[i])
	}
	for i, v := range t.running {
		t.emaRun[i] += follow * (v - t.emaRun[i])
	}
}

// Weights returns the averaged weights, with the norm folded into scale and shift, and temperature 1.
func (t *Trainer) Weights() *Weights {
	w := &Weights{Spec: t.spec, Temperature: 1, flat: slices.Clone(t.ema)}
	if t.opts.Frozen {
		return w
	}
	for _, c := range t.layout.convs {
		scale, shift := c.scale.of(w.flat), c.shift.of(w.flat)
		mean, variance := c.mean.of(t.emaRun), c.variance.of(t.emaRun)
		for i := range scale {
			scale[i] /= float32(math.Sqrt(float64(variance[i]) + normEpsilon))
			shift[i] -= scale[i] * mean[i]
		}
	}
	return w
}
