package net

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestGradients holds each layer's gradient to finite differences: along the gradient itself, the loss must
// change by the gradient's square. The dropout draws the same numbers each time.
func TestGradients(t *testing.T) {
	for _, kernel := range Kernels() {
		specs := []string{"32p,32p,48p,16p,d32", "16p,16,32p,d16", "d16,d32", "16p,32"}
		if kernel == Portable {
			specs = []string{"16p,16p,16,d16", "d16,d32"} // it is slow, and the others are held to it
		}
		for _, s := range specs {
			for _, frozen := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v %s frozen %v", kernel, s, frozen), func(t *testing.T) {
					spec, err := ParseSpec(s, 11)
					if err != nil {
						t.Fatal(err)
					}
					checkGradients(t, spec, TrainerOptions{
						Seed: 5, Chunk: 4, Kernel: kernel, Dropout: 0.25,
						Smoothing: 0.1, Frozen: frozen,
					})
				})
			}
		}
	}
}

func checkGradients(t *testing.T, spec Spec, opts TrainerOptions) {
	t.Helper()
	tr, err := NewTrainer(spec, nil, opts)
	if err != nil {
		t.Fatal(err)
	}
	fill := func(i int, rng *rand.Rand, dst *[Pixels]float32) int {
		for p := range dst {
			dst[p] = rng.Float32()
		}
		return i % spec.Classes
	}
	const n = 4
	r := &result{grad: make([]float32, tr.layout.total), statistics: make([]float32, tr.layout.statistics)}
	loss := func() float64 {
		tr.workers[0].chunk(0, n, tr.labels(fill), r)
		return r.loss / n
	}
	loss()
	grad := append([]float32(nil), r.grad...)
	check := func(name string, s span) {
		g, w := s.of(grad), s.of(tr.flat)
		square := 0.0
		for _, v := range g {
			square += float64(v) * float64(v)
		}
		if square == 0 {
			t.Errorf("%s: got no gradient at all", name)
			return
		}
		old := append([]float32(nil), w...)
		along := func(step float64) float64 {
			for i := range w {
				w[i] = old[i] + float32(step*float64(g[i]))
			}
			defer copy(w, old)
			return loss()
		}
		step := 1e-3 / math.Sqrt(square)
		got := (along(step) - along(-step)) / (2 * step)
		if math.Abs(got-square) > 0.04*square+1e-7 {
			t.Errorf("%s: the loss changes by %.6g along the gradient, want its square, %.6g", name, got, square)
		}
	}
	for i, c := range tr.layout.convs {
		check(fmt.Sprintf("convolution %d", i), c.w)
		check(fmt.Sprintf("scale %d", i), c.scale)
		check(fmt.Sprintf("shift %d", i), c.shift)
	}
	for i, d := range tr.layout.denses {
		check(fmt.Sprintf("dense %d", i), d.w)
		check(fmt.Sprintf("bias %d", i), d.bias)
	}
}
