package digit

import "cifra"

// The thresholds of "not sure". A confident wrong answer is worse than none, so each errs to the careful side; each
// reading still names the likeliest digit.
const (
	// faintContrast is the least ink against paper, of 255. Of photographed pencil below it only 45 % were read right.
	faintContrast = 20

	// notDigit is the probability of the class "not a digit" from which it wins. Networks without the class never say it.
	notDigit = 0.5

	// Pieces, share of ink and stroke width of what no single digit is: text, textures, filled shapes. All the digits of
	// MNIST lie far inside (at most 4 pieces; 0.45 of the picture; strokes of 0.4 of the height).
	maxComponents = 12
	maxFraction   = 0.6
	maxStroke     = 0.6

	// sureProbability is the least probability of a sure digit. On the validation pictures of MNIST v2 leaves 0.6 % of
	// them below it, and 1 in 1,000 above it is wrong.
	sureProbability = 0.9
)

// isBlank reports whether nothing was found in p that a model could read.
func isBlank(p *cifra.Picture, views int) bool {
	if views == 0 || len(p.Boxes) == 0 {
		return true
	}
	for _, v := range p.Views[:cifra.Pixels] {
		if v != 0 {
			return false
		}
	}
	return true
}

// judge says why a reading is not sure, the first reason that applies, or [cifra.ReasonNone]. It takes the
// probabilities of the digit and of "not a digit"; blank pictures are caught before.
func judge(p *cifra.Picture, probability, none float64) cifra.Reason {
	switch {
	case p.Ink.Contrast < faintContrast:
		return cifra.ReasonFaint
	case len(p.Boxes) > 1:
		return cifra.ReasonSeveral
	case none >= notDigit, p.Ink.Components > maxComponents, p.Ink.Fraction > maxFraction, p.Ink.Stroke > maxStroke:
		return cifra.ReasonNotDigit
	case probability*(1-none) < sureProbability:
		return cifra.ReasonUnsure
	}
	return cifra.ReasonNone
}
