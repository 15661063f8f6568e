package digit

import (
	"context"
	"math"

	"cifra/digit/idx"
)

// Class is what a model takes a picture for.
type Class struct {
	Class       int     // 0 to 9, or [NotDigit]
	Probability float64 // of it, calibrated
}

// Classes returns the likeliest class of each picture of a set, [NotDigit] among them. A context that ends stops it
// after a few pictures.
func Classes(ctx context.Context, m *Model, set idx.Set, workers int) ([]Class, error) {
	logits, err := logitsUntil(ctx, m.net, set, max(1, workers))
	if err != nil {
		return nil, err
	}
	temperature := m.net.Weights().Temperature
	classes := make([]Class, len(logits))
	for i, z := range logits {
		best := highest(z)
		classes[i] = Class{best, math.Exp(logProbability(z, best, temperature))}
	}
	return classes, nil
}

// Calibration gathers how sure answers were, and how often they were right. The zero value has none.
type Calibration struct{ calibration }

// Add counts an answer with its probability.
func (c *Calibration) Add(probability float64, right bool) { c.add(probability, right) }

// Join counts what o has counted.
func (c *Calibration) Join(o *Calibration) {
	for b := range c.n {
		c.n[b] += o.n[b]
		c.right[b] += o.right[b]
		c.sum[b] += o.sum[b]
	}
}

// Error returns the expected calibration error, 0 to 1: the mean distance between probability and accuracy in 15 bins.
func (c *Calibration) Error() float64 { return c.error() }
