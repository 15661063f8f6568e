package prep

import "cifra"

// Strokes returns the one view, [cifra.Pixels] bytes, that a model gets of a digit whose ink is known: true where ink
// is, w×h, row by row. It is the preparation's last stage alone (stroke width, box, centre of mass), for training
// material that takes no detour over paper. Strokes need a margin of a sixth of the digit's side to grow into.
func Strokes(ink []bool, w, h int) []byte {
	if len(ink) != w*h {
		return make([]byte, cifra.Pixels)
	}
	view, _, _ := mask{w: w, h: h, m: ink}.render()
	return view
}
