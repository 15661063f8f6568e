package prep

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"sync"
)

// raster is a picture at working size: its planes of red, green and blue, or one plane three times where it is grey.
type raster struct {
	w, h int
	grey bool
	c    [3][]float32
}

// turned returns r after an EXIF turn (CIPA DC-008, tag 274): 2 to 4 keep the sides, 5 to 8 swap them.
func (r raster) turned(orientation int) raster {
	if orientation < 2 || orientation > 8 {
		return r
	}
	o := raster{w: r.w, h: r.h, grey: r.grey}
	if orientation >= 5 {
		o.w, o.h = r.h, r.w
	}
	for k := range r.c {
		if k > 0 && r.grey {
			o.c[k] = o.c[0]
			continue
		}
		o.c[k] = make([]float32, len(r.c[k]))
		for y := range o.h {
			for x := range o.w {
				sx, sy := turnedFrom(orientation, x, y, r.w, r.h)
				o.c[k][y*o.w+x] = r.c[k][sy*r.w+sx]
			}
		}
	}
	return o
}

// turnedFrom says where the pixel (x, y) of the upright picture lies in the stored one of w×h.
func turnedFrom(orientation, x, y, w, h int) (sx, sy int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

// without returns r without dx pixels on the left and on the right, and dy at the top and at the bottom.
func (r raster) without(dx, dy int) raster {
	o := raster{w: r.w - 2*dx, h: r.h - 2*dy, grey: r.grey}
	for k := range r.c {
		if k > 0 && r.grey {
			o.c[k] = o.c[0]
			continue
		}
		o.c[k] = make([]float32, 0, o.w*o.h)
		for y := dy; y < r.h-dy; y++ {
			o.c[k] = append(o.c[k], r.c[k][y*r.w+dx:(y+1)*r.w-dx]...)
		}
	}
	return o
}

// resized returns r at w×h.
func (r raster) resized(w, h int) raster {
	if w == r.w && h == r.h {
		return r
	}
	o := raster{w: w, h: h, grey: r.grey}
	for k := range r.c {
		if k > 0 && r.grey {
			o.c[k] = o.c[0]
			continue
		}
		o.c[k] = resize(r.c[k], r.w, r.h, w, h)
	}
	return o
}

// luminance returns the brightness of each pixel, with the weights of ITU-R BT.601.
func (r raster) luminance() []float32 {
	if r.grey {
		return r.c[0]
	}
	o := make([]float32, r.w*r.h)
	red, green, blue := r.c[0][:len(o)], r.c[1][:len(o)], r.c[2][:len(o)]
	for i := range o {
		o[i] = .299*red[i] + .587*green[i] + .114*blue[i]
	}
	return o
}

// inverted returns 1-r.
func (r raster) inverted() raster {
	o := raster{w: r.w, h: r.h, grey: r.grey}
	for k := range r.c {
		if k > 0 && r.grey {
			o.c[k] = o.c[0]
			continue
		}
		o.c[k] = make([]float32, len(r.c[k]))
		for i, v := range r.c[k] {
			o.c[k][i] = 1 - v
		}
	}
	return o
}

// image returns r as an image, grey where it is.
func (r raster) image() image.Image {
	bounds := image.Rect(0, 0, r.w, r.h)
	if r.grey {
		o := image.NewGray(bounds)
		for i, v := range r.c[0] {
			o.Pix[i] = level(v)
		}
		return o
	}
	o := image.NewRGBA(bounds)
	for i := range r.w * r.h {
		o.Pix[4*i], o.Pix[4*i+1], o.Pix[4*i+2], o.Pix[4*i+3] = level(r.c[0][i]), level(r.c[1][i]), level(r.c[2][i]), 255
	}
	return o
}

func level(v float32) uint8 { return uint8(max(0, min(255, v*255+.5))) }

// thumbSide bounds the thumbnail's sides.
const thumbSide = 160

// thumbnail encodes r anew, so that nothing of the upload's bytes is ever kept or served.
func thumbnail(r raster) ([]byte, error) {
	if long := max(r.w, r.h); long > thumbSide {
		r = r.resized(max(1, r.w*thumbSide/long), max(1, r.h*thumbSide/long))
	}
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &encoders}
	if err := e.Encode(&b, r.image()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// encoders are kept: the compressor's tables are larger than a thumbnail's pixels.
var encoders encoderPool

type encoderPool struct{ pool sync.Pool }

// Get returns a buffer that was put back, or nil.
func (p *encoderPool) Get() *png.EncoderBuffer {
	b, _ := p.pool.Get().(*png.EncoderBuffer)
	return b
}

// Put takes a buffer that is no longer in use.
func (p *encoderPool) Put(b *png.EncoderBuffer) { p.pool.Put(b) }

// grey levels of a plane as an image, scaled by gain; for explaining.
func planeImage(p []float32, w, h int, gain float32) image.Image {
	o := image.NewGray(image.Rect(0, 0, w, h))
	for i, v := range p {
		o.SetGray(i%w, i/w, color.Gray{Y: level(v * gain)})
	}
	return o
}
