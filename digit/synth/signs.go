package synth

import "math"

// signs are letters of the Latin, Greek and Cyrillic alphabets and other signs, drawn as digits are in forms. Those
// that some hand writes as a digit (O, I, l, Z, S, B, b, q, g, З, б, Ч and their like) aren't among them: nobody could
// say of such a picture that it holds no digit.
var signs = []form{
	{"A", 2, .75, "2,100 26,50 50,0! 74,50 98,100; 20,64 50,63 80,64"},
	{"C", 1, .75, "94,14 60,0 22,12 4,44 10,80 42,100 94,88"},
	{"E", 2, .62, "92,2 50,1 8,0! 6,50 5,100! 50,99 96,98; 6,48 40,48 78,47"},
	{"F", 1, .60, "94,2 50,1 8,0! 6,50 5,100; 6,46 40,46 76,45"},
	{"H", 2, .75, "6,0 5,50 4,100; 96,0 95,50 94,100; 5,50 50,50 95,49"},
	{"K", 2, .70, "6,0 5,50 5,100; 92,2 50,28 6,56! 50,78 96,100"},
	{"M", 2, .95, "3,100 8,50 14,0! 32,40 50,76! 70,40 86,0! 92,50 97,100"},
	{"N", 2, .78, "5,100 6,50 6,0! 50,50 94,100! 95,50 96,0"},
	{"P", 1, .60, "10,100 10,50 9,2! 50,0 92,14 88,44 50,54 12,53"},
	{"R", 2, .68, "8,100 8,50 8,2! 50,0 90,14 84,42 50,50 10,51! 50,74 96,100"},
	{"T", 1, .80, "2,3 50,2 98,1; 51,2 50,50 49,100"},
	{"U", 1, .75, "4,0 4,40 14,86 50,100 86,84 95,40 96,0"},
	{"V", 1, .80, "2,0 26,50 50,100! 74,50 98,0"},
	{"W", 2, .98, "1,0 13,50 26,100! 38,60 50,26! 62,60 74,100! 87,50 99,0"},
	{"X", 2, .76, "3,0 50,50 97,100; 96,0 50,50 4,100"},
	{"h", 1, .58, "8,0 7,50 6,100; 7,66 40,46 78,48 92,70 93,100"},
	{"k", 1, .58, "8,0 7,50 6,100; 88,40 48,56 8,70! 50,84 94,100"},
	{"m", 2, 1, "3,100 3,60 4,10! 3,40 22,6 42,12 48,50 48,98! 48,50 66,8 90,12 96,50 97,100"},
	{"n", 1, .85, "6,100 6,60 7,5! 7,40 40,6 80,12 94,50 94,100"},
	{"r", 1, .60, "10,100 9,60 10,5! 10,50 40,14 94,8"},
	{"w", 2, 1, "2,4 8,60 24,98 42,80 50,20! 58,80 76,98 92,60 98,4"},
	{"alpha", 1, 1, "97,4 74,62 40,100 8,82 6,30 34,0 66,34 84,84 98,98"},
	{"gamma", 1, .7, "4,8 26,2 42,40 50,70! 44,98 54,99 56,70 96,0"},
	{"delta", 2, .9, "50,0 26,50 2,100! 50,99 98,98! 74,50 50,1"},
	{"lambda", 1, .75, "14,0 34,6 60,50 96,100; 54,42 30,70 4,100"},
	{"xi", 2, .8, "4,2 50,1 96,0; 18,50 50,49 82,49; 2,98 50,99 98,98"},
	{"pi", 2, 1, "2,8 50,3 98,4; 30,6 28,50 20,98; 68,6 68,60 84,98"},
	{"sigma", 2, .7, "92,4 50,2 4,2! 30,26 54,48! 30,72 4,98! 50,99 96,98"},
	{"phi", 2, .8, "50,24 12,32 4,54 20,74 50,79 82,72 96,52 86,32 52,24; 51,0 50,50 49,100"},
	{"psi", 2, .9, "2,4 10,44 50,62 90,44 98,3; 50,0 50,50 49,100"},
	{"omega", 2, 1, "2,98 20,99 32,97! 6,60 12,20 50,0 88,20 94,60 68,97! 80,99 98,98"},
	{"zhe", 2, 1, "3,0 28,28 50,50! 28,74 2,100; 97,0 72,28 50,50! 72,74 98,100; 50,0 50,50 50,100"},
	{"i", 2, .78, "5,0 5,50 5,100! 50,50 95,0! 95,50 94,100"},
	{"short i", 1, .72, "5,22 5,60 5,100! 50,60 95,22! 95,60 94,100; 34,2 50,10 68,0"},
	{"el", 1, .8, "2,98 18,90 28,50 32,2! 60,1 92,2! 93,50 94,100"},
	{"de", 2, .9, "2,100 3,90 8,78! 50,78 96,77! 98,90 98,100; 18,77 30,40 34,2! 60,1 82,2! 82,40 83,77"},
	{"tse", 1, .85, "5,0 5,44 5,84! 50,84 92,84! 98,92 98,100; 82,0 82,40 82,84"},
	{"sha", 2, .95, "3,0 3,50 3,98! 50,98 97,98! 97,50 97,0; 50,0 50,50 50,98"},
	{"yery", 2, .95, "5,0 5,50 5,98! 36,97 56,80 50,58 28,48 6,48; 96,0 96,50 96,100"},
	{"yu", 2, 1, "4,0 4,50 4,100; 4,50 20,50 34,50; 66,2 40,20 34,50 42,82 68,99 92,80 97,48 90,18 66,2"},
	{"ya", 2, .75, "90,100 90,50 90,2! 40,0 8,16 14,42 50,50 88,51! 50,74 4,100"},
	{"plus", 1, 1, "50,0 50,50 50,100; 0,50 50,50 100,50"},
	{"equals", 2, 1, "2,18 50,17 98,18; 2,58 50,58 98,57"},
	{"minus", 1, 1, "0,50 50,47 100,52"},
	{"hash", 2, .9, "32,0 29,50 26,100; 74,0 71,50 68,100; 2,32 50,31 98,32; 1,68 50,67 98,66"},
	{"question", 1, .6, "6,24 20,4 56,0 92,18 84,40 54,56 50,76; 50,94 52,98"},
	{"percent", 2, .9, "92,0 50,50 8,100; 22,4 4,16 10,34 28,38 42,24 38,8 20,4; 78,62 60,72 64,92 82,98 96,84 94,68 78,62"},
	{"tick", 1, .9, "2,56 18,74 32,98! 62,50 98,2"},
	{"arrow", 2, 1, "2,50 50,50 98,50; 66,20 82,36 98,50! 82,64 66,80"},
	{"star", 2, 1, "50,0 34,50 20,98! 60,66 98,38! 50,38 2,38! 40,66 80,98! 66,50 50,0"},
	{"square", 2, 1, "2,2 50,1 98,2! 98,50 97,98! 50,99 3,98! 2,50 2,2"},
	{"rhombus", 1, .8, "50,0 25,25 2,50! 26,76 50,100! 76,74 98,50! 74,24 50,1"},
	{"heart", 2, 1, "50,98 14,60 2,26 22,2 42,8 50,28! 58,8 80,2 98,26 86,60 51,98"},
	{"house", 2, .9, "4,98 4,70 4,42! 26,20 50,0! 74,20 96,42! 96,70 96,98! 50,99 4,98"},
	{"lightning", 1, .6, "70,0 40,26 12,56! 50,52 88,48! 60,74 30,100"},
	{"note", 1, .6, "60,2 59,40 58,84! 40,76 10,82 8,96 40,98 57,86; 60,2 80,14 98,40"},
	{"wave", 1, 1, "0,50 16,20 34,50 50,76 66,50 84,22 100,50"},
	{"smile", 2, 1, "50,0 14,16 2,50 16,86 50,100 86,84 98,50 84,14 50,0; 34,32 35,40; 66,32 66,40; 28,64 50,80 72,63"},
}

// Sign writes a letter or another sign that is no digit, in any hand.
func Sign(seed uint64, style Style) Glyph {
	r := newSource(seed, 4<<32)
	var total float64
	for _, f := range signs {
		total += f.weight
	}
	at := r.Float64() * total
	for _, f := range signs {
		if at -= f.weight; at < 0 {
			return write(f, style, r)
		}
	}
	return write(signs[0], style, r)
}

// Scrawl moves a pen without any thought: around, to and fro, in spirals, or as a line of writing too small to read.
func Scrawl(seed uint64) Glyph {
	r := newSource(seed, 5<<32)
	var s []knot
	switch r.IntN(6) {
	case 0, 1: // anywhere
		for range 6 + r.IntN(14) {
			s = append(s, knot{x: r.Float64(), y: r.Float64(), corner: r.chance(.15)})
		}
	case 2: // to and fro, as one fills an area
		n := 6 + r.IntN(9)
		for i := range n {
			s = append(s, knot{x: float64(i)/float64(n) + r.normal(.03), y: float64(i%2)*r.between(.5, .9) + r.normal(.05), corner: true})
		}
	case 3: // a spiral of two turns and more
		n := 22 + r.IntN(14)
		for i := range n {
			sin, cos := math.Sincos(.75 * float64(i))
			a := .5 * float64(i+2) / float64(n)
			s = append(s, knot{x: .5 + a*cos, y: .5 + a*sin})
		}
	case 4: // loops in a row, as writing from afar
		n := 4 + r.IntN(6)
		for i := range 8 * n {
			sin, cos := math.Sincos(math.Pi / 4 * float64(i))
			tall := .06 + .10*r.Float64()
			s = append(s, knot{x: (float64(i)/8 + .45*cos + .5) / float64(n+1), y: .5 - tall*sin})
		}
	default: // strokes side by side or across each other
		var g Glyph
		for range 3 + r.IntN(4) {
			x, y, sin, cos := r.Float64(), r.Float64(), 0., 0.
			sin, cos = math.Sincos(r.between(0, math.Pi))
			long := r.between(.3, .8)
			line := []knot{{x: x - long*cos, y: y - long*sin}, {x: x + r.normal(.05), y: y + r.normal(.05)}, {x: x + long*cos, y: y + long*sin}}
			g.Strokes = append(g.Strokes, pressed(placed(curve(line), same), r, 1))
		}
		g.normalise()
		return g
	}
	g := Glyph{Strokes: [][]Point{pressed(placed(curve(s), same), r, 1)}}
	g.normalise()
	return g
}

func same(x, y float64) (float64, float64) { return x, y }

// Beside writes glyphs in one line, so near to each other that they touch or nearly do.
func Beside(gap float64, glyphs ...Glyph) Glyph {
	var o Glyph
	at := 0.
	for _, g := range glyphs {
		g = g.clone()
		x0, _, x1, _ := g.Bounds()
		for _, s := range g.Strokes {
			for i := range s {
				s[i].X += at - x0
			}
		}
		at += x1 - x0 + gap
		o.Strokes = append(o.Strokes, g.Strokes...)
	}
	o.normalise()
	return o
}
