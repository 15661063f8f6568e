package net

// Kernel is one implementation of the engine's inner loops.
type Kernel uint8

// The kernels, the slowest first. All of them but Portable need an amd64 processor.
const (
	Portable Kernel = iota // plain Go, on every processor
	AVX2                   // 256-bit vectors with fused multiply-add
	AVX512                 // the same with 512-bit vectors in the matrix product
)

// String returns the kernel's name.
func (k Kernel) String() string {
	switch k {
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	case Portable:
	}
	return "portable"
}

// Kernels returns those that this processor runs, the slowest first. Portable is always the first.
func Kernels() []Kernel {
	ks := make([]Kernel, 0, 3)
	for k := Portable; k <= Best(); k++ {
		ks = append(ks, k)
	}
	return ks
}

// Best returns the fastest kernel that this processor runs.
func Best() Kernel { return best }

var best = detect()

// product is one matrix product C = A·B, or C += A·B, row by row in flat slices.
// A is m×k with strides in both directions, so that it may be a transposed matrix, or the overlapping
// windows of a picture; B is k×n and C is m×n, n a multiple of 16.
type product struct {
	m, n, k  int
	a        []float32
	row, col int // A's strides
	b        []float32
	ldb      int
	c        []float32
	ldc      int
	add      bool // to what C holds; else C is set
}

// check panics where a slice is too short for the product, so that no kernel can leave them.
func (p *product) check() {
	if p.n%lane != 0 || p.m <= 0 || p.k <= 0 || p.n <= 0 || p.row < 0 || p.col < 0 || p.ldb < p.n || p.ldc < p.n {
		panic("net: impossible product")
	}
	_ = p.a[(p.m-1)*p.row+(p.k-1)*p.col]
	_ = p.b[(p.k-1)*p.ldb+p.n-1]
	_ = p.c[(p.m-1)*p.ldc+p.n-1]
}

// tile is how many rows of C the kernel computes at once: the convolutions round up to it.
func (k Kernel) tile() int {
	switch k {
	case AVX512:
		return 8
	case AVX2:
		return 6
	case Portable:
	}
	return 2
}
