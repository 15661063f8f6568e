package synth

import "math"

// Point is a place that the pen passes, with how wide it presses there: 1 is the pen's own width.
type Point struct{ X, Y, Press float64 }

// Glyph is what a hand wrote: strokes of many near points each.
type Glyph struct{ Strokes [][]Point }

// Style says how a digit is to be written. The zero Style leaves everything to the seed.
type Style struct {
	Form  string  // one of [Forms], "" any
	Wild  float64 // how far the hand strays: 0 as people do, 1 twice as far, -1 not at all
	Slant float64 // added to the hand's own, as a shear: 0.2 leans to the right like italics
	Width float64 // factor on the width; 0 is 1
}

// Digit writes one digit, 0 to 9. The same seed, class and style give the same strokes.
func Digit(seed uint64, class int, style Style) Glyph {
	r := newSource(seed, uint64(class))
	f := formOf(class, style.Form, r)
	return write(f, style, r)
}

// write bends a form as a hand does: other proportions, slant, knots a little off, a smooth warp, uneven pressure.
func write(f form, style Style, r source) Glyph {
	wild := 1 + max(-1, style.Wild)
	strokes, err := knots(f.path)
	if err != nil {
		return Glyph{} // a test reads every path
	}
	width := f.aspect * math.Exp(r.normal(.13)*wild)
	if style.Width > 0 {
		width *= style.Width
	}
	slant := r.normal(.12)*wild + .06*wild + style.Slant
	turn := r.normal(.045) * wild
	waist := math.Exp(r.normal(.11) * wild) // under 1 lowers the middle of the digit, above raises it
	off := .009 * wild
	bend := newWarp(r, .014*wild)
	sin, cos := math.Sincos(turn)
	place := func(x, y float64) (float64, float64) {
		y = math.Pow(max(0, y), waist) + min(0, y)
		x, y = (x-.5)*width, y-.5
		x, y = bend.at(x, y)
		x -= slant * y
		return cos*x - sin*y, sin*x + cos*y
	}
	var g Glyph
	for _, s := range strokes {
		for i := range s {
			// Knots in the middle of a curve stray; where strokes meet they would come apart, so the ends move less.
			k := off
			if i == 0 || i == len(s)-1 || s[i].corner {
				k *= .6
			}
			s[i].x += r.normal(k) / max(.3, width)
			s[i].y += r.normal(k)
		}
		g.Strokes = append(g.Strokes, pressed(placed(curve(s), place), r, wild))
	}
	g.normalise()
	return g
}

// normalise moves the glyph around (0, 0) and makes it 1 high, or 1 wide where it is wider than high.
func (g *Glyph) normalise() {
	x0, y0, x1, y1 := g.Bounds()
	k := 1 / max(1e-6, x1-x0, y1-y0)
	for _, s := range g.Strokes {
		for i := range s {
			s[i].X, s[i].Y = (s[i].X-(x0+x1)/2)*k, (s[i].Y-(y0+y1)/2)*k
		}
	}
}

// Bounds returns the corners of the box around all points.
func (g *Glyph) Bounds() (x0, y0, x1, y1 float64) {
	x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range g.Strokes {
		for _, p := range s {
			x0, x1, y0, y1 = min(x0, p.X), max(x1, p.X), min(y0, p.Y), max(y1, p.Y)
		}
	}
	return x0, y0, x1, y1
}

// curve runs through the knots: a centripetal Catmull-Rom spline (Yuksel, Schaefer, Keyser, 2011: no loops, no cusps)
// between corners.
func curve(s []knot) [][2]float64 {
	var o [][2]float64
	from := 0
	for i := 1; i < len(s); i++ {
		if s[i].corner || i == len(s)-1 {
			o = append(o, spline(s[from:i+1])...)
			from = i
		}
	}
	return o
}

func spline(s []knot) [][2]float64 {
	if len(s) == 2 { // straight, but in steps, so that warps bend it
		s = []knot{s[0], {x: (s[0].x + s[1].x) / 2, y: (s[0].y + s[1].y) / 2}, s[1]}
	}
	n := len(s)
	at := func(i int) (float64, float64) {
		switch {
		case i < 0: // beyond the ends the curve goes on as its point reflection
			return 2*s[0].x - s[1].x, 2*s[0].y - s[1].y
		case i >= n:
			return 2*s[n-1].x - s[n-2].x, 2*s[n-1].y - s[n-2].y
		}
		return s[i].x, s[i].y
	}
	var o [][2]float64
	for i := range n - 1 {
		x0, y0 := at(i - 1)
		x1, y1 := at(i)
		x2, y2 := at(i + 1)
		x3, y3 := at(i + 2)
		const least = 1e-4
		t1 := max(least, math.Sqrt(math.Hypot(x1-x0, y1-y0)))
		t2 := t1 + max(least, math.Sqrt(math.Hypot(x2-x1, y2-y1)))
		t3 := t2 + max(least, math.Sqrt(math.Hypot(x3-x2, y3-y2)))
		axis := func(a, b, c, d, t float64) float64 { // Barry and Goldman's pyramid
			p := (t1-t)/t1*a + t/t1*b
			q := (t2-t)/(t2-t1)*b + (t-t1)/(t2-t1)*c
			u := (t3-t)/(t3-t2)*c + (t-t2)/(t3-t2)*d
			v := (t2-t)/t2*p + t/t2*q
			w := (t3-t)/(t3-t1)*q + (t-t1)/(t3-t1)*u
			return (t2-t)/(t2-t1)*v + (t-t1)/(t2-t1)*w
		}
		const steps = 14
		for k := range steps {
			t := t1 + (t2-t1)*float64(k)/steps
			o = append(o, [2]float64{axis(x0, x1, x2, x3, t), axis(y0, y1, y2, y3, t)})
		}
	}
	x, y := at(n - 1)
	return append(o, [2]float64{x, y})
}

func placed(line [][2]float64, place func(x, y float64) (float64, float64)) []Point {
	o := make([]Point, len(line))
	for i, p := range line {
		o[i].X, o[i].Y = place(p[0], p[1])
	}
	return o
}

// pressed sets the pressure along a stroke: lighter where it begins and, often, where it ends in a flick, slowly
// changing in between, heavier in bends, where the hand is slow.
func pressed(s []Point, r source, wild float64) []Point {
	length := 0.
	along := make([]float64, len(s))
	for i := 1; i < len(s); i++ {
		length += math.Hypot(s[i].X-s[i-1].X, s[i].Y-s[i-1].Y)
		along[i] = length
	}
	start, flick := r.between(.75, 1), r.between(.45, 1)
	amount, phase, waves := r.between(.03, .12)*wild, r.between(0, 2*math.Pi), r.between(1.5, 4)
	for i := range s {
		a := along[i] / max(1e-6, length)
		p := 1 + amount*math.Sin(phase+waves*math.Pi*a)
		p *= start + (1-start)*min(1, along[i]/.10)
		p *= flick + (1-flick)*min(1, (length-along[i])/.22)
		if i > 2 && i < len(s)-3 {
			p *= 1 + .12*min(1, bendAt(s, i))
		}
		s[i].Press = p
	}
	return s
}

// bendAt returns how much the stroke turns around point i, in radians.
func bendAt(s []Point, i int) float64 {
	a := math.Atan2(s[i].Y-s[i-3].Y, s[i].X-s[i-3].X)
	b := math.Atan2(s[i+3].Y-s[i].Y, s[i+3].X-s[i].X)
	return math.Abs(math.Remainder(b-a, 2*math.Pi))
}

// warp is a smooth displacement, the same for near points, so that strokes that meet still do.
type warp struct {
	amount float64
	wave   [4]float64
	phase  [4]float64
}

func newWarp(r source, amount float64) warp {
	w := warp{amount: amount}
	for i := range w.wave {
		w.wave[i], w.phase[i] = r.between(3, 7.5), r.between(0, 2*math.Pi)
	}
	return w
}

func (w *warp) at(x, y float64) (float64, float64) {
	return x + w.amount*(math.Sin(w.wave[0]*y+w.phase[0])+math.Sin(w.wave[1]*x+w.phase[1])),
		y + w.amount*(math.Sin(w.wave[2]*x+w.phase[2])+math.Sin(w.wave[3]*y+w.phase[3]))
}
