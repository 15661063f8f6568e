package prep

import (
	"math"

	"cifra"
)

// inkMap is what choose found: pieces by number, and which of them are the digit.
type inkMap struct {
	ids    []int32
	pieces []piece        // above the threshold, the ones worth counting
	best   piece          // the digit's main piece
	kept   map[int32]bool // the digit's pieces
	box    piece          // around the kept ones: x0 to y1 only
	found  bool
}

// cut is the threshold between ink and paper as a share of the ink's level. Of real photographs 0.30, 0.45 and 0.60
// read 96.6, 96.4 and 96.8 % with one network: the middle one keeps both thin strokes and small holes.
const cut = .45

// choose thresholds above the noise, takes the piece that is most likely the digit, thresholds again at a share of
// its ink's level, and joins near parts to it.
func (s *scene) choose(pic *cifra.Picture, see viewer) {
	level, raised, ok := s.firstLevel()
	if !ok {
		return
	}
	best := s.ink.best
	// Hysteresis: a piece needs an eighth of its pixels above high, and reaches down to low.
	high := max(cut*best.level, level)
	low := max(.6*high, 2.5*s.sigma, .02)
	if raised {
		low = max(low, level)
	}
	low = min(low, high)
	found := &s.labels
	found.find(s.dark, s.w, s.h, low)
	kept := found.pieces[:0]
	for _, p := range found.pieces {
		if found.darker(s.dark, s.w, &p, high)*8 >= p.n && p.n >= 4 {
			kept = append(kept, p)
		}
	}
	pieces := largestPieces(kept)
	if len(pieces) == 0 {
		return
	}
	found.measure(s.dark, pieces, s.w, s.h)
	s.ink = inkMap{ids: found.ids, pieces: pieces, best: bestOf(pieces), found: true}
	s.ink.join()
	if s.even {
		s.ink.joinDetached()
	}
	if s.isSpeck() {
		s.ink.found = false
		return
	}
	if len(s.ink.kept) < len(s.ink.pieces) {
		pic.Steps = append(pic.Steps, cifra.StepSpecks)
	}
	see.ink("ink, and the digit in it", s)
}

// firstLevel finds the threshold above the noise, raising it while the best piece hangs together with two borders,
// as a shadow does. It leaves the best piece in s.ink.
func (s *scene) firstLevel() (level float32, raised, ok bool) {
	level = max(3.5*s.sigma, .03)
	for round := range 8 {
		s.labels.find(s.dark, s.w, s.h, level)
		if len(s.labels.pieces) == 0 {
			return level, raised, false
		}
		raised = round > 0
		pieces := largestPieces(s.labels.pieces)
		s.labels.measure(s.dark, pieces, s.w, s.h)
		s.ink.best = bestOf(pieces)
		if s.ink.best.edges < 2 || level > .35 {
			break
		}
		level *= 1.5
	}
	return level, raised, true
}

// join adds to the digit what lies near its main piece and looks like the same pen: the bar of a 5, the second
// stroke of a 4.
func (m *inkMap) join() {
	best := &m.best
	m.kept = map[int32]bool{best.id: true}
	m.box = *best
	side := float64(best.side())
	reach := int(math.Ceil(.12 * side))
	for range 2 { // a part may only be near once another has been joined
		for i := range m.pieces {
			p := &m.pieces[i]
			if m.kept[p.id] || !p.isPartOf(best) {
				continue
			}
			if p.x0 >= m.box.x1+reach || p.x1 <= m.box.x0-reach || p.y0 >= m.box.y1+reach || p.y1 <= m.box.y0-reach {
				continue
			}
			b := m.box.around(p)
			if float64(b.side()) <= 1.6*side {
				m.kept[p.id] = true
				m.box = b
			}
		}
	}
}

// isPartOf reports whether p may belong to the same digit as best, wherever it lies.
func (p *piece) isPartOf(best *piece) bool {
	switch {
	case p.mass < .03*best.mass, p.level < .45*best.level, p.level > 1.7*best.level+.05:
		return false
	case p.edges > 1, p.edges == 1 && (best.edges == 0 || p.mass < .3*best.mass):
		return false
	}
	return p.stroke <= 2.5*best.stroke+2
}

// isSpeck reports whether what was found is too small to be drawn: paper's grain, dust.
func (s *scene) isSpeck() bool {
	long := float64(max(s.w, s.h))
	return float64(s.ink.box.side()) < .025*long
}
