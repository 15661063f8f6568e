package net

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkProduct is the matrix product by kernel, in the sizes that the models use.
func BenchmarkProduct(b *testing.B) {
	sizes := []struct {
		name              string
		m, n, k, row, col int
	}{
		{"first convolution", 816, 32, 9, 9, 1},
		{"second convolution, a third", 216, 32, 96, 32, 1},
		{"third convolution, a third", 216, 64, 96, 32, 1},
		{"fourth convolution, a third", 56, 96, 192, 64, 1},
		{"weights' gradient of the third, a third", 96, 64, 209, 1, 32},
		{"dense, one picture", 1, 128, 864, 864, 1},
		{"dense, a chunk", 32, 128, 864, 864, 1},
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, s := range sizes {
		for _, k := range Kernels() {
			b.Run(fmt.Sprintf("%s/%v", s.name, k), func(b *testing.B) {
				p := product{
					m: s.m, n: s.n, k: s.k, row: s.row, col: s.col, ldb: s.n, ldc: s.n, add: true,
					a: randoms(rng, (s.m-1)*s.row+(s.k-1)*s.col+1), b: randoms(rng, s.k*s.n), c: make([]float32, s.m*s.n),
				}
				for b.Loop() {
					k.mul(&p)
				}
				b.ReportMetric(2*float64(s.m*s.n*s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
