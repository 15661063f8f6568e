// Package qr draws addresses as QR codes (ISO/IEC 18004): bytes, error correction M, versions 1 to 6, which hold up to 106
// bytes. That is enough for an address by which a room joins, and little enough to do without a dependency.
package qr

import "errors"

// ErrLong is returned for more than 106 bytes.
var ErrLong = errors.New("qr: too long")

// versions are, for error correction M: codewords in all, of correction in each block, and blocks.
var versions = []struct{ total, correction, blocks int }{
	{26, 10, 1}, {44, 16, 1}, {70, 26, 1}, {100, 18, 2}, {134, 24, 2}, {172, 16, 4},
}

// Code is a QR code: rows of modules, true for dark.
type Code struct {
	Size    int
	modules []bool
	fixed   []bool // belongs to a pattern, not to the data
}

// Dark reports whether the module at column x of row y is dark.
func (c *Code) Dark(x, y int) bool { return c.modules[y*c.Size+x] }

func (c *Code) set(x, y int, dark bool) { c.modules[y*c.Size+x], c.fixed[y*c.Size+x] = dark, true }

// Encode returns text as a code.
func Encode(text string) (*Code, error) {
	for n, v := range versions {
		data := v.total - v.correction*v.blocks
		if len(text)+2 > data { // 4 bits of mode, 8 of length, 4 to end
			continue
		}
		c := draw(n + 1)
		c.fill(protect(pack(text, data), v.correction, v.blocks))
		best, least := 0, 1<<30
		for mask := range 8 {
			c.mask(mask)
			c.format(mask)
			if p := c.penalty(); p < least {
				best, least = mask, p
			}
			c.mask(mask) // twice is none
		}
		c.mask(best)
		c.format(best)
		return c, nil
	}
	return nil, ErrLong
}

// pack writes text as bytes of mode 4, and fills up to n codewords.
func pack(text string, n int) []byte {
	bits := make([]byte, 0, n)
	bits = append(bits, 0x40|byte(len(text)>>4), byte(len(text)<<4)) //nolint:gosec // a length of at most 255, in halves
	for i := range len(text) {
		bits[len(bits)-1] |= text[i] >> 4
		bits = append(bits, text[i]<<4)
	}
	for pad := byte(0xEC); len(bits) < n; pad ^= 0xEC ^ 0x11 {
		bits = append(bits, pad)
	}
	return bits
}

// protect adds the correction and interleaves the blocks. Of these versions all blocks of one have nearly one length;
// the shorter ones come first.
func protect(data []byte, correction, blocks int) []byte {
	generator := divisor(correction)
	short, long := len(data)/blocks, len(data)%blocks
	var parts, checks [][]byte
	for b, at := 0, 0; b < blocks; b++ {
		n := short
		if b >= blocks-long {
			n++
		}
		parts = append(parts, data[at:at+n])
		checks = append(checks, remainder(data[at:at+n], generator))
		at += n
	}
	var out []byte
	for i := range short + 1 {
		for _, p := range parts {
			if i < len(p) {
				out = append(out, p[i])
			}
		}
	}
	for i := range correction {
		for _, c := range checks {
			out = append(out, c[i])
		}
	}
	return out
}

// multiply multiplies in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.
func multiply(a, b byte) byte {
	var z int
	for i := 7; i >= 0; i-- {
		z = z<<1 ^ z>>7*0x11D
		z ^= int(b) >> i & 1 * int(a)
	}
	return byte(z)
}

// divisor is the generator polynomial of a Reed-Solomon code of that degree, without its leading 1.
func divisor(degree int) []byte {
	g := make([]byte, degree)
	g[degree-1] = 1
	root := byte(1)
	for range degree {
		for j := range g {
			g[j] = multiply(g[j], root)
			if j+1 < degree {
				g[j] ^= g[j+1]
			}
		}
		root = multiply(root, 2)
	}
	return g
}

func remainder(data, generator []byte) []byte {
	r := make([]byte, len(generator))
	for _, b := range data {
		factor := b ^ r[0]
		copy(r, r[1:])
		r[len(r)-1] = 0
		for i, g := range generator {
			r[i] ^= multiply(g, factor)
		}
	}
	return r
}
