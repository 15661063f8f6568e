package material

import (
	"math"

	"cifra/digit/synth"
)

// What the label says must be what can be seen: a trace that lost a loop, or a pen that fills every one, leaves a picture
// that nobody could read, to learn from or to judge by.

// least is how much of a picture and of its trace, drawn anew with a pen of the same width, both cover. Of MNIST's
// pictures 2 % are below it: sixes whose loop was filled and becomes a stroke, specks that become strokes.
const least = .66

// covers reports whether strokes g, in places of the raster, cover what ink covers; length is that of all strokes.
func covers(g synth.Glyph, ink []bool, length int) bool {
	area := 0
	for _, v := range ink {
		if v {
			area++
		}
	}
	if length == 0 {
		return false
	}
	both, either := 0, 0
	for i, c := range g.Cover(traceSide, synth.Placing{X: .5, Y: .5, Size: 1, Width: float64(area) / float64(length)}) {
		switch drawn := c > .5; {
		case drawn && ink[i]:
			both++
			either++
		case drawn || ink[i]:
			either++
		}
	}
	return float64(both) >= least*float64(either)
}

// openPen returns the widest pen, as a share of the glyph's size, that leaves its loops open; 1 where it has none.
func openPen(g synth.Glyph) float64 {
	const (
		side, size = 80, 64
		knot       = .04 // of the size: a smaller loop is none
		open       = .85 // of a loop's width, for the pen
	)
	cover := g.Cover(side, synth.Placing{X: side / 2, Y: side / 2, Size: size, Width: 1.5})
	var line, inside []int
	outside := flooded(cover, side)
	for i, c := range cover {
		switch {
		case c > inkFrom:
			line = append(line, i)
		case !outside[i]:
			inside = append(inside, i)
		}
	}
	pen := 1.
	for len(inside) > 0 {
		var loop []int
		loop, inside = loopOf(inside, side)
		widest := 0.
		for _, i := range loop {
			nearest := math.Inf(1)
			for _, j := range line {
				nearest = min(nearest, math.Hypot(float64(i%side-j%side), float64(i/side-j/side)))
			}
			widest = max(widest, nearest)
		}
		if widest >= knot*size {
			pen = min(pen, open*2*widest/size)
		}
	}
	return pen
}

// inkFrom is how much of a pixel a line covers that nothing passes.
const inkFrom = .3

// flooded returns what can be reached from the corner of a square picture without crossing ink.
func flooded(cover []float32, side int) []bool {
	o := make([]bool, len(cover))
	o[0] = true
	for queue := []int{0}; len(queue) > 0; {
		i := queue[0]
		queue = queue[1:]
		for _, j := range beside(i, side) {
			if j >= 0 && !o[j] && cover[j] <= inkFrom {
				o[j] = true
				queue = append(queue, j)
			}
		}
	}
	return o
}

// loopOf takes the pixels that hang together with the first out of some.
func loopOf(pixels []int, side int) (loop, rest []int) {
	in := make(map[int]bool, len(pixels))
	for _, i := range pixels {
		in[i] = true
	}
	loop = []int{pixels[0]}
	delete(in, pixels[0])
	for k := 0; k < len(loop); k++ {
		for _, j := range beside(loop[k], side) {
			if in[j] {
				loop = append(loop, j)
				delete(in, j)
			}
		}
	}
	for _, i := range pixels {
		if in[i] {
			rest = append(rest, i)
		}
	}
	return loop, rest
}

// beside returns a pixel's four neighbours, -1 for those beyond the border.
func beside(i, side int) [4]int {
	o := [4]int{-1, -1, -1, -1}
	x, y := i%side, i/side
	if x > 0 {
		o[0] = i - 1
	}
	if x < side-1 {
		o[1] = i + 1
	}
	if y > 0 {
		o[2] = i - side
	}
	if y < side-1 {
		o[3] = i + side
	}
	return o
}
