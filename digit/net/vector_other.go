//go:build !amd64

package net

func (Kernel) poolMax(n, ch int, z []float32, stride int, dst []float32) {
	poolMaxGo(n, ch, z, stride, dst)
}

func (Kernel) poolBack(n, ch int, z []float32, stride int, g, dz []float32) {
	poolBackGo(n, ch, z, stride, g, dz)
}

func (Kernel) moments(rows, ch int, z, sum, square []float32) { momentsGo(rows, ch, z, sum, square) }

func (Kernel) scaleReLU(rows, ch int, z, dst, scale, shift []float32) {
	scaleReLUGo(rows, ch, z, dst, scale, shift)
}

func (Kernel) gateReLU(rows, ch int, y, dy, z, gz, sum, product []float32) {
	gateReLUGo(rows, ch, y, dy, z, gz, sum, product)
}

func (Kernel) normBack(rows, ch int, gz, z, a, b, c []float32) { normBackGo(rows, ch, gz, z, a, b, c) }

func (Kernel) adam(w, m, v, g []float32, s *adamStep) { adamGo(w, m, v, g, s) }
