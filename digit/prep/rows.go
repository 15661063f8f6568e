package prep

import (
	"image"
	"image/color"
)

// rowReader hands out an image row by row as bytes: red, green and blue, alpha laid on a ground.
type rowReader struct {
	grey  bool // red alone is filled
	alpha bool // some pixels are transparent
	read  func(y int, red, green, blue []byte)
}

// rows chooses the reader for img. Only the kinds that Go's decoders return are fast; any other goes through
// its colour model.
func rows(img image.Image) rowReader {
	b := img.Bounds()
	switch m := img.(type) {
	case *image.Gray:
		return rowReader{grey: true, read: func(y int, red, _, _ []byte) {
			copy(red, m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):])
		}}
	case *image.Gray16:
		return rowReader{grey: true, read: func(y int, red, _, _ []byte) {
			p := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range red {
				red[x] = rounded(p[2*x], p[2*x+1])
			}
		}}
	case *image.RGBA: // from the decoders: always opaque
		if !m.Opaque() {
			break
		}
		return rowReader{read: func(y int, red, green, blue []byte) {
			p := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range red {
				q := p[4*x : 4*x+3 : 4*x+3]
				red[x], green[x], blue[x] = q[0], q[1], q[2]
			}
		}}
	case *image.NRGBA:
		opaque, ground := m.Opaque(), uint32(255)
		if !opaque {
			ground = groundFor(img)
		}
		return rowReader{alpha: !opaque, read: func(y int, red, green, blue []byte) {
			p := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range red {
				q := p[4*x : 4*x+4 : 4*x+4]
				if q[3] == 255 {
					red[x], green[x], blue[x] = q[0], q[1], q[2]
					continue
				}
				a, g := uint32(q[3]), ground*(255-uint32(q[3]))+127
				red[x], green[x], blue[x] = byte((uint32(q[0])*a+g)/255), byte((uint32(q[1])*a+g)/255), byte((uint32(q[2])*a+g)/255)
			}
		}}
	case *image.Paletted:
		return palettedRows(m)
	case *image.CMYK:
		return rowReader{read: func(y int, red, green, blue []byte) {
			p := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range red {
				red[x], green[x], blue[x] = color.CMYKToRGB(p[4*x], p[4*x+1], p[4*x+2], p[4*x+3])
			}
		}}
	}
	return anyRows(img)
}

// palettedRows lays the palette on its ground once.
func palettedRows(m *image.Paletted) rowReader {
	opaque, ground := m.Opaque(), uint32(255)
	if !opaque {
		ground = groundFor(m)
	}
	var table [256][3]byte
	for i := range table {
		if i < len(m.Palette) {
			table[i] = laid(m.Palette[i], ground)
		}
	}
	b := m.Bounds()
	return rowReader{alpha: !opaque, read: func(y int, red, green, blue []byte) {
		p := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range red {
			c := &table[p[x]]
			red[x], green[x], blue[x] = c[0], c[1], c[2]
		}
	}}
}

func anyRows(img image.Image) rowReader {
	b := img.Bounds()
	opaque, ground := true, uint32(255)
	if o, ok := img.(interface{ Opaque() bool }); ok {
		opaque = o.Opaque()
	}
	if !opaque {
		ground = groundFor(img)
	}
	return rowReader{alpha: !opaque, read: func(y int, red, green, blue []byte) {
		for x := range red {
			c := laid(img.At(b.Min.X+x, b.Min.Y+y), ground)
			red[x], green[x], blue[x] = c[0], c[1], c[2]
		}
	}}
}

// laid returns c over a grey ground.
func laid(c color.Color, ground uint32) [3]byte {
	r, g, b, a := c.RGBA()
	rest := ground * 257 * (0xffff - a) / 0xffff
	return [3]byte{byte((r + rest + 128) / 257), byte((g + rest + 128) / 257), byte((b + rest + 128) / 257)}
}

// groundFor returns what a transparent picture is laid on: white, but black where what can be seen of it is nearly
// white itself, because a white digit would vanish.
func groundFor(img image.Image) uint32 {
	b := img.Bounds()
	step := max(1, max(b.Dx(), b.Dy())/96)
	var sum, weight, hollow uint64
	n := uint64(0)
	for y := b.Min.Y; y < b.Max.Y; y += step {
		for x := b.Min.X; x < b.Max.X; x += step {
			r, g, bl, a := img.At(x, y).RGBA()
			sum += uint64(299*r+587*g+114*bl) / 1000
			weight += uint64(a)
			n++
			if a < 0x8000 {
				hollow++
			}
		}
	}
	if weight > 0 && hollow*4 > n && float64(sum) > .85*float64(weight) {
		return 0
	}
	return 255
}

// rounded returns the nearest of 256 levels of a big-endian sample of 16 bits.
func rounded(hi, lo byte) byte {
	return byte(((uint32(hi)<<8 | uint32(lo)) + 128) / 257)
}
