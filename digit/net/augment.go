package net

import (
	"math"
	"math/rand/v2"
)

// Augment says how far a training picture may be moved away from its original. Each but Elastic and Stroke is
// the largest change, drawn evenly in both directions.
type Augment struct {
	Rotate  float64 // radians
	Scale   float64 // share of the size, each axis by itself
	Shear   float64 // slant
	Shift   float64 // pixels, each axis
	Elastic float64 // standard deviation in pixels of a 5×5 grid, 7 pixels apart
	Stroke  float64 // probability that the stroke is made thicker, thinner, softer or harder
}

// Times returns a with every change k times as large; Stroke stays a probability of at most 1.
func (a Augment) Times(k float64) Augment {
	return Augment{a.Rotate * k, a.Scale * k, a.Shear * k, a.Shift * k, a.Elastic * k, min(1, a.Stroke*k)}
}

// margin is how far around the picture the sampling may look; there it is background.
const margin = 2

const padded = Side + 2*margin

// Apply writes a changed copy of src, 0 to 255 a pixel, to dst, 0 to 1 a pixel.
func (a Augment) Apply(src []byte, dst *[Pixels]float32, rng *rand.Rand) {
	var from [padded * padded]float32
	for y := range Side {
		for x, v := range src[y*Side:][:Side] {
			from[(y+margin)*padded+x+margin] = float32(v) / 255
		}
	}
	m := a.draw(rng)
	var grid [2][25]float32
	if a.Elastic > 0 {
		for i := range grid[0] {
			grid[0][i], grid[1][i] = float32(rng.NormFloat64()*a.Elastic), float32(rng.NormFloat64()*a.Elastic)
		}
	}
	for y := range Side {
		q, fy := y/7*5, (float32(y%7)+.5)/7
		v := float32(y) - m.centreY
		for x := range Side {
			u := float32(x) - m.centreX
			px := m.xx*u + m.xy*v + middle
			py := m.yx*u + m.yy*v + middle
			if a.Elastic > 0 {
				fx := (float32(x%7) + .5) / 7
				px += between(&grid[0], q+x/7, fx, fy)
				py += between(&grid[1], q+x/7, fx, fy)
			}
			dst[y*Side+x] = sample(&from, px+margin, py+margin)
		}
	}
	if a.Stroke > 0 && rng.Float64() < a.Stroke {
		reink(dst, rng)
	}
}

const middle = float32(Side-1) / 2

// affine maps a pixel of the new picture to a place in the old one.
type affine struct{ xx, xy, yx, yy, centreX, centreY float32 }

func (a Augment) draw(rng *rand.Rand) affine {
	draw := func(limit float64) float64 { return (2*rng.Float64() - 1) * limit }
	sin, cos := math.Sincos(draw(a.Rotate))
	width, height, shear := 1+draw(a.Scale), 1+draw(a.Scale), draw(a.Shear)
	return affine{
		xx: float32(cos / width), xy: float32(sin / width),
		yx: float32((shear*cos - sin) / height), yy: float32((cos + shear*sin) / height),
		centreX: middle + float32(draw(a.Shift)), centreY: middle + float32(draw(a.Shift)),
	}
}

// between interpolates in the cell of a 5×5 grid whose first corner is q.
func between(grid *[25]float32, q int, fx, fy float32) float32 {
	return (grid[q]*(1-fx)+grid[q+1]*fx)*(1-fy) + (grid[q+5]*(1-fx)+grid[q+6]*fx)*fy
}

// sample interpolates in a padded picture, 0 outside.
func sample(from *[padded * padded]float32, x, y float32) float32 {
	if !(x >= 0 && y >= 0 && x < padded-1 && y < padded-1) {
		return 0
	}
	x0, y0 := int(x), int(y)
	wx, wy := x-float32(x0), y-float32(y0)
	p := from[y0*padded+x0:]
	return (p[0]*(1-wx)+p[1]*wx)*(1-wy) + (p[padded]*(1-wx)+p[padded+1]*wx)*wy
}

// reink makes the stroke thicker, thinner, softer or harder, by a random amount: pens, pads and cameras
// differ in that more than the writers of MNIST did.
func reink(img *[Pixels]float32, rng *rand.Rand) {
	how, amount := rng.IntN(4), float32(0.25+0.5*rng.Float64())
	if how == 3 {
		gain := 1 + 3*amount
		for i, v := range img {
			img[i] = min(max((v-0.5)*gain+0.5, 0), 1)
		}
		return
	}
	old := *img
	at := func(y, x int) float32 {
		if uint(y) < Side && uint(x) < Side {
			return old[y*Side+x]
		}
		return 0
	}
	for y := range Side {
		for x := range Side {
			c, n, s, w, e := old[y*Side+x], at(y-1, x), at(y+1, x), at(y, x-1), at(y, x+1)
			var v float32
			switch how {
			case 0:
				v = max(c, n, s, w, e)
			case 1:
				v = min(c, n, s, w, e)
			case 2:
				v = (4*c + 2*(n+s+w+e) + at(y-1, x-1) + at(y-1, x+1) + at(y+1, x-1) + at(y+1, x+1)) / 16
			}
			img[y*Side+x] = c + amount*(v-c)
		}
	}
}
