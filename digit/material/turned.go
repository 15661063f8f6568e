package material

import (
	"math"

	"cifra"
	"cifra/digit/idx"
)

// Turned returns a set's pictures in a hand that no model was taught: turned by 35°, and thicker by so many pixels on
// every side. Retraining is measured on it.
func Turned(set idx.Set, thicker int) idx.Set {
	o := idx.Set{Side: set.Side, Images: make([]byte, len(set.Images)), Labels: set.Labels}
	for i := range set.Len() {
		turnThick(set.Image(i), o.Image(i), thicker)
	}
	return o
}

// turnThick turns a picture clockwise around its middle, at 0.9 of its size, and spreads its ink by some pixels.
func turnThick(picture, dst []byte, thicker int) {
	const side, middle, size = cifra.Side, (cifra.Side - 1) / 2., .9
	sin, cos := math.Sincos(35 * math.Pi / 180)
	at := func(x, y int) float64 {
		if uint(x) >= side || uint(y) >= side {
			return 0
		}
		return float64(picture[y*side+x])
	}
	var turned [side * side]byte
	for y := range side {
		for x := range side {
			u, v := (float64(x)-middle)/size, (float64(y)-middle)/size
			px, py := cos*u+sin*v+middle, cos*v-sin*u+middle
			fx, fy := math.Floor(px), math.Floor(py)
			i, j, dx, dy := int(fx), int(fy), px-fx, py-fy
			top := at(i, j)*(1-dx) + at(i+1, j)*dx
			bottom := at(i, j+1)*(1-dx) + at(i+1, j+1)*dx
			turned[y*side+x] = byte(top*(1-dy) + bottom*dy + .5)
		}
	}
	for y := range side {
		for x := range side {
			most := byte(0)
			for v := max(0, y-thicker); v <= min(side-1, y+thicker); v++ {
				for u := max(0, x-thicker); u <= min(side-1, x+thicker); u++ {
					most = max(most, turned[v*side+u])
				}
			}
			dst[y*side+x] = most
		}
	}
}
