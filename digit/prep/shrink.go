package prep

import (
	"bytes"
	"image"
	"slices"
)

// Sides of the working picture. 384 px is where more pixels no longer helped; under 200 px strokes are too few
// pixels wide to measure, so small pictures are enlarged by a whole factor.
const (
	workSide  = 384
	smallSide = 200
)

// workSize returns the working size of a w×h picture: its long side is workSide at most.
func workSize(w, h int) (nw, nh int) {
	long := max(w, h)
	if long <= workSide {
		return w, h
	}
	return max(1, (w*workSide+long/2)/long), max(1, (h*workSide+long/2)/long)
}

// shrink averages img, an upload of w×h that may have been reduced while it was decoded, down to working size, plane by
// plane and row by row, so that nothing of full size is copied. It reports whether some of img was transparent.
func shrink(img image.Image, w, h int) (r raster, alpha bool) {
	b := img.Bounds()
	r.w, r.h = workSize(w, h)
	if m, ok := img.(*image.YCbCr); ok {
		r.fromYCbCr(m)
		return r, false
	}
	in := rows(img)
	if b.Dx() == r.w && b.Dy() == r.h { // nothing to average: most drawings
		r.fromRows(in)
		return r, in.alpha
	}
	var (
		buf [3][]byte
		out [3]*averager
	)
	planes := 1 // until the first row with a colour: most drawings have none
	out[0] = newAverager(b.Dx(), b.Dy(), r.w, r.h)
	for k := range buf {
		buf[k] = make([]byte, b.Dx())
	}
	for y := range b.Dy() {
		in.read(y, buf[0], buf[1], buf[2])
		if planes == 1 && !in.grey && (!bytes.Equal(buf[0], buf[1]) || !bytes.Equal(buf[0], buf[2])) {
			planes = 3
			out[1], out[2] = out[0].clone(), out[0].clone()
		}
		for k := range planes {
			out[k].row(buf[k])
		}
	}
	for k := range r.c {
		r.c[k] = out[min(k, planes-1)].out
	}
	r.grey = planes == 1 || r.colourless()
	if r.grey {
		r.c[1], r.c[2] = r.c[0], r.c[0]
	}
	return r, in.alpha
}

// fromRows takes a picture of working size as it is: one plane, unless some pixel has a colour.
func (r *raster) fromRows(in rowReader) {
	var row [3][]byte
	for k := range row {
		row[k] = make([]byte, r.w)
	}
	r.c[0], r.grey = make([]float32, r.w*r.h), true
	for y := range r.h {
		in.read(y, row[0], row[1], row[2])
		levelled(r.c[0][y*r.w:(y+1)*r.w], row[0])
		r.grey = r.grey && (in.grey || isGrey(row[0], row[1], row[2]))
	}
	r.c[1], r.c[2] = r.c[0], r.c[0]
	if r.grey {
		return
	}
	r.c[1], r.c[2] = make([]float32, r.w*r.h), make([]float32, r.w*r.h)
	for y := range r.h {
		in.read(y, row[0], row[1], row[2])
		levelled(r.c[1][y*r.w:(y+1)*r.w], row[1])
		levelled(r.c[2][y*r.w:(y+1)*r.w], row[2])
	}
}

// levelled writes a row's levels from 0 to 1.
func levelled(to []float32, row []byte) {
	for x, v := range row[:len(to)] {
		to[x] = shares[v]
	}
}

// isGrey is colourless for one row of bytes.
func isGrey(red, green, blue []byte) bool {
	if bytes.Equal(red, green) && bytes.Equal(red, blue) {
		return true
	}
	green, blue = green[:len(red)], blue[:len(red)]
	for x, v := range red {
		if a, b := int(v)-int(green[x]), int(v)-int(blue[x]); max(a, -a, b, -b) > colourlessLevels {
			return false
		}
	}
	return true
}

// fromYCbCr averages each plane as the JPEG decoder left it, and turns to red, green and blue (JFIF 1.02, clause 7)
// only at working size: both steps are linear, so their order does not matter.
func (r *raster) fromYCbCr(m *image.YCbCr) {
	b := m.Bounds()
	x0, y0 := m.COffset(b.Min.X, b.Min.Y)%max(1, m.CStride), b.Min.Y
	last := m.COffset(b.Max.X-1, b.Max.Y-1)
	first := m.COffset(b.Min.X, y0)
	cw := last%m.CStride - x0 + 1
	ch := last/m.CStride - first/m.CStride + 1
	var luma, cb, cr *averager
	together(
		func() { luma = averaged(m.Y[m.YOffset(b.Min.X, b.Min.Y):], m.YStride, b.Dx(), b.Dy(), r.w, r.h) },
		func() { cb = averaged(m.Cb[first:], m.CStride, cw, ch, r.w, r.h) },
		func() { cr = averaged(m.Cr[first:], m.CStride, cw, ch, r.w, r.h) },
	)
	const zero = 128. / 255
	for i, l := range luma.out {
		u, v := cb.out[i]-zero, cr.out[i]-zero
		// In place: red over Cr, green over Cb, blue over Y.
		luma.out[i] = max(0, min(1, l+1.772*u))
		cr.out[i] = max(0, min(1, l+1.402*v))
		cb.out[i] = max(0, min(1, l-.344136*u-.714136*v))
	}
	r.c = [3][]float32{cr.out, cb.out, luma.out}
	if r.colourless() {
		r.grey = true
		r.c[0] = r.c[1] // green is nearest to the luminance
		r.c[1], r.c[2] = r.c[0], r.c[0]
	}
}

// colourlessLevels is by how many of 255 levels a grey pixel's channels may differ.
const colourlessLevels = 8

// colourless reports whether no pixel's channels differ by more than that: then one channel holds everything, in a third
// of the time.
func (r *raster) colourless() bool {
	const tolerance = (colourlessLevels + .5) / 255
	red, green, blue := r.c[0], r.c[1][:len(r.c[0])], r.c[2][:len(r.c[0])]
	for i, v := range red {
		if a, b := v-green[i], v-blue[i]; a > tolerance || a < -tolerance || b > tolerance || b < -tolerance {
			return false
		}
	}
	return true
}

// averager shrinks (or enlarges by repetition) one plane of w×h bytes to nw×nh by the area that each new pixel covers.
type averager struct {
	w, h, nw, nh int
	y, to        int      // next row in, row under way out
	sum          []uint32 // of the rows under way, weighted in 1/256
	weight       uint32   // of the rows under way
	spans        []span   // what each new pixel covers of a row
	out          []float32
}

func newAverager(w, h, nw, nh int) *averager {
	a := &averager{w: w, h: h, nw: nw, nh: nh, sum: make([]uint32, w), spans: make([]span, nw), out: make([]float32, nw*nh)}
	for x := range a.spans {
		a.spans[x] = spanOf(x, nw, w)
	}
	return a
}

// averaged takes a whole plane of w×h bytes.
func averaged(plane []byte, stride, w, h, nw, nh int) *averager {
	a := newAverager(w, h, nw, nh)
	for y := range h {
		a.row(plane[y*stride:][:w])
	}
	return a
}

// clone returns an averager that has taken the same rows.
func (a *averager) clone() *averager {
	c := *a
	c.sum, c.out = slices.Clone(a.sum), slices.Clone(a.out)
	return &c
}

// row takes the next row of the plane.
func (a *averager) row(p []byte) {
	if a.w == a.nw && a.h == a.nh { // nothing to average
		levelled(a.out[a.y*a.w:(a.y+1)*a.w], p)
		a.y++
		return
	}
	from, next := a.y*a.nh, (a.y+1)*a.nh // in units of 1/h of an output row
	for from < next {
		end := min(next, (a.to+1)*a.h)
		weight := uint32((end - from) * 256 / a.nh)
		if weight == 256 {
			sum := a.sum[:len(p)]
			for x, v := range p {
				sum[x] += uint32(v) << 8
			}
		} else if weight > 0 {
			sum := a.sum[:len(p)]
			for x, v := range p {
				sum[x] += uint32(v) * weight
			}
		}
		a.weight += weight
		if end == (a.to+1)*a.h {
			a.flush()
		}
		from = end
	}
	a.y++
}

// shares are a byte's levels from 0 to 1, to the last bit as flush would reckon them.
var shares = func() (o [256]float32) {
	for v := range o {
		o[v] = float32(v<<8) * (1 / (255 * float32(256)))
	}
	return o
}()

// flush averages the rows under way across, and starts the next output row.
func (a *averager) flush() {
	out := a.out[a.to*a.nw : (a.to+1)*a.nw]
	k := 1 / (255 * float32(max(1, a.weight)))
	for x := range out {
		sp := &a.spans[x]
		part := a.sum[sp.from:sp.to]
		sum := float32(part[0]) * sp.first
		if last := len(part) - 1; last > 0 {
			sum += float32(part[last]) * sp.last
			for _, v := range part[1:last] {
				sum += float32(v)
			}
		}
		out[x] = sum * sp.k * k
	}
	clear(a.sum)
	a.weight = 0
	a.to++
}
