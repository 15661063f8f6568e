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

// mulGo is the portable product: two rows by four columns in registers.
func (p *product) mulGo() {
	a, b, row, col, ldb := p.a, p.b, p.row, p.col, p.ldb // in registers: the compiler doesn't lift them out of loops
	i := 0
	for ; i+2 <= p.m; i += 2 {
		for j := 0; j < p.n; j += 4 {
			r := p.c[i*p.ldc+j:][:4]
			s := p.c[(i+1)*p.ldc+j:][:4]
			var r0, r1, r2, r3, s0, s1, s2, s3 float32
			if p.add {
				r0, r1, r2, r3 = r[0], r[1], r[2], r[3]
				s0, s1, s2, s3 = s[0], s[1], s[2], s[3]
			}
			ai, bi := i*row, j
			for range p.k {
				v := b[bi : bi+4 : bi+4]
				x, y := a[ai], a[ai+row]
				r0 += x * v[0]
				r1 += x * v[1]
				r2 += x * v[2]
				r3 += x * v[3]
				s0 += y * v[0]
				s1 += y * v[1]
				s2 += y * v[2]
				s3 += y * v[3]
				ai += col
				bi += ldb
			}
			r[0], r[1], r[2], r[3] = r0, r1, r2, r3
			s[0], s[1], s[2], s[3] = s0, s1, s2, s3
		}
	}
	for ; i < p.m; i++ {
		c := p.c[i*p.ldc:][:p.n]
		if !p.add {
			clear(c)
		}
		for q := range p.k {
			x := p.a[i*p.row+q*p.col]
			for j, v := range p.b[q*p.ldb:][:p.n] {
				c[j] += x * v
			}
		}
	}
}
