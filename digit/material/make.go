package material

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/prep"
)

// Options say what to make.
type Options struct {
	Seed     uint64  // the same seed and digits give the same pictures
	Digits   idx.Set // that photographs, drawings and sketches are traced from; empty: generated strokes alone
	Workers  int     // goroutines, 1 at least; the pictures don't depend on it
	Scale    float64 // factor on the number of pictures of each kind; 0 is 1
	Progress func(done, total int)
	Read     prep.Reader // of the uploads that Items returns, see [prep.Options]
}

// ErrMaterial says that a picture could not be made.
var ErrMaterial = errors.New("no training material")

// Training returns what a model of ten digits and [digit.NotDigit] is trained on: mnist itself, and pictures of each
// [Kind], in shares that make them half of every epoch.
func Training(ctx context.Context, mnist idx.Set, o Options) ([]digit.Source, error) {
	o.Digits = mnist
	sources, err := o.makeAll(ctx, amounts)
	if err != nil {
		return nil, err
	}
	sources = append([]digit.Source{{Name: mnistName, Set: mnist}}, sources...)
	Weigh(sources)
	return sources, nil
}

// Validation returns what a training is measured on, set by set: mnist, which it hasn't seen, and pictures made of
// its digits with numbers that no training draws.
func Validation(ctx context.Context, mnist idx.Set, o Options) ([]digit.Source, error) {
	o.Digits, o.Seed = mnist, ^o.Seed
	sources, err := o.makeAll(ctx, held)
	if err != nil {
		return nil, err
	}
	return append([]digit.Source{{Name: mnistName, Set: mnist}}, sources...), nil
}

// Joined returns the sets' pictures as one.
func Joined(sources []digit.Source) idx.Set {
	o := idx.Set{Side: cifra.Side}
	for _, s := range sources {
		o.Images, o.Labels = append(o.Images, s.Set.Images...), append(o.Labels, s.Set.Labels...)
	}
	return o
}

func (o Options) makeAll(ctx context.Context, amounts []amount) ([]digit.Source, error) {
	if o.Scale == 0 {
		o.Scale = 1
	}
	total, before := 0, 0
	for _, a := range amounts {
		total += o.scaled(a.n)
	}
	tell := o.Progress
	var sources []digit.Source
	for _, a := range amounts {
		n := o.scaled(a.n)
		if tell != nil {
			o.Progress = func(done, _ int) { tell(before+done, total) }
		}
		set, err := Make(ctx, a.kind, n, o)
		if err != nil {
			return nil, err
		}
		sources = append(sources, sourceOf(a, set))
		before += n
	}
	return sources, nil
}

func (o Options) scaled(n int) int { return max(1, int(float64(n)*o.Scale)) }

// Make returns n pictures of a kind, as a model sees them. Those whose digit the preparation didn't find, or not whole,
// are made anew: they would teach a wrong label. Progress is called by several goroutines, but one at a time.
func Make(ctx context.Context, kind Kind, n int, o Options) (idx.Set, error) {
	set := idx.Set{Side: cifra.Side, Images: make([]byte, n*cifra.Pixels), Labels: make([]byte, n)}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	var telling sync.Mutex
	done := 0 // under telling
	for range max(1, o.Workers) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				view, label, err := o.one(ctx, kind, i)
				if err != nil {
					cancel(err)
					return
				}
				copy(set.Image(i), view)
				set.Labels[i] = label
				telling.Lock()
				if done++; o.Progress != nil && (done%64 == 0 || done == n) {
					o.Progress(done, n)
				}
				telling.Unlock()
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return idx.Set{}, fmt.Errorf("make %s: %w", kind, context.Cause(ctx))
	}
	return set, nil
}

// tries bounds how often one picture is made anew. Of empty pages the preparation rightly finds nothing on most.
const tries = 500

func (o Options) one(ctx context.Context, kind Kind, i int) (view []byte, label byte, err error) {
	for try := range tries {
		s, err := draw(ctx, newSource(o.Seed, kind, i, try), kind, o.Digits)
		if err != nil {
			return nil, 0, err
		}
		if s.isWhole() {
			return s.view, s.label, nil
		}
	}
	return nil, 0, fmt.Errorf("%w: %s, picture %d: nothing whole in %d tries", ErrMaterial, kind, i, tries)
}
