package material

import (
	"image"
	"math"

	"cifra/digit/synth"
)

// small draws a glyph as a scanner of old left it: few pixels, grey edges, often nothing around the digit.
func small(r source, g synth.Glyph) *image.Gray {
	const fine = 4 // squared: what a pixel is the mean of
	side := 10 + r.IntN(23)
	if r.chance(.4) {
		side = 16
	}
	long := 1. // the digit with its pen, of the side
	if r.chance(.4) {
		long = r.between(.55, 1)
	}
	pen := r.scale(.07, .22) * long
	free := (1 - long) / 2
	at := float64(side * fine)
	cover := g.Cover(side*fine, synth.Placing{
		X: at * (.5 + r.between(-free, free)), Y: at * (.5 + r.between(-free, free)), Size: at * (long - pen), Width: at * pen,
	})
	o := image.NewGray(image.Rect(0, 0, side, side))
	ink := make([]float64, side*side)
	for i, c := range cover {
		ink[i/(side*fine*fine)*side+i%(side*fine)/fine] += float64(c) / (fine * fine)
	}
	soft, top, ground, noise, inverted := r.between(0, 1), r.between(.6, 1), r.between(0, .12), r.scale(.002, .05), r.chance(.5)
	for i, v := range softened(ink, side) {
		v = ground + (top-ground)*(ink[i]+soft*(v-ink[i])) + noise*r.NormFloat64()
		if inverted {
			v = 1 - v
		}
		o.Pix[i] = uint8(math.Round(255 * max(0, min(1, v))))
	}
	return o
}

// softened returns a square picture under the kernel 1 2 1 in both directions; beyond its border it goes on.
func softened(ink []float64, side int) []float64 {
	o := make([]float64, len(ink))
	for i := range o {
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				x, y := max(0, min(side-1, i%side+dx)), max(0, min(side-1, i/side+dy))
				o[i] += ink[y*side+x] * float64((2-dx*dx)*(2-dy*dy)) / 16
			}
		}
	}
	return o
}
