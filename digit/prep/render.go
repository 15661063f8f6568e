package prep

import (
	"math"

	"cifra"
)

// What models were trained on (LeCun et al., 1998): the digit's long side is 20 pixels, its centre of mass in the
// middle of 28. A stroke of an eighth of the box is the usual width there.
const (
	boxSide     = 20
	usualStroke = .125
	maskSide    = 120 // larger masks are reduced before the distance transform: strokes stay some 10 px wide
)

// mask is the digit alone, with a margin for strokes to grow into.
type mask struct {
	w, h int
	m    []bool
}

// maskOf cuts a glyph's pieces out of the scene.
func (s *scene) maskOf(g glyph) mask {
	b := g.box
	margin := int(.075*float64(b.side())) + 3 // render grows strokes by a fourteenth of the side at most
	k := mask{w: b.width() + 2*margin, h: b.height() + 2*margin}
	k.m = make([]bool, k.w*k.h)
	last, isIn := int32(0), false // pixels of one piece follow each other
	for y := b.y0; y <= b.y1; y++ {
		to := k.m[(y-b.y0+margin)*k.w+margin:]
		for x, id := range s.ink.ids[y*s.w+b.x0 : y*s.w+b.x1+1] {
			if id == 0 {
				continue
			}
			if id != last {
				last, isIn = id, g.ids[id]
			}
			to[x] = isIn
		}
	}
	if b.side() > maskSide+maskSide/6 {
		return k.reduced(float64(maskSide) / float64(b.side()))
	}
	return k
}

func (k mask) reduced(by float64) mask {
	o := mask{w: max(1, int(float64(k.w)*by+.5)), h: max(1, int(float64(k.h)*by+.5))}
	f := make([]float32, o.w*k.h)
	spans := spansOf(o.w, k.w)
	row := make([]float32, k.w)
	for y := range k.h {
		ink := false
		for x, v := range k.m[y*k.w : y*k.w+k.w] {
			row[x] = 0
			if v {
				row[x], ink = 1, true
			}
		}
		if ink { // else it stays empty
			shrinkRow(row, f[y*o.w:y*o.w+o.w], spans)
		}
	}
	f = shrinkDown(f, o.w, k.h, o.h)
	o.m = make([]bool, len(f))
	for i, v := range f {
		o.m[i] = v > .4
	}
	return o
}

// box returns the mask's bounds, inclusive; none when it is empty.
func (k mask) box() (b piece, ok bool) {
	b = piece{x0: k.w, y0: k.h, x1: -1, y1: -1}
	for y := range k.h {
		for x, v := range k.m[y*k.w : y*k.w+k.w] {
			if v {
				b.x0, b.x1, b.y0, b.y1 = min(b.x0, x), max(b.x1, x), min(b.y0, y), y
			}
		}
	}
	return b, b.x1 >= 0
}

// render draws the mask as a model sees it, and returns the stroke's width as a share of the digit's long side.
// Thin strokes are widened to the usual width; thick ones stay, because thinning closes no loop that they have.
func (k mask) render() (view []byte, stroke float64, widened bool) {
	view = make([]byte, cifra.Pixels)
	b, ok := k.box()
	if !ok {
		return view, 0, false
	}
	width := k.strokeWidth(b)
	side := float64(b.side())
	// Growing by r on each side makes the stroke width+2r and the box side+2r: their ratio shall be the usual one.
	r := max(0, (usualStroke*side-width)/(2-2*usualStroke))
	ink := k.grown(float32(r))
	grow := int(math.Ceil(r))
	x0, y0 := max(0, b.x0-grow), max(0, b.y0-grow)
	w, h := min(k.w-1, b.x1+grow)-x0+1, min(k.h-1, b.y1+grow)-y0+1
	crop := make([]float32, w*h)
	for y := range h {
		copy(crop[y*w:y*w+w], ink[(y+y0)*k.w+x0:])
	}
	if soft := int(math.Round(.02 * float64(max(w, h)))); soft > 0 {
		crop = boxBlur(crop, w, h, soft)
	}
	fit(view, crop, w, h, float64(max(w, h)))
	return view, width / side, r > 0
}

// grown returns the mask with r pixels more on each side, whose last one fades.
func (k mask) grown(r float32) []float32 {
	ink := make([]float32, len(k.m))
	if r == 0 { // no other pixel is nearer than 1
		for i, v := range k.m {
			if v {
				ink[i] = 1
			}
		}
		return ink
	}
	for i, d := range distance(k.m, k.w, k.h) {
		ink[i] = max(0, min(1, r+1-d))
	}
	return ink
}

// strokeWidth returns the mean width of the ink in b, pixels: four times the mean distance to its outline, since
// across a stroke the distance rises from 0 to half its width.
func (k mask) strokeWidth(b piece) float64 {
	w, h := b.width()+2, b.height()+2 // a rim of paper
	paper := make([]bool, w*h)
	for y := range h {
		for x := range w {
			sx, sy := b.x0+x-1, b.y0+y-1
			paper[y*w+x] = sx < 0 || sy < 0 || sx >= k.w || sy >= k.h || !k.m[sy*k.w+sx]
		}
	}
	var sum float64
	n := 0
	for i, d := range distance(paper, w, h) {
		if !paper[i] {
			sum += float64(d) - .5
			n++
		}
	}
	return max(1, 4*sum/float64(max(1, n)))
}

// fit scales ink of w×h, whose long side is side pixels, into the box and puts its centre of mass into the middle of
// view: by area, to a fraction of a pixel, so that a slightly other picture gives a slightly other view.
func fit(view []byte, ink []float32, w, h int, side float64) {
	if side < 2*boxSide { // an area under a pixel would show the source's pixels
		k := int(math.Ceil(2 * boxSide / side))
		ink, w, h, side = resize(ink, w, h, w*k, h*k), w*k, h*k, side*float64(k)
	}
	cx, cy, ok := centreOfMass(ink, w, h)
	if !ok {
		return
	}
	scale := side / boxSide // source pixels a pixel of the view
	across := make([]float32, cifra.Side*h)
	for x := range cifra.Side {
		eachCovered(cx, x, w, scale, func(at int, share float32) {
			for y := range h {
				across[y*cifra.Side+x] += share * ink[y*w+at]
			}
		})
	}
	row := make([]float32, cifra.Side)
	for y := range cifra.Side {
		clear(row)
		eachCovered(cy, y, h, scale, func(at int, share float32) {
			for x, v := range across[at*cifra.Side : (at+1)*cifra.Side] {
				row[x] += share * v
			}
		})
		for x, v := range row {
			view[y*cifra.Side+x] = level(v)
		}
	}
}

// eachCovered tells which of n source pixels the i-th pixel of the view covers, and which share of it each fills,
// where the source's middle lies in the middle of the view.
func eachCovered(middle float64, i, n int, scale float64, each func(at int, share float32)) {
	from := middle + (float64(i)-cifra.Side/2)*scale
	to := from + scale
	for at := max(0, int(math.Floor(from))); at < min(n, int(math.Ceil(to))); at++ {
		if c := min(to, float64(at+1)) - max(from, float64(at)); c > 0 {
			each(at, float32(c/scale))
		}
	}
}

// centreOfMass returns where ink has its centre, counted from the top left corner of the first pixel.
func centreOfMass(ink []float32, w, h int) (x, y float64, ok bool) {
	var sum, sx, sy float64
	for row := range h {
		for column, v := range ink[row*w : row*w+w] {
			sum += float64(v)
			sx += float64(v) * (float64(column) + .5)
			sy += float64(v) * (float64(row) + .5)
		}
	}
	if sum <= 0 {
		return 0, 0, false
	}
	return sx / sum, sy / sum, true
}

// finish renders the digits, one view each in reading order, and writes down what was measured.
func (s *scene) finish(pic *cifra.Picture, see viewer) {
	pic.Boxes = []cifra.Box{}
	if !s.ink.found {
		pic.Views = make([]byte, cifra.Pixels)
		pic.Ink = s.blankInk()
		see.view("nothing found", pic.Views)
		return
	}
	wide := false
	for i, g := range s.glyphs() {
		view, stroke, widened := s.maskOf(g).render()
		wide = wide || widened
		if g.ids[s.ink.best.id] {
			pic.Ink = s.measuredInk(stroke)
		}
		pic.Views = append(pic.Views, view...)
		pic.Boxes = append(pic.Boxes, s.inUpload(g, pic.Width, pic.Height))
		pic.Parts = append(pic.Parts, s.parts(i, g, pic.Width, pic.Height)...)
		see.view("seen", view)
	}
	pic.Steps = append(pic.Steps, cifra.StepCropped)
	if wide {
		pic.Steps = append(pic.Steps, cifra.StepStroke)
	}
	pic.Steps = append(pic.Steps, cifra.StepCentred)
}

func (s *scene) measuredInk(stroke float64) cifra.Ink {
	k := cifra.Ink{Contrast: 255 * float64(max(0, min(1, s.ink.best.level))), Stroke: stroke}
	n := 0
	for _, p := range s.ink.pieces {
		n += p.n
		if p.id == s.ink.best.id || (p.edges == 0 && p.mass >= .08*s.ink.best.mass) { // not a spiral's holes, not dust
			k.Components++
		}
	}
	b := s.ink.box
	k.Stroke *= float64(b.side()) / float64(b.height())
	k.Fraction = float64(n) / float64(len(s.dark))
	return k
}

// blankInk tells how dark the darkest thing on a blank picture is.
func (s *scene) blankInk() cifra.Ink {
	if len(s.dark) == 0 {
		return cifra.Ink{}
	}
	return cifra.Ink{Contrast: 255 * float64(max(0, min(1, quantile(s.dark, .999))))}
}
