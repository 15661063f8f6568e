package views

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"

	"cifra"
)

// stroke is a line through points of the 28×28 picture.
type stroke []struct{ x, y float64 }

// blank is a picture without a digit.
const blank = -1

// sampleStrokes are the digits that the gallery's pictures show.
var sampleStrokes = map[int]stroke{
	1: {{10, 9}, {15, 5}, {14, 22}},
	4: {{12, 5}, {8, 15}, {20, 15}, {17, 8}, {16, 23}},
	7: {{8, 6}, {20, 6}, {16, 14}, {13, 22}},
}

// draw is the digit as the model sees it.
func draw(digit int) []byte {
	pix := make([]byte, cifra.Pixels)
	line := sampleStrokes[digit]
	for i := range pix {
		x, y := float64(i%cifra.Side)+0.5, float64(i/cifra.Side)+0.5
		nearest := math.Inf(1)
		for s := 1; s < len(line); s++ {
			nearest = min(nearest, distance(x, y, line[s-1].x, line[s-1].y, line[s].x, line[s].y))
		}
		pix[i] = uint8(255 * max(0, min(1, 2-nearest)))
	}
	return pix
}

// distance is from a point to a piece of line.
func distance(x, y, x1, y1, x2, y2 float64) float64 {
	dx, dy := x2-x1, y2-y1
	t := max(0, min(1, ((x-x1)*dx+(y-y1)*dy)/(dx*dx+dy*dy)))
	return math.Hypot(x-x1-t*dx, y-y1-t*dy)
}

// photograph is the digits side by side, ink on paper, each in a square of the given side, as a PNG.
func photograph(side int, numbers []int) []byte {
	scale := side / cifra.Side
	img := image.NewGray(image.Rect(0, 0, side*len(numbers), side))
	for n, digit := range numbers {
		pix := draw(digit)
		for y := range side {
			for x := range side {
				img.SetGray(n*side+x, y, color.Gray{Y: 250 - pix[y/scale*cifra.Side+x/scale]/5*4})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil // unreachable, as in sawURL
	}
	return b.Bytes()
}

func samplePicture(numbers ...int) cifra.Picture {
	const side = 3 * cifra.Side
	pic := cifra.Picture{
		Preparation: "p1", Format: "png", Views: draw(numbers[0]),
		Steps: []string{cifra.StepShrunk, cifra.StepFlattened, cifra.StepCropped, cifra.StepStroke, cifra.StepCentred},
	}
	pic.Thumbnail, pic.Width, pic.Height = photograph(side, numbers), side*len(numbers), side
	for n, number := range numbers {
		if n > 0 {
			pic.Views = append(pic.Views, draw(number)...)
		}
		pic.Boxes = append(pic.Boxes, cifra.Box{X: n*side + 18, Y: 9, W: 48, H: 66})
	}
	return pic
}
