//go:build !amd64

package net

func detect() Kernel { return Portable }

func (k Kernel) mul(p *product) {
	p.check()
	p.mulGo()
}
