package synth

import "math"

// Example is one of the pictures that the recognise page offers to try.
type Example struct {
	Name  string // of the file, with its ending
	Class int    // the digit on it
	Hard  bool   // something about it is hard
	make  func() ([]byte, error)
}

// Content draws the example and encodes it.
func (e Example) Content() ([]byte, error) { return e.make() }

// Examples lists the page's examples, the clean ones first.
func Examples() []Example {
	pad := func(seed uint64, class int, d Drawing) func() ([]byte, error) {
		d.Side = 420
		return func() ([]byte, error) { return d.PNG(seed, class) }
	}
	return []Example{
		{"zero.png", 0, false, pad(2, 0, Drawing{Size: .62, Style: Style{Form: "oval"}})},
		{"three.png", 3, false, pad(4, 3, Drawing{Size: .64, Style: Style{Form: "round"}})},
		{"five.png", 5, false, pad(8, 5, Drawing{Size: .64, Style: Style{Form: "two strokes"}})},
		{"eight.png", 8, false, pad(12, 8, Drawing{Size: .66, Style: Style{Form: "one stroke"}})},
		{"crossed-seven.png", 7, true, pad(3, 7, Drawing{Size: .62, Style: Style{Form: "crossed"}})},
		{"tiny-one.png", 1, true, pad(20, 1, Drawing{Size: .15, Pen: .3, X: .27, Y: -.24, Style: Style{Form: "flag"}})},
		{"thick-four.png", 4, true, pad(12, 4, Drawing{Size: .58, Pen: 2.1, Style: Style{Form: "open", Width: 1.15}})},
		{"lined-paper.jpg", 9, true, linedPaper},
		{"blackboard.jpg", 2, true, chalkBoard},
		{"faint-pencil.jpg", 6, true, faintPencil},
	}
}

// linedPaper is a nine in blue ballpoint on a ruled page by a window.
func linedPaper() ([]byte, error) {
	s := exampleScene()
	s.ruling = ruling{
		depth: .5, colour: rgb{.50, .62, .86}, pitch: .118, width: .0048, bend: .004,
		phase: [2]float64{0, .03}, margin: true,
	}
	s.pen = pen{colour: rgb{.07, .12, .46}, depth: .93, width: .052, dry: .16}
	s.writing = writing{x: .03, y: -.005, size: .52, turn: .03}
	s.light = lighting{gradient: [2]float64{-.24, .18}, vignette: .14, warmth: .03, exposure: .98}
	s.light.shadow, s.light.angle, s.light.off, s.light.rim = .26, .7, .36, .16
	s.camera.turn, s.camera.tilt = -.05, [2]float64{.05, -.16}
	return s.JPEG(21, Digit(1, 9, Style{Form: "hooked"}))
}

// chalkBoard is a two in chalk on a green board that was wiped before.
func chalkBoard() ([]byte, error) {
	s := exampleScene()
	s.ground = ground{colour: rgb{.12, .25, .20}, grain: .06, clouds: .20}
	s.pen = pen{colour: rgb{.95, .95, .91}, depth: .92, width: .068, grain: .5, dry: .16}
	s.writing = writing{x: -.02, size: .56}
	s.light = lighting{gradient: [2]float64{.22, -.18}, vignette: .2, exposure: 1.04}
	s.camera.turn, s.camera.noise = .02, .008
	return s.JPEG(12, Digit(4, 2, Style{Form: "looped"}))
}

// faintPencil is a six in hard pencil on white paper.
func faintPencil() ([]byte, error) {
	s := exampleScene()
	s.pen = pen{colour: rgb{.33, .33, .36}, depth: .58, width: .042, grain: .55, dry: .22}
	s.writing = writing{x: .02, y: .01, size: .52, turn: -.04}
	s.light = lighting{gradient: [2]float64{.16, .14}, vignette: .1, warmth: .025, exposure: .99}
	return s.JPEG(6, Digit(61, 6, Style{Form: "curl"}))
}

// exampleScene is a white sheet under a good camera.
func exampleScene() *Scene {
	return &Scene{
		Width: 560, Height: 560,
		ground: ground{colour: rgb{.93, .925, .90}, grain: .022, clouds: .012},
		light:  lighting{exposure: 1},
		camera: camera{blur: .7, noise: .006, quality: 78, turn: math.Pi / 400},
	}
}
