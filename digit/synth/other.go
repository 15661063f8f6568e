package synth

import (
	"image"
	"math"
)

// Other names what is on a picture that holds no digit.
type Other string

// What a picture without a digit may show.
const (
	Blank    Other = "blank"
	Letter   Other = "letter"
	Word     Other = "word"
	Shape    Other = "shape"
	Scribble Other = "scribble"
	Strokes  Other = "strokes" // lines, ticks, crosses
	Lines    Other = "lines"   // of the paper alone
	Texture  Other = "texture" // of what the camera saw by chance
)

// Others lists them all.
func Others() []Other {
	return []Other{Blank, Letter, Word, Shape, Scribble, Strokes, Lines, Texture}
}

// letters that no digit looks like; I, O, S, Z, B, G, q, g, b, l and o are missing for a reason.
var letters = map[rune]form{
	'A': {aspect: .75, path: "0,100 50,0! 100,100; 18,64 82,62"},
	'C': {aspect: .75, path: "92,16 60,0 20,14 3,50 20,86 60,100 95,84"},
	'E': {aspect: .62, path: "92,2 6,0! 4,50 5,100! 95,98; 5,49 78,48"},
	'F': {aspect: .6, path: "95,1 6,0! 5,50 4,100; 6,47 74,46"},
	'H': {aspect: .75, path: "4,0 5,100; 95,0 96,100; 5,49 95,48"},
	'J': {aspect: .55, path: "30,0 98,0; 68,0 68,76 40,100 6,84"},
	'K': {aspect: .68, path: "4,0 5,100; 92,0 6,56! 97,100"},
	'M': {aspect: .95, path: "2,100 10,0! 50,66! 90,0! 98,100"},
	'N': {aspect: .75, path: "3,100 4,0! 96,100! 97,0"},
	'P': {aspect: .6, path: "6,100 6,0! 70,4 92,28 66,52 7,54"},
	'R': {aspect: .65, path: "6,100 6,0! 70,3 90,26 64,50 7,52! 96,100"},
	'T': {aspect: .75, path: "0,1 100,0; 50,0 50,100"},
	'U': {aspect: .7, path: "3,0 4,66 26,98 72,98 96,66 97,0"},
	'V': {aspect: .75, path: "0,0 50,100! 100,0"},
	'W': {aspect: 1.05, path: "0,0 25,100! 50,30! 75,100! 100,0"},
	'X': {aspect: .72, path: "2,0 98,100; 97,0 3,100"},
	'Y': {aspect: .72, path: "2,0 50,48; 98,0 36,100"},
	'a': {aspect: .85, path: "84,10 44,0 8,36 14,84 54,96 84,50 86,8! 84,70 100,98"},
	'd': {aspect: .62, path: "84,50 44,42 8,66 20,98 62,94 84,62; 88,0 86,60 92,100"},
	'e': {aspect: .85, path: "8,54 84,50 88,24 50,0 12,22 6,66 40,100 92,84"},
	'h': {aspect: .58, path: "8,0 6,100! 10,56 50,40 86,54 88,100"},
	'k': {aspect: .58, path: "8,0 8,100; 84,36 10,70! 92,100"},
	'm': {aspect: 1.3, path: "4,4 4,100! 8,30 28,2 46,24 48,100! 52,30 74,2 94,24 96,100"},
	'n': {aspect: .85, path: "6,4 6,100! 12,34 50,2 90,28 92,100"},
	'p': {aspect: .55, path: "8,0 8,100; 10,14 60,0 92,28 60,58 10,50"},
	'r': {aspect: .7, path: "10,4 12,100! 16,40 50,6 92,12"},
	't': {aspect: .55, path: "46,0 44,80 66,100 96,88; 4,30 92,28"},
	'w': {aspect: 1.3, path: "2,2 24,98! 50,26! 76,98! 98,2"},
	'y': {aspect: .62, path: "6,0 48,52; 94,0 52,66 12,100"},
	'&': {aspect: .85, path: "98,98 24,26 40,0 66,18 18,62 14,90 52,98 92,58"},
	'@': {aspect: 1, path: "66,60 42,68 36,42 62,34 66,62 84,66 96,40 66,6 24,10 4,50 26,90 76,94"},
	'#': {aspect: .8, path: "34,0 22,100; 78,0 66,100; 6,34 100,32; 0,68 94,66"},
	'?': {aspect: .55, path: "6,20 40,0 88,14 80,40 48,56 46,74; 46,92 46,100"},
}

// alphabet is the letters' keys in a fixed order, so that a seed means one of them.
const alphabet = "ACEFHJKMNPRTUVWXYadehkmnprtwy&@#?"

// NotDigit writes what is no digit. Blank, Lines and Texture have no strokes: what is seen there is the scene.
func NotDigit(seed uint64, other Other) Glyph {
	r := newSource(seed, 4<<32)
	var g Glyph
	switch other {
	case Letter:
		g = writeLetter(r)
	case Word:
		at := 0.
		for range 2 + r.IntN(5) {
			l := writeLetter(r)
			x0, _, x1, _ := l.Bounds()
			for _, s := range l.Strokes {
				for i := range s {
					s[i].X += at - x0
				}
			}
			g.Strokes = append(g.Strokes, l.Strokes...)
			at += x1 - x0 + r.between(.12, .3)
		}
	case Shape:
		g.Strokes = append(g.Strokes, pressed(points(shape(r), r.between(.005, .02), r), r, 1))
	case Scribble:
		var k []knot
		for range 7 + r.IntN(16) {
			k = append(k, knot{x: r.between(-.5, .5), y: r.between(-.5, .5)})
		}
		g.Strokes = append(g.Strokes, pressed(points(curve(k), 0, r), r, 1))
	case Strokes:
		for range 2 + r.IntN(4) {
			k := []knot{{x: r.between(-.5, .5), y: r.between(-.5, .5)}, {x: r.between(-.5, .5), y: r.between(-.5, .5)}}
			g.Strokes = append(g.Strokes, pressed(points(curve(k), .01, r), r, 1))
		}
	case Blank, Lines, Texture:
		return g
	}
	g.normalise()
	return g
}

func writeLetter(r source) Glyph {
	return write(letters[rune(alphabet[r.IntN(len(alphabet))])], Style{}, r)
}

// shape outlines a polygon, a star, a heart, a spiral, a wave or an arrow.
func shape(r source) [][2]float64 {
	var o [][2]float64
	ring := func(n, skip int) {
		start := r.between(0, 2*math.Pi)
		var k []knot
		for i := range n + 1 {
			sin, cos := math.Sincos(start + 2*math.Pi*float64(i*skip%n)/float64(n))
			k = append(k, knot{x: cos / 2, y: sin / 2, corner: true})
		}
		o = curve(k)
	}
	switch r.IntN(6) {
	case 0:
		ring(3, 1)
	case 1:
		ring(4, 1)
	case 2:
		ring(5, 2)
	case 3: // a heart
		for i := range 61 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 60)
			t := 2 * math.Pi * float64(i) / 60
			o = append(o, [2]float64{sin * sin * sin / 2, -(13*cos - 5*math.Cos(2*t) - 2*math.Cos(3*t) - math.Cos(4*t)) / 32})
		}
	case 4: // a spiral of three turns
		for i := range 120 {
			a := float64(i) / 119
			sin, cos := math.Sincos(a * 6 * math.Pi)
			o = append(o, [2]float64{a * cos / 2, a * sin / 2})
		}
	default: // a wave of several hills
		hills := r.between(2.5, 5)
		for i := range 100 {
			a := float64(i) / 99
			o = append(o, [2]float64{a - .5, .16 * math.Sin(a*hills*2*math.Pi)})
		}
	}
	return o
}

// points gives a line its hand: a smooth wobble.
func points(line [][2]float64, wobble float64, r source) []Point {
	w := newWarp(r, wobble)
	return placed(line, w.at)
}

// OtherPhotograph takes a picture that holds no digit, in a scene of a kind.
func OtherPhotograph(seed uint64, other Other, kind Kind) *image.RGBA {
	s := NewScene(seed, kind)
	r := newSource(seed, 5<<32)
	switch other {
	case Lines:
		s.apply(Ruled, r)
		if r.chance(.5) {
			s.apply(Squared, r)
		}
	case Texture:
		s.ground = ground{colour: rgb{r.between(.2, .9), r.between(.2, .9), r.between(.2, .9)}, grain: .15, clouds: r.between(.2, .6)}
		s.light.shadow, s.light.rim, s.light.angle = r.between(.2, .6), r.between(.02, .2), r.between(0, 6)
	case Word:
		s.writing.size = min(.8, 1.5*s.writing.size)
		s.pen.width /= 2.5
	case Blank, Letter, Shape, Scribble, Strokes:
	}
	return s.Image(seed, NotDigit(seed, other))
}

// OtherDrawing draws what is no digit on the page's pad.
func OtherDrawing(seed uint64, other Other) *image.RGBA {
	d := Drawing{}
	if other == Word {
		d.Pen, d.Size = .5, .85
	}
	return d.ink(seed, NotDigit(seed, other))
}
