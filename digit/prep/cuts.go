package prep

import (
	"cmp"
	"slices"

	"cifra"
)

// Digits that touch are one piece of ink. Where a piece is wide, it is cut upright at its thinnest places, and every
// stretch between two cuts becomes a view: which of them are digits, the model must say.
const (
	wideFrom     = .95 // width over height: most digits are narrower, two that touch seldom
	maxCuts      = 9   // between both sides
	narrowest    = .12 // a stretch, of the height: an upright 1
	widest       = 1.3 // the same: two digits at most
	cutFromSide  = .14 // no cut is nearer to a side, of the height
	cutsApart    = .09 // nor to another
	thinnestCut  = .5  // of the height: how much ink a cut may go through; where round sides touch it is as much
	smallRemains = .08 // of a stretch's ink: what a cut leaves of the neighbour
)

// parts returns what the glyph with this index may be cut into, nothing where it is no wider than one digit.
func (s *scene) parts(index int, g glyph, width, height int) []cifra.Part {
	if float64(g.box.width()) < wideFrom*float64(g.box.height()) {
		return nil
	}
	k := s.maskOf(g)
	b, ok := k.box()
	if !ok {
		return nil
	}
	tall := float64(b.height())
	cuts := append([]int{b.x0}, k.cuts(b)...)
	cuts = append(cuts, b.x1+1)
	if len(cuts) < 3 {
		return nil
	}
	// From the mask back to the scene.
	scale := float64(g.box.width()) / float64(b.width())
	var o []cifra.Part
	for i := range cuts {
		for j := i + 1; j < len(cuts); j++ {
			if w := float64(cuts[j] - cuts[i]); w < narrowest*tall || w > widest*tall {
				continue
			}
			m, in := k.between(cuts[i], cuts[j])
			if in.x1 < 0 {
				continue
			}
			view, _, _ := m.render()
			at := func(from, v int) int { return from + int(float64(v)*scale) }
			box := piece{
				x0: at(g.box.x0, in.x0-b.x0), x1: at(g.box.x0, in.x1-b.x0), y0: at(g.box.y0, in.y0-b.y0), y1: at(g.box.y0, in.y1-b.y0),
			}
			o = append(o, cifra.Part{Piece: index, From: i, To: j, View: view, Box: s.inUpload(glyph{box: box}, width, height)})
		}
	}
	return o
}

// cuts returns the columns where two digits may meet, from left to right: where there is little ink, as between strokes
// that just touch, and where the ink is least tall, as between round sides that lie against each other.
func (k mask) cuts(b piece) []int {
	ink, extent := make([]int, k.w), make([]int, k.w)
	for x := b.x0; x <= b.x1; x++ {
		top, bottom := k.h, -1
		for y := b.y0; y <= b.y1; y++ {
			if k.m[y*k.w+x] {
				ink[x]++
				top, bottom = min(top, y), y
			}
		}
		extent[x] = max(0, bottom-top+1)
	}
	tall := float64(b.height())
	apart, side := max(1, int(cutsApart*tall)), max(1, int(cutFromSide*tall))
	var found []int
	for _, of := range [][]int{extent, ink} {
		for _, x := range lows(of[:b.x1+1], b.x0+side, b.x1-side, apart) {
			near := slices.ContainsFunc(found, func(o int) bool { return max(x-o, o-x) < apart })
			if !near && float64(ink[x]) <= thinnestCut*tall {
				found = append(found, x)
			}
		}
	}
	if len(found) > maxCuts {
		slices.SortStableFunc(found, func(a, b int) int { return cmp.Compare(ink[a], ink[b]) })
		found = found[:maxCuts]
	}
	slices.Sort(found)
	return found
}

// lows returns the places between from and to where v is lowest within a distance; of a flat stretch its middle.
func lows(v []int, from, to, within int) []int {
	var o []int
	for x := from; x <= to; x++ {
		lowest := true
		for q := max(0, x-within); q <= min(len(v)-1, x+within); q++ {
			if v[q] < v[x] || v[q] == v[x] && q < x {
				lowest = false
			}
		}
		if !lowest {
			continue
		}
		end := x
		for end < to && v[end+1] == v[x] {
			end++
		}
		o = append(o, (x+end+1)/2)
	}
	return o
}

// between cuts columns [from, to) out, with a margin for strokes to grow into, and leaves small remains at the cuts out.
// It also returns the box of what is left, in k's places; its x1 is below 0 where that is nothing.
func (k mask) between(from, to int) (o mask, in piece) {
	margin := max(to-from, k.h)/12 + 3
	o = mask{w: to - from + 2*margin, h: k.h + 2*margin}
	o.m = make([]bool, o.w*o.h)
	plane := make([]float32, len(o.m))
	total := 0
	for y := range k.h {
		for x := max(0, from); x < min(k.w, to); x++ {
			if k.m[y*k.w+x] {
				i := (y+margin)*o.w + x - from + margin
				o.m[i], plane[i] = true, 1
				total++
			}
		}
	}
	ids, pieces := label(plane, o.w, o.h, .5)
	for _, p := range pieces {
		atCut := p.x0 == margin || p.x1 == to-from+margin-1
		if atCut && float64(p.n) < smallRemains*float64(total) {
			for i, id := range ids {
				if id == p.id {
					o.m[i] = false
				}
			}
		}
	}
	in, ok := o.box()
	if !ok {
		return o, in
	}
	in.x0, in.x1, in.y0, in.y1 = in.x0-margin+from, in.x1-margin+from, in.y0-margin, in.y1-margin
	return o, in
}
