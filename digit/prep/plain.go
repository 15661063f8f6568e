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
	switch side := box.side(); {
	case isPrepared(ink, ground, box, r):
		for i, v := range ink {
			pic.Views[i] = level(v)
		}
	case side >= boxSide-3 && side <= boxSide+2: // the right size already: moving it is enough
		moved(pic.Views, strength, r.w, r.h)
		pic.Steps = append(pic.Steps, cifra.StepCentred)
	default:
		fit(pic.Views, strength, r.w, r.h, float64(side))
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
	x, y, ok := centreOfMass(ink, r.w, r.h)
	const middle, off = cifra.Side / 2., 1.6
	return ok && math.Abs(x-middle) < off && math.Abs(y-middle) < off
}

// moved puts ink's centre of mass into the middle of view by whole pixels, which keeps them sharp.
func moved(view []byte, ink []float32, w, h int) {
	cx, cy, ok := centreOfMass(ink, w, h)
	if !ok {
		return
	}
	left, top := int(math.Round(cifra.Side/2.-cx)), int(math.Round(cifra.Side/2.-cy))
	for i, v := range ink {
		x, y := i%w+left, i/w+top
		if x >= 0 && y >= 0 && x < cifra.Side && y < cifra.Side {
			view[y*cifra.Side+x] = level(v)
		}
	}
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
	return k.strokeWidth(b) / float64(b.height())
}
