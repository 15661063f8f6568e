package material

import (
	"math"
	"math/rand/v2"
)

// source is a seeded generator with the distributions that the package draws from.
type source struct{ *rand.Rand }

// newSource returns the generator of one try at one picture, so that pictures don't depend on each other, nor on how
// many goroutines make them.
func newSource(seed uint64, kind Kind, picture, try int) source {
	stream := uint64(kind.stream())<<56 | uint64(try)<<40 | uint64(picture)
	return source{rand.New(rand.NewPCG(seed^0x6d6174657269616c, stream))}
}

func (r source) between(a, b float64) float64 { return a + (b-a)*r.Float64() }

// scale is uniform in the logarithm from a to b, both above 0.
func (r source) scale(a, b float64) float64 { return a * math.Pow(b/a, r.Float64()) }

func (r source) chance(p float64) bool { return r.Float64() < p }
