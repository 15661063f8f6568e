package digit

import (
	"math"

	"cifra"
)

// found is one piece of ink as a model reads it.
type found struct {
	probabilities [NotDigit]float64
	none          float64 // probability that it is no digit
	box           cifra.Box
}

func (f *found) digit() int { return top(&f.probabilities) }

// likely is the probability that it is the digit that it is taken for.
func (f *found) likely() float64 { return f.probabilities[f.digit()] * (1 - f.none) }

func (f *found) read() cifra.ReadDigit {
	d := f.digit()
	return cifra.ReadDigit{Digit: d, Probability: f.probabilities[d], Box: f.box}
}

const (
	// partFrom is how likely a stretch between two cuts must be a digit, and pieceFrom a piece that stands by itself.
	partFrom, pieceFrom = 0.3, 0.1

	// slim is the width over height under which a stretch can only be a 1: half an 8 looks like a 3.
	slim = 0.38
)

// line reads every digit of a picture, in reading order: piece by piece, those that are no digit cut into ones that
// are, where they can be; then pieces that are none are left out, unless all are.
func (m *Model) line(p *cifra.Picture) []found {
	groups := 1
	if n := len(p.Boxes); n > 1 && len(p.Views)/cifra.Pixels%n == 0 {
		groups = n
	}
	each := len(p.Views) / groups
	var all, digits []found
	for g := range groups {
		f := found{box: p.Boxes[g]}
		f.probabilities, f.none = m.mean(p.Views[g*each:][:each])
		several := []found{f}
		if f.likely() < sureProbability {
			if cut := m.cut(p, g); len(cut) > 1 {
				several = cut
			}
		}
		all = append(all, several...)
	}
	for _, f := range all {
		if f.likely() >= pieceFrom {
			digits = append(digits, f)
		}
	}
	if len(digits) == 0 {
		return all
	}
	return digits
}

// cut reads the parts of a piece, and returns the stretches that together are the likeliest line of digits: each of them
// at least partFrom. It returns nil where no cuts give that. Scores are logarithms, so that a line is as good as the
// product of its digits, and one digit more must be worth its place.
func (m *Model) cut(p *cifra.Picture, piece int) []found {
	type step struct {
		score float64
		from  int
		part  found
		ok    bool
	}
	last := 0
	for i := range p.Parts {
		if p.Parts[i].Piece == piece {
			last = max(last, p.Parts[i].To)
		}
	}
	if last < 2 {
		return nil
	}
	best := make([]step, last+1) // by the cut where the line ends so far
	best[0].ok = true
	for i := range p.Parts { // in the order of their first cuts, so that what comes before is settled
		q := &p.Parts[i]
		if q.Piece != piece || !best[q.From].ok {
			continue
		}
		f := found{box: q.Box}
		f.probabilities, f.none = m.mean(q.View)
		if f.likely() < partFrom || float64(q.Box.W) < slim*float64(q.Box.H) && f.digit() != 1 {
			continue
		}
		if score := best[q.From].score + math.Log(f.likely()); !best[q.To].ok || score > best[q.To].score {
			best[q.To] = step{score, q.From, f, true}
		}
	}
	if !best[last].ok {
		return nil
	}
	var o []found
	for at := last; at > 0; at = best[at].from {
		o = append([]found{best[at].part}, o...)
	}
	return o
}
