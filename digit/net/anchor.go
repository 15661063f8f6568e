package net

import (
	"fmt"
	"slices"
)

// Anchor holds a training near the weights that it goes on from, each by how much depends on it: elastic weight
// consolidation (Kirkpatrick and others, 2017). Its penalty is Strength/2 · Importance · (weight - start)².
type Anchor struct {
	Importance *Importance // of the same shape as the weights
	Strength   float64
}

// anchor remembers what the anchor holds on to.
func (t *Trainer) anchor(from *Weights) error {
	a := t.opts.Anchor
	if a == nil {
		return nil
	}
	if from == nil || !a.Importance.Fits(from) {
		return fmt.Errorf("%w: an anchor needs weights of its own shape", ErrSpec)
	}
	t.start = slices.Clone(from.flat)
	return nil
}

// hold adds the anchor's gradient.
func (t *Trainer) hold(grad []float32) {
	if t.start == nil {
		return
	}
	strength := float32(t.opts.Anchor.Strength)
	importance := t.opts.Anchor.Importance.flat
	for i, v := range t.flat {
		grad[i] += strength * importance[i] * (v - t.start[i])
	}
}
