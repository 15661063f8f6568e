package coarse

import (
	"context"
	"math"
)

// zigzag is the place, row by row, of the coefficients in the order in which they are stored (figure A.6).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// means returns, for n pixels a line of 8, how much each frequency of the cosine transform (A.3.3) adds to each pixel.
func means(n int) [][8]float64 {
	o := make([][8]float64, n)
	for x := range 8 {
		for u := range 8 {
			k := .5
			if u == 0 {
				k = math.Sqrt(1. / 8)
			}
			o[x*n/8][u] += k * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * float64(n) / 8
		}
	}
	return o
}

// prepare lays out the planes and what coefficients add to them.
func (d *decoder) prepare() error {
	h, v := d.parts[0].h, d.parts[0].v // the largest: frame saw to it
	d.across, d.down = (d.width+8*h-1)/(8*h), (d.height+8*v-1)/(8*v)
	for i := range d.parts {
		p := &d.parts[i]
		p.nx, p.ny = 8*h/p.h/d.reduction, 8*v/p.v/d.reduction
		if p.nx < 1 || p.ny < 1 || p.nx > 8 || p.ny > 8 {
			return ErrOther
		}
		across, down := means(p.nx), means(p.ny)
		p.add = make([]float32, 64*p.nx*p.ny)
		for z, place := range zigzag {
			for y := range p.ny {
				for x := range p.nx {
					k := down[y][place/8] * across[x][place%8]
					if math.Abs(k) < 1e-9 {
						continue
					}
					p.needed[z] = true
					p.add[(z*p.ny+y)*p.nx+x] = float32(k * float64(d.quant[p.quant][z]))
				}
			}
		}
		p.stride = d.across * p.h * p.nx
		p.pix = make([]byte, p.stride*d.down*p.v*p.ny)
	}
	return nil
}

// scan reads all blocks.
func (d *decoder) scan(ctx context.Context) error {
	b := bits{content: d.content, at: d.at}
	total, group, expected := d.across*d.down, 0, byte(markerRST0)
	for y := range d.down {
		if err := ctx.Err(); err != nil {
			return err
		}
		for x := range d.across {
			for i := range d.parts {
				p := &d.parts[i]
				for k := range p.h * p.v {
					if !p.read(&b) {
						return ErrOther
					}
					p.put(x*p.h+k%p.h, y*p.v+k/p.h)
				}
			}
			if group++; d.restart == 0 || group%d.restart != 0 || group == total {
				continue
			}
			if b.overrun() || b.n-b.lent >= 8 || !isNext(d.content, b.at, expected) {
				return ErrOther
			}
			b = bits{content: d.content, at: b.at + 2}
			if expected++; expected > markerRST7 {
				expected = markerRST0
			}
			for i := range d.parts {
				d.parts[i].last = 0
			}
		}
	}
	if b.overrun() {
		return ErrOther
	}
	d.at = b.at - max(0, b.n-b.lent)/8*2 // bytes in the buffer may each have had a zero stuffed behind them
	d.at = max(2, d.at)
	return nil
}

func isNext(content []byte, at int, marker byte) bool {
	return at+1 < len(content) && content[at] == 0xff && content[at+1] == marker
}

// read reads one block into p.block, as pixels. It reports false where the data is broken.
func (p *part) read(b *bits) bool {
	n := p.nx * p.ny
	block := p.block[:n]
	// The constant term: a difference to the last block's (F.2.2.1).
	if b.n < 32 {
		b.fill()
	}
	v := p.dc.first[b.buffer>>(64-quick)]
	size, length := int(v>>8), int(v&0xff)
	if length == 0 {
		var long byte
		if long, length = p.dc.long(b.buffer); length == 0 {
			return false
		}
		size = int(long)
	}
	if size > 11 {
		return false
	}
	b.skip(length)
	if size > 0 {
		p.last += extended(b.buffer, size)
		b.skip(size)
	}
	level := float32(p.last)*p.add[0] + 128
	for i := range block {
		block[i] = level
	}
	// The others (F.2.2.2).
	for z := 1; z < 64; z++ {
		if b.n < 32 {
			b.fill()
		}
		next := b.buffer >> (64 - quick)
		var k int32
		if v := p.ac.whole[next]; v != 0 {
			z += int(v >> 8 & 0xff)
			k = v >> 16
			b.skip(int(v & 0xff))
		} else {
			value, length := byte(p.ac.first[next]>>8), int(p.ac.first[next]&0xff)
			if length == 0 {
				if value, length = p.ac.long(b.buffer); length == 0 {
					return false
				}
			}
			b.skip(length)
			size := int(value & 15)
			if size == 0 {
				if value != 0xf0 { // no more
					if value != 0 {
						return false
					}
					break
				}
				z += 15
				continue
			}
			z += int(value >> 4)
			k = extended(b.buffer, size)
			b.skip(size)
		}
		if z > 63 {
			return false
		}
		if p.needed[z] {
			k := float32(k)
			for i, v := range p.add[z*n : z*n+n] {
				block[i] += k * v
			}
		}
	}
	return b.n >= 0
}

// extended reads size bits, the highest of the buffer, as a signed number (table F.1).
func extended(buffer uint64, size int) int32 {
	v := int32(buffer >> (64 - size))
	if v < 1<<(size-1) {
		v += -1<<size + 1
	}
	return v
}

// put writes the block's pixels.
func (p *part) put(x, y int) {
	at := y*p.ny*p.stride + x*p.nx
	for row := range p.ny {
		to := p.pix[at+row*p.stride:][:p.nx]
		for i, v := range p.block[row*p.nx:][:p.nx] {
			to[i] = byte(max(0, min(255, v+.5)))
		}
	}
}
