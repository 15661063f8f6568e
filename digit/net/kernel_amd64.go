package net

import "golang.org/x/sys/cpu"

// detect asks the processor; cpu's flags are only set where the system saves the wide registers too.
func detect() Kernel {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return AVX512
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return AVX2
	}
	return Portable
}

// depth is how much of B one pass over the rows of A uses: a panel of it stays in the first-level cache.
// As the tiles start from what C holds, cutting a product changes none of its bits.
const depth = 256

func (k Kernel) mul(p *product) {
	p.check()
	if k == Portable {
		p.mulGo()
		return
	}
	for k0 := 0; k0 < p.k; k0 += depth {
		kk := min(depth, p.k-k0)
		add := 0
		if p.add || k0 > 0 {
			add = 1
		}
		a, b := p.a[k0*p.col:], p.b[k0*p.ldb:]
		j := 0
		if k == AVX512 {
			for ; j+32 <= p.n; j += 32 {
				i := 0
				for ; i+8 <= p.m; i += 8 {
					tile8x32(kk, &a[i*p.row], p.row*4, p.col*4, &b[j], p.ldb*4, &p.c[i*p.ldc+j], p.ldc*4, add)
				}
				for ; i < p.m; i++ {
					tile1x16(kk, &a[i*p.row], p.col*4, &b[j], p.ldb*4, &p.c[i*p.ldc+j], add)
					tile1x16(kk, &a[i*p.row], p.col*4, &b[j+16], p.ldb*4, &p.c[i*p.ldc+j+16], add)
				}
			}
		}
		for ; j < p.n; j += 16 {
			i := 0
			for ; i+6 <= p.m; i += 6 {
				tile6x16(kk, &a[i*p.row], p.row*4, p.col*4, &b[j], p.ldb*4, &p.c[i*p.ldc+j], p.ldc*4, add)
			}
			for ; i < p.m; i++ {
				tile1x16(kk, &a[i*p.row], p.col*4, &b[j], p.ldb*4, &p.c[i*p.ldc+j], add)
			}
		}
	}
}

// The tiles compute C[rows][columns] = A·B, or += where add isn't 0. Strides are in bytes.

//go:noescape
func tile6x16(k int, a *float32, row, col int, b *float32, ldb int, c *float32, ldc, add int)

//go:noescape
func tile1x16(k int, a *float32, col int, b *float32, ldb int, c *float32, add int)

//go:noescape
func tile8x32(k int, a *float32, row, col int, b *float32, ldb int, c *float32, ldc, add int)
