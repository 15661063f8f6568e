package views

import (
	"fmt"

	"cifra"
)

// BurstView is many calls at once for one thing.
type BurstView struct {
	Head         LabHead
	N            int
	SingleFlight bool
	Error        string       // what is wrong with N, said already
	Burst        *cifra.Burst // nil before the first one
}

// outcomeLook is the look of one call of a burst.
func outcomeLook(o cifra.Outcome) look {
	switch o {
	case cifra.Miss, cifra.Bypass:
		return lookDatabase
	case cifra.Coalesced:
		return lookShared
	case cifra.HitL1, cifra.HitL2, cifra.Stale:
	}
	return lookCache
}

// burstPart is one instance's part with what became of its calls.
type burstPart struct {
	cifra.BurstShare
	outcomes []cifra.Outcome
}

func burstParts(b cifra.Burst) []burstPart {
	var parts []burstPart
	rest := b.Outcomes
	for _, s := range b.Parts {
		n := min(s.Calls, len(rest))
		parts = append(parts, burstPart{s, rest[:n]})
		rest = rest[n:]
	}
	return parts
}

type burstCount struct {
	look look
	n    int
	key  string
}

// burstCounts is how many calls ended how; what didn't happen is left out.
func burstCounts(b cifra.Burst) []burstCount {
	counts := []burstCount{{lookDatabase, 0, "lab.burst.computed"}, {lookShared, 0, "lab.burst.shared"}, {lookCache, 0, "lab.burst.cached"}}
	for _, o := range b.Outcomes {
		for i := range counts {
			if counts[i].look == outcomeLook(o) {
				counts[i].n++
			}
		}
	}
	var some []burstCount
	for _, c := range counts {
		if c.n > 0 {
			some = append(some, c)
		}
	}
	return some
}

// burstSaid is what became of a burst in one sentence.
func burstSaid(p Page, b cifra.Burst) string {
	key := "lab.burst.said"
	if !b.SingleFlight {
		key = "lab.burst.said.off"
	}
	return p.Words.N(key, b.Loads, "Calls", p.Words.Number(int64(len(b.Outcomes))), "Took", p.Words.Duration(b.Took))
}

// The picture's cells are of 14 units; a row has as many as make it twice as wide as high, 10 at least.
const markCell = 14

func marksRow(n int) int {
	row := 10
	for row*row < 2*n {
		row++
	}
	return row
}

func marksBox(n int) string {
	row := marksRow(n)
	return fmt.Sprintf("0 0 %d %d", row*markCell-4, (n+row-1)/row*markCell-4)
}

func marksAt(i, n int) string {
	row := marksRow(n)
	return fmt.Sprintf("translate(%d %d)", i%row*markCell, i/row*markCell)
}
