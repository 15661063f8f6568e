package digit_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/net"
)

// BenchmarkRead is the latency of one reading, and what it allocates: the reading's list of digits, nothing else.
func BenchmarkRead(b *testing.B) {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		b.Run(string(api), func(b *testing.B) {
			m, p := embedded(b, api), digit.PictureOf(display(10).Image(3))
			b.ReportAllocs()
			for b.Loop() {
				m.Read(p)
			}
		})
	}
}

// BenchmarkForward is the network alone, by kernel.
func BenchmarkForward(b *testing.B) {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		for _, k := range net.Kernels() {
			b.Run(fmt.Sprintf("%s/%v", api, k), func(b *testing.B) {
				n := net.New(embedded(b, api).Net().Weights(), k)
				picture, probabilities := display(10).Image(3), make([]float64, 11)
				b.ReportAllocs()
				for b.Loop() {
					n.Probabilities(probabilities, picture)
				}
			})
		}
	}
}

// BenchmarkThroughput reads on all cores at once.
func BenchmarkThroughput(b *testing.B) {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		b.Run(string(api), func(b *testing.B) {
			m, p := embedded(b, api), digit.PictureOf(display(10).Image(3))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					m.Read(p)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}

// BenchmarkTrainingStep is one step on a batch of 64 augmented pictures, with one worker.
func BenchmarkTrainingStep(b *testing.B) {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		for _, k := range net.Kernels()[1:] {
			b.Run(fmt.Sprintf("%s/%v", api, k), func(b *testing.B) {
				r := digit.RecipeFor(api)
				spec, err := net.ParseSpec(r.Shape, 10)
				if err != nil {
					b.Fatal(err)
				}
				t, err := net.NewTrainer(spec, nil, net.TrainerOptions{Kernel: k, Dropout: r.Dropout})
				if err != nil {
					b.Fatal(err)
				}
				set := display(r.Batch)
				fill := func(i int, rng *rand.Rand, dst *[net.Pixels]float32) int {
					r.Augment.Apply(set.Image(i), dst, rng)
					return int(set.Labels[i])
				}
				for b.Loop() {
					if _, err := t.Step(b.Context(), r.Batch, fill, r.Rate, r.Decay); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(r.Batch*b.N)/b.Elapsed().Seconds(), "pictures/s")
			})
		}
	}
}
