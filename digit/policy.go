package digit

import (
	"slices"

	"cifra"
)

// The thresholds of "not sure". A confident wrong answer is worse than none, so each errs to the careful side; each
// reading still names the likeliest digit.
const (
	// faintContrast is the least ink against paper, of 255. Of photographed pencil below it only 45 % were read right.
	faintContrast = 20

	// notDigit is the probability of the class "not a digit" from which it wins. Networks without the class never say it.
	// A digit is rarely sure well below it: what is left to "not a digit" is missing from the digit.
	notDigit = 0.5

	// Pieces, share of ink, and stroke width as a share of the height, of what no single digit is: text, textures, filled
	// shapes. They are wide on purpose: of 15,000 pictures of MNIST none has more than 3 pieces, or more than 0.35 ink.
	maxComponents = 12
	maxFraction   = 0.6
	maxStroke     = 0.6

	// drawnPieces is how many pieces a digit on a drawing has at most: none of 1,900 that were read had more. On
	// photographs remains of the paper are counted, too.
	drawnPieces = 2

	// sureProbability is the least probability of a sure digit. v2 leaves 1.2 % of MNIST's 5,000 validation pictures below
	// it and reads 0.14 % wrongly above (at 0.95: 2.1 and 0.10 %, at 0.8: 0.6 and 0.20 %); of 2,000 generated photographs
	// 0.40 % (0.40 and 0.55 %), of 2,000 drawings without a digit 0.75 % (0.50 and 1.10 %).
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

// judge says why a reading of the digit d is not sure, the first reason that applies, or [cifra.ReasonNone]. It takes
// whether several digits were read, and the probabilities of the digit and of "not a digit"; blank pictures are caught
// before.
func judge(p *cifra.Picture, several bool, d int, probability, none float64) cifra.Reason {
	switch {
	case p.Ink.Contrast < faintContrast:
		return cifra.ReasonFaint
	case several:
		return cifra.ReasonSeveral
	case none >= notDigit, p.Ink.Components > maxComponents, p.Ink.Fraction > maxFraction, p.Ink.Stroke > maxStroke:
		return cifra.ReasonNotDigit
	case len(p.Boxes) > 1, probability*(1-none) < sureProbability: // a digit, and something beside it that is none
		return cifra.ReasonUnsure
	case d == 1 && isAnyStroke(p), !isPhotograph(p) && p.Ink.Components > drawnPieces:
		return cifra.ReasonUnsure
	}
	return cifra.ReasonNone
}

// isPhotograph reports whether p had uneven light, as no drawing and no clean scan has.
func isPhotograph(p *cifra.Picture) bool { return slices.Contains(p.Steps, cifra.StepFlattened) }

// isAnyStroke reports whether what reads as a 1 may be any upright stroke: a part of a letter or of a broken digit, whose
// other parts lie around it, or a page's edge, a fold, a shadow's, which runs along most of a photograph's height up to
// its border. A 1 is one piece of ink, and few people write it over the edge of the picture: of 212 that were generated
// 2 are held up by this, and of 14 strokes that were no 1, and had been sure, 13.
func isAnyStroke(p *cifra.Picture) bool {
	if p.Ink.Components > 1 {
		return true
	}
	if !isPhotograph(p) || len(p.Boxes) != 1 {
		return false
	}
	b, margin := p.Boxes[0], p.Height/20
	return 4*b.H >= 3*p.Height && (b.Y <= margin || b.Y+b.H >= p.Height-margin)
}
