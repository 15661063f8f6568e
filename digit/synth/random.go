package synth

import (
	"math"
	"math/rand/v2"
)

// source is a seeded generator with the few distributions that the package draws from.
type source struct{ *rand.Rand }

// newSource returns the generator for a seed. Streams keep the parts of one picture independent of each other.
func newSource(seed, stream uint64) source {
	return source{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15^stream))}
}

// between is uniform from a to b.
func (r source) between(a, b float64) float64 { return a + (b-a)*r.Float64() }

// scale is uniform in the logarithm from a to b, both above 0.
func (r source) scale(a, b float64) float64 { return a * math.Pow(b/a, r.Float64()) }

// normal has mean 0; it is cut at 2.5 standard deviations, so that nothing absurd comes of it.
func (r source) normal(sigma float64) float64 {
	return sigma * max(-2.5, min(2.5, r.NormFloat64()))
}

// chance is true with probability p.
func (r source) chance(p float64) bool { return r.Float64() < p }
