package net

// The routines below work on 16 channels of each row (pixel), pitch bytes apart; the caller walks over the
// blocks of channels. vector.go has their contracts, as portable code.

//go:noescape
func poolMax256(n, pitch int, z *float32, line int, dst *float32)

//go:noescape
func poolBack256(n, pitch int, z *float32, line int, grad, dz *float32)

//go:noescape
func moments256(rows, pitch int, z, sum, square *float32)

//go:noescape
func scaleReLU256(rows, pitch int, z, dst, scale, shift *float32)

//go:noescape
func gateReLU256(rows, pitch int, y, dy, z, gz, sum, product *float32)

//go:noescape
func normBack256(rows, pitch int, gz, z, a, b, c *float32)

//go:noescape
func adam256(n int, w, m, v, grad *float32, k *adamStep)

func (k Kernel) poolMax(n, ch int, z []float32, stride int, dst []float32) {
	if k == Portable {
		poolMaxGo(n, ch, z, stride, dst)
		return
	}
	_, _ = z[(stride+2*n)*ch-1], dst[n*ch-1]
	poolMax256(n, ch*4, &z[0], stride*ch*4, &dst[0])
}

func (k Kernel) poolBack(n, ch int, z []float32, stride int, g, dz []float32) {
	if k == Portable {
		poolBackGo(n, ch, z, stride, g, dz)
		return
	}
	last := (stride+2*n)*ch - 1
	_, _, _ = z[last], dz[last], g[n*ch-1]
	poolBack256(n, ch*4, &z[0], stride*ch*4, &g[0], &dz[0])
}

func (k Kernel) moments(rows, ch int, z, sum, square []float32) {
	if k == Portable {
		momentsGo(rows, ch, z, sum, square)
		return
	}
	_, _, _ = z[rows*ch-1], sum[ch-1], square[ch-1]
	for c := 0; c < ch; c += lane {
		moments256(rows, ch*4, &z[c], &sum[c], &square[c])
	}
}

func (k Kernel) scaleReLU(rows, ch int, z, dst, scale, shift []float32) {
	if k == Portable {
		scaleReLUGo(rows, ch, z, dst, scale, shift)
		return
	}
	_, _, _, _ = z[rows*ch-1], dst[rows*ch-1], scale[ch-1], shift[ch-1]
	for c := 0; c < ch; c += lane {
		scaleReLU256(rows, ch*4, &z[c], &dst[c], &scale[c], &shift[c])
	}
}

func (k Kernel) gateReLU(rows, ch int, y, dy, z, gz, sum, product []float32) {
	if k == Portable {
		gateReLUGo(rows, ch, y, dy, z, gz, sum, product)
		return
	}
	last := rows*ch - 1
	_, _, _, _, _, _ = y[last], dy[last], z[last], gz[last], sum[ch-1], product[ch-1]
	for c := 0; c < ch; c += lane {
		gateReLU256(rows, ch*4, &y[c], &dy[c], &z[c], &gz[c], &sum[c], &product[c])
	}
}

func (k Kernel) normBack(rows, ch int, gz, z, a, b, c []float32) {
	if k == Portable {
		normBackGo(rows, ch, gz, z, a, b, c)
		return
	}
	_, _, _, _, _ = gz[rows*ch-1], z[rows*ch-1], a[ch-1], b[ch-1], c[ch-1]
	for i := 0; i < ch; i += lane {
		normBack256(rows, ch*4, &gz[i], &z[i], &a[i], &b[i], &c[i])
	}
}

func (k Kernel) adam(w, m, v, g []float32, s *adamStep) {
	n := len(w)
	if n%lane != 0 {
		panic("net: weights that aren't a multiple of 16")
	}
	if k == Portable {
		adamGo(w, m, v, g, s)
		return
	}
	_, _, _ = m[n-1], v[n-1], g[n-1]
	adam256(n, &w[0], &m[0], &v[0], &g[0], s)
}
