package prep

import (
	"math"

	"cifra"
)

// plainSide is the long side up to which an upload is taken as it is: strokes of one or two pixels are grey all
// through, and hard thresholds hurt them.
const plainSide = 32

// plain prepares a very small picture: its ground subtracted, its ink brought to full strength, centred. What looks
// as MNIST does already goes through unchanged.
func plain(pic *cifra.Picture, r raster) {
	pic.Boxes = []cifra.Box{}
	s := &scene{raster: r, lum: r.luminance()}
	ground := quantile(s.border(), .5)
	ink := s.lum
	if ground > .5 {
		ink, ground = r.inverted().luminance(), 1-ground
	} else {
		pic.Steps = append(pic.Steps, cifra.StepInverted)
	}
	pic.Steps = append(pic.Steps, cifra.StepPlain)

	var top float32
	for _, v := range ink {
		top = max(top, v-ground)
	}
	pic.Ink.Contrast = 255 * float64(top)
	const blank = .06 // of full contrast: under it, there is no telling ink from paper
	if top < blank {
		pic.Views = make([]byte, cifra.Pixels)
		return
	}
	box := piece{x0: r.w, y0: r.h, x1: -1, y1: -1}
	strength := make([]float32, len(ink))
	for i, v := range ink {
		strength[i] = max(0, min(1, (v-ground)/top))
		if strength[i] > .2 {
			x, y := i%r.w, i/r.w
			box.x0, box.x1, box.y0, box.y1 = min(box.x0, x), max(box.x1, x), min(box.y0, y), max(box.y1, y)
			pic.Ink.Fraction += 1 / float64(len(ink))
		}
	}
	pic.Ink.Components = 1
	pic.Boxes = append(pic.Boxes, cifra.Box{X: box.x0, Y: box.y0, W: box.width(), H: box.height()})
	pic.Views = make([]byte, cifra.Pixels)
	if isPrepared(ink, ground, box, r) {
		for i, v := range ink {
			pic.Views[i] = level(v)
		}
	} else {
		// The box's margin of one keeps faint outlines.
		x0, y0, x1, y1 := max(0, box.x0-1), max(0, box.y0-1), min(r.w-1, box.x1+1), min(r.h-1, box.y1+1)
		w, h := x1-x0+1, y1-y0+1
		crop := make([]float32, w*h)
		for y := range h {
			copy(crop[y*w:y*w+w], strength[(y+y0)*r.w+x0:])
		}
		fit(pic.Views, crop, w, h)
		pic.Steps = append(pic.Steps, cifra.StepCropped, cifra.StepCentred)
	}
	pic.Ink.Stroke = viewStroke(pic.Views)
}

// isPrepared reports whether a picture is already what a model sees: 28×28, a black ground, the digit in a box of
// about 20 and its centre of mass in the middle.
func isPrepared(ink []float32, ground float32, box piece, r raster) bool {
	if r.w != cifra.Side || r.h != cifra.Side || ground > 8./255 || box.side() > boxSide+2 || box.side() < boxSide-4 {
		return false
	}
	var sum, sx, sy float64
	for i, v := range ink {
		sum += float64(v)
		sx += float64(v) * float64(i%r.w)
		sy += float64(v) * float64(i/r.w)
	}
	const middle, off = (cifra.Side - 1) / 2., 1.6
	return math.Abs(sx/sum-middle) < off && math.Abs(sy/sum-middle) < off
}

// viewStroke estimates the stroke's width in a view as a share of the digit's height: its ink over the length of its
// outline's half, as for pieces.
func viewStroke(view []byte) float64 {
	k := mask{w: cifra.Side, h: cifra.Side, m: make([]bool, cifra.Pixels)}
	for i, v := range view {
		k.m[i] = v > 127
	}
	b, ok := k.box()
	if !ok {
		return 0
	}
	return k.strokeWidth() / float64(b.height())
}
