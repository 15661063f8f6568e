package prep

// Drawings have neither grain nor remains of lines: whatever is on one was drawn. A stroke that no hand would take for
// another digit belongs to the one that it lies at, even where it is further away than a part may be on a photograph.
const (
	strokeReach = .3  // how far away a short stroke may lie, share of the digit's side: the bar of a 5
	halfReach   = .15 // the same of one about as tall: the half of an 8
	widened     = 2.2 // how much larger the digit may become
)

// joinDetached adds to a drawn digit the strokes that were drawn apart from it.
func (m *inkMap) joinDetached() {
	most := widened * float64(m.best.side())
	for range 2 { // a stroke may only be near once another has been joined
		for i := range m.pieces {
			p := &m.pieces[i]
			if m.kept[p.id] || !p.isPartOf(&m.best) || !p.isStrokeAt(&m.box, m.best.stroke) || p.isDigitBeside(&m.best, &m.box) {
				continue
			}
			b := m.box.around(p)
			if float64(b.side()) <= most {
				m.kept[p.id] = true
				m.box = b
			}
		}
	}
}

// isStrokeAt reports whether p lies at a digit as one of its strokes does: over, under or in it, or, as the bar of a 5,
// to the right of its upper half. What lies beside its lower half is a full stop, what lies to the left of it a minus.
func (p *piece) isStrokeAt(digit *piece, pen float64) bool {
	if float64(p.side()) < 2*pen { // a dot
		return false
	}
	shared := min(p.x1, digit.x1) - max(p.x0, digit.x0) + 1
	beside := max(-shared, 0)
	apart := max(beside, max(p.y0, digit.y0)-min(p.y1, digit.y1)-1)
	reach := strokeReach
	if 5*p.height() >= 3*digit.height() {
		reach = halfReach
	}
	if float64(apart) > reach*float64(digit.side()) {
		return false
	}
	isBar := p.x0 > (digit.x0+digit.x1)/2 && 2*p.y1 <= digit.y0+digit.y1
	return isBar || 4*shared >= min(p.width(), digit.width())
}

// around returns the box around both.
func (p piece) around(q *piece) piece {
	return piece{x0: min(p.x0, q.x0), y0: min(p.y0, q.y0), x1: max(p.x1, q.x1), y1: max(p.y1, q.y1)}
}
