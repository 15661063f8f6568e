package net

import (
	"math"
	"math/rand/v2"
	"testing"
)

func randoms(rng *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(rng.NormFloat64())
	}
	return s
}

// near fails where got differs from want by more than rounding does in sums of that size.
func near(t *testing.T, what string, got, want []float32, size float64) {
	t.Helper()
	for i := range want {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= size*1e-6) {
			t.Fatalf("%s: at %d got %v, want %v (off by %g, %g allowed)", what, i, got[i], want[i], d, size*1e-6)
		}
	}
}

// fused computes a product element by element, as kernel.go defines it: the product of two float32 is exact
// in float64.
func (p *product) fused() {
	for i := range p.m {
		for j := range p.n {
			c := &p.c[i*p.ldc+j]
			if !p.add {
				*c = 0
			}
			for q := range p.k {
				*c = float32(math.FMA(float64(p.a[i*p.row+q*p.col]), float64(p.b[q*p.ldb+j]), float64(*c)))
			}
		}
	}
}

func sameProduct(t *testing.T, rng *rand.Rand, m, n, k, row, col int, add bool) {
	t.Helper()
	ldb, ldc := n+rng.IntN(3)*4, n+rng.IntN(3)*4
	start := randoms(rng, m*ldc+64)
	p := product{
		m: m, n: n, k: k, row: row, col: col, ldb: ldb, ldc: ldc, add: add,
		a: randoms(rng, (m-1)*row+(k-1)*col+1), b: randoms(rng, (k-1)*ldb+n),
	}
	p.c = append([]float32(nil), start...)
	p.fused()
	want := p.c
	var fast []float32
	for _, kernel := range Kernels() {
		p.c = append([]float32(nil), start...)
		kernel.mul(&p)
		for i := range p.c {
			row, column := i/ldc, i%ldc
			if (row >= m || column >= n) && p.c[i] != start[i] {
				t.Fatalf("%v %dx%dx%d: wrote outside of C, at row %d column %d", kernel, m, n, k, row, column)
			}
		}
		near(t, kernel.String(), p.c, want, float64(8+k))
		if kernel == Portable {
			continue
		}
		for i := range fast {
			if fast[i] != p.c[i] {
				t.Fatalf("%v %dx%dx%d: at %d got %v, where %v got %v; they must agree to the last bit",
					kernel, m, n, k, i, p.c[i], AVX2, fast[i])
			}
		}
		fast = p.c
	}
}

func TestProduct(t *testing.T) {
	tests := []struct {
		name           string
		m, n, k        int
		row, col       int
		transposedLike bool
	}{
		{"one row, as a dense layer reads one picture", 1, 128, 864, 864, 1, false},
		{"one column panel and one product", 1, 16, 1, 1, 1, false},
		{"the first convolution", 816, 32, 9, 9, 1, false},
		{"overlapping windows", 216, 32, 96, 32, 1, false},
		{"panels of 32 and of 16", 56, 48, 192, 64, 1, false},
		{"deeper than one pass", 7, 16, 1000, 1000, 1, false},
		{"a transposed matrix, as the weights' gradient", 96, 96, 55, 1, 32, true},
		{"rows that no tile divides", 11, 64, 33, 33, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			for _, add := range []bool{false, true} {
				sameProduct(t, rng, tt.m, tt.n, tt.k, tt.row, tt.col, add)
			}
		})
	}
}

func FuzzProduct(f *testing.F) {
	f.Add(uint64(1), uint8(6), uint8(2), uint16(9), true, false)
	f.Add(uint64(2), uint8(17), uint8(3), uint16(300), false, true)
	f.Fuzz(func(t *testing.T, seed uint64, m, panels uint8, k uint16, add, transposed bool) {
		rows, columns, depth := int(m%40)+1, (int(panels%6)+1)*16, int(k%600)+1
		row, col := depth, 1
		if transposed {
			row, col = 1, rows
		}
		sameProduct(t, rand.New(rand.NewPCG(seed, 3)), rows, columns, depth, row, col, add)
	})
}

func TestProductRefusesShortSlices(t *testing.T) {
	for _, k := range Kernels() {
		for _, cut := range []string{"a", "b", "c"} {
			t.Run(k.String()+" with a short "+cut, func(t *testing.T) {
				p := product{
					m: 6, n: 16, k: 4, row: 4, col: 1, ldb: 16, ldc: 16,
					a: make([]float32, 24), b: make([]float32, 64), c: make([]float32, 96),
				}
				switch cut {
				case "a":
					p.a = p.a[:23]
				case "b":
					p.b = p.b[:63]
				case "c":
					p.c = p.c[:95]
				}
				defer func() {
					if recover() == nil {
						t.Error("got no panic, want one: a kernel must not leave its slices")
					}
				}()
				k.mul(&p)
			})
		}
	}
}
