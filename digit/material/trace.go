package material

import (
	"math"
	"slices"

	"cifra/digit/idx"
	"cifra/digit/synth"
)

// traceSide is the side of the raster that a picture is thinned on: three times its own.
const traceSide = 3 * 28

// trace returns the strokes of a picture of 28×28, so that it can be written anew with any pen: enlarged three times,
// smoothed, thinned, and the line's neighbouring pixels joined. The glyph is empty where the picture has no ink. It also
// reports whether the strokes are what was there: see covers.
func trace(picture []byte) (g synth.Glyph, isFaithful bool) {
	whole := enlarge(picture)
	ink := slices.Clone(whole)
	thin(ink)
	length := 0
	var xs, ys [traceSide * traceSide]float64
	for i, v := range ink {
		if v {
			xs[i], ys[i] = smoothed(ink, i)
			length++
		}
	}
	for i, v := range ink {
		if !v {
			continue
		}
		joined := false
		for _, d := range [...]int{1, traceSide - 1, traceSide, traceSide + 1} {
			if j := i + d; j < len(ink) && ink[j] {
				joined = true
				g.Strokes = append(g.Strokes, []synth.Point{{X: xs[i], Y: ys[i], Press: 1}, {X: xs[j], Y: ys[j], Press: 1}})
			}
		}
		if !joined {
			g.Strokes = append(g.Strokes, []synth.Point{{X: xs[i], Y: ys[i], Press: 1}})
		}
	}
	isFaithful = covers(g, whole, length)
	normalise(&g)
	return g, isFaithful
}

// enlarge returns where a picture has ink, on a raster of traceSide with an empty border.
func enlarge(picture []byte) []bool {
	o := make([]bool, traceSide*traceSide)
	at := func(x, y int) float64 {
		if uint(x) >= 28 || uint(y) >= 28 {
			return 0
		}
		return float64(picture[y*28+x])
	}
	for y := 1; y < traceSide-1; y++ {
		for x := 1; x < traceSide-1; x++ {
			u, v := (float64(x)+.5)/3-.5, (float64(y)+.5)/3-.5
			fx, fy := math.Floor(u), math.Floor(v)
			i, j := int(fx), int(fy)
			u, v = u-fx, v-fy
			top := at(i, j)*(1-u) + at(i+1, j)*u
			bottom := at(i, j+1)*(1-u) + at(i+1, j+1)*u
			o[y*traceSide+x] = top*(1-v)+bottom*v > .45*255
		}
	}
	return o
}

// thin reduces ink to lines one pixel wide (Zhang and Suen, 1984).
func thin(ink []bool) {
	const w = traceSide
	around := [8]int{-w, 1 - w, 1, 1 + w, w, w - 1, -1, -1 - w}
	var gone []int
	for changed := true; changed; {
		changed = false
		for pass := range 2 {
			gone = gone[:0]
			for i := w + 1; i < len(ink)-w-1; i++ {
				if !ink[i] {
					continue
				}
				var p [8]bool
				n, turns := 0, 0
				for k, d := range around {
					p[k] = ink[i+d]
					if p[k] {
						n++
					}
				}
				for k := range p {
					if !p[k] && p[(k+1)%8] {
						turns++
					}
				}
				if n < 2 || n > 6 || turns != 1 {
					continue
				}
				if pass == 0 && (p[0] && p[2] && p[4] || p[2] && p[4] && p[6]) ||
					pass == 1 && (p[0] && p[2] && p[6] || p[0] && p[4] && p[6]) {
					continue
				}
				gone = append(gone, i)
			}
			for _, i := range gone {
				ink[i] = false
				changed = true
			}
		}
	}
}

// smoothed moves a pixel of the line half way to the mean of those around it.
func smoothed(ink []bool, i int) (x, y float64) {
	n := 0
	for dy := -2; dy <= 2; dy++ {
		for dx := -2; dx <= 2; dx++ {
			u, v := i%traceSide+dx, i/traceSide+dy
			if u >= 0 && v >= 0 && u < traceSide && v < traceSide && ink[v*traceSide+u] {
				x, y, n = x+float64(u), y+float64(v), n+1
			}
		}
	}
	return .5*float64(i%traceSide) + .5*x/float64(n), .5*float64(i/traceSide) + .5*y/float64(n)
}

// normalise moves the glyph around (0, 0) and makes its longer side 1.
func normalise(g *synth.Glyph) {
	x0, y0, x1, y1 := g.Bounds()
	k := 1 / max(1e-6, x1-x0, y1-y0)
	for _, s := range g.Strokes {
		for i := range s {
			s[i].X, s[i].Y = (s[i].X-(x0+x1)/2)*k, (s[i].Y-(y0+y1)/2)*k
		}
	}
}

// bend turns, slants and stretches a glyph, each by up to k times what hands differ in.
func bend(g synth.Glyph, r source, k float64) synth.Glyph {
	sin, cos := math.Sincos(r.between(-.2, .2) * k)
	shear, wide := r.between(-.22, .22)*k, 1+r.between(-.18, .18)*k
	for _, s := range g.Strokes {
		for i, p := range s {
			x, y := p.X*wide+shear*p.Y, p.Y
			s[i].X, s[i].Y = cos*x-sin*y, sin*x+cos*y
		}
	}
	normalise(&g)
	return g
}

// written is a digit as somebody wrote it: traced from a set, or from the generator of strokes.
func written(r source, set idx.Set, share float64) (g synth.Glyph, label byte) {
	if set.Len() > 0 && r.chance(share) {
		for range 100 { // enough for any set of digits
			i := r.IntN(set.Len())
			if g, ok := trace(set.Image(i)); ok {
				return bend(g, r, .7), set.Labels[i]
			}
		}
	}
	label = byte(r.IntN(10))
	style := synth.Style{Wild: r.between(-.3, .8)}
	if r.chance(.2) {
		style.Slant = r.between(-.3, .45)
	}
	if r.chance(.2) {
		style.Width = r.between(.6, 1.4)
	}
	return synth.Digit(r.Uint64(), int(label), style), label
}
