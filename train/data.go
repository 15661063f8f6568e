package train

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"cifra"
	"cifra/digit/idx"
)

// Rules of what is learnt; docs/training.md says why.
const (
	heldShare = 5      // one picture in heldShare is held out for the gate, and never learnt
	mostNew   = 10_000 // pictures that one run learns
)

// lessons are the labelled pictures of one run.
type lessons struct {
	fresh, known, held []cifra.Labelled // in the order of their hashes
	left               int
}

// choose sorts what may be learnt: into what is new to the champion, what it learnt before, and what is held out.
// Labels that no admin accepted are never held out: the gate measures on what a person has looked at.
func choose(all []cifra.Labelled, learnt map[string]int) lessons {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b cifra.Labelled) int { return strings.Compare(a.Image, b.Image) })
	var l lessons
	for _, i := range all {
		was, known := learnt[i.Image]
		switch {
		case len(i.Views) < cifra.Pixels || i.Label < 0 || i.Label > 9, isHeld(i.Image) && !i.Accepted:
			l.left++
		case isHeld(i.Image):
			l.held = append(l.held, i)
		case known && was == i.Label:
			l.known = append(l.known, i)
		case len(l.fresh) == mostNew:
			l.left++
		default:
			l.fresh = append(l.fresh, i)
		}
	}
	return l
}

// isHeld picks the pictures that no run ever learns, by a hash of their own, so that each is held out for good.
func isHeld(hash string) bool {
	sum := sha256.Sum256([]byte("held out:" + hash))
	return binary.BigEndian.Uint32(sum[:])%heldShare == 0
}

// set returns labelled pictures as a set.
func set(images []cifra.Labelled) idx.Set {
	s := idx.Set{Side: cifra.Side}
	for _, i := range images {
		s.Images, s.Labels = append(s.Images, i.Views[:cifra.Pixels]...), append(s.Labels, byte(i.Label)) //nolint:gosec // a digit, as choose has seen to
	}
	return s
}

// corrected returns those of which somebody said that the answer was wrong.
func corrected(images []cifra.Labelled) []cifra.Labelled {
	return slices.DeleteFunc(slices.Clone(images), func(i cifra.Labelled) bool { return i.Predicted == i.Label })
}
