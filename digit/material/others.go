package material

import (
	"cifra/digit/idx"
	"cifra/digit/synth"
)

// other is something that isn't one digit, and whether the preparation must have found all of it: a part of two digits
// may be one.
func other(r source, set idx.Set, photographed bool) (g synth.Glyph, whole bool) {
	if photographed && r.chance(.4) {
		return synth.Glyph{}, false // an empty page, with its lines, edges and shadows
	}
	style := synth.Style{Wild: r.between(-.3, .6)}
	switch n := r.IntN(20); {
	case n < 10:
		return synth.Sign(r.Uint64(), style), false
	case n < 14:
		return synth.Scrawl(r.Uint64()), false
	case n < 18: // digits that touch
		var glyphs []synth.Glyph
		for range 2 + r.IntN(2) {
			digit, _ := written(r, set, .5)
			glyphs = append(glyphs, digit)
		}
		return synth.Beside(r.between(-.16, -.02), glyphs...), true
	default: // a word
		var glyphs []synth.Glyph
		for range 2 + r.IntN(4) {
			glyphs = append(glyphs, synth.Sign(r.Uint64(), style))
		}
		return synth.Beside(r.between(-.12, .02), glyphs...), false
	}
}
