package net

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestVectors holds every vector loop to its portable twin.
func TestVectors(t *testing.T) {
	const slop = 1e3 // thousandths of a thousandth: see near
	for _, k := range Kernels()[1:] {
		for _, ch := range []int{16, 32, 48, 96} {
			rng := rand.New(rand.NewPCG(uint64(ch), 4))
			const side, stride = 7, 15
			z := randoms(rng, 2*side*stride*ch)
			for i := range z {
				if rng.IntN(3) == 0 {
					z[i] = 0 // several equal maxima, as behind a ReLU
				}
			}
			g := randoms(rng, side*ch)
			a, b, c := randoms(rng, ch), randoms(rng, ch), randoms(rng, ch)
			clone := slices.Clone[[]float32]

			got, want := make([]float32, side*ch), make([]float32, side*ch)
			k.poolMax(side, ch, z, stride, got)
			poolMaxGo(side, ch, z, stride, want)
			near(t, "poolMax", got, want, 0)

			got, want = make([]float32, len(z)), make([]float32, len(z))
			k.poolBack(side, ch, z, stride, g, got)
			poolBackGo(side, ch, z, stride, g, want)
			near(t, "poolBack", got, want, 0)

			s1, q1, s2, q2 := clone(a), clone(a), clone(a), clone(a)
			k.moments(side*stride, ch, z, s1, q1)
			momentsGo(side*stride, ch, z, s2, q2)
			near(t, "moments: sum", s1, s2, slop)
			near(t, "moments: square", q1, q2, slop)

			got, want = clone(z), clone(z)
			k.scaleReLU(side*stride, ch, z, got, a, b)
			scaleReLUGo(side*stride, ch, z, want, a, b)
			near(t, "scaleReLU", got, want, slop)

			y, dy := randoms(rng, len(z)), randoms(rng, len(z))
			scaleReLUGo(2*side*stride, ch, y, y, a, b)
			got, want = make([]float32, len(z)), make([]float32, len(z))
			s1, q1, s2, q2 = clone(a), clone(b), clone(a), clone(b)
			k.gateReLU(2*side*stride, ch, y, dy, z, got, s1, q1)
			gateReLUGo(2*side*stride, ch, y, dy, z, want, s2, q2)
			near(t, "gateReLU", got, want, 0)
			near(t, "gateReLU: sum", s1, s2, slop)
			near(t, "gateReLU: product", q1, q2, slop)

			got, want = clone(dy), clone(dy)
			k.normBack(2*side*stride, ch, got, z, a, b, c)
			normBackGo(2*side*stride, ch, want, z, a, b, c)
			near(t, "normBack", got, want, slop)

			step := adamStep{0.9, 0.1, 0.99, 0.01, 1e-3, 20, 1e-8, 1e-4, 1e-25}
			n := 16 * ch
			w, m, v, grad := randoms(rng, n), randoms(rng, n), randoms(rng, n), randoms(rng, n)
			for i := range v {
				v[i] *= v[i]
			}
			w2, m2, v2 := clone(w), clone(m), clone(v)
			k.adam(w, m, v, grad, &step)
			adamGo(w2, m2, v2, grad, &step)
			near(t, "adam: weights", w, w2, 1)
			near(t, "adam: mean", m, m2, 1)
			near(t, "adam: square", v, v2, 10)
		}
	}
}

func TestAdamFlushesDenormals(t *testing.T) {
	step := adamStep{0.9, 0.1, 0.99, 0.01, 1e-3, 20, 1e-8, 0, 1e-25}
	for _, k := range Kernels() {
		w, m, v, g := make([]float32, 16), make([]float32, 16), make([]float32, 16), make([]float32, 16)
		for i := range m {
			m[i], v[i] = 1e-39, 1e-39
		}
		k.adam(w, m, v, g, &step)
		if m[0] != 0 || v[0] != 0 || w[0] != 0 {
			t.Errorf("%v: got moments %g and %g, want 0", k, m[0], v[0])
		}
	}
}
