package synth

import "math"

// Kind is what is hard about a photograph.
type Kind string

// The kinds of photographs. Each has a little of everything else, except the first.
const (
	Scan        Kind = "scan"        // flat light, plain paper
	PlainPaper  Kind = "plain paper" // a phone's picture of a white sheet
	Ruled       Kind = "ruled"
	Squared     Kind = "squared"
	Shaded      Kind = "shaded"   // a shadow's edge across the page
	Vignetted   Kind = "vignette" // dark corners
	PageEdge    Kind = "page edge"
	Spiral      Kind = "spiral"
	Faint       Kind = "faint pencil"
	Tilted      Kind = "tilted" // perspective and turn
	Blackboard  Kind = "blackboard"
	Whiteboard  Kind = "whiteboard"
	Tiny        Kind = "tiny" // small and far from the middle
	Thick       Kind = "thick pen"
	Blurred     Kind = "blurred"
	Crumpled    Kind = "crumpled"
	Cell        Kind = "cell"        // one square of a squared page, cut out
	Combination Kind = "combination" // several of them at once
)

// Kinds lists them all.
func Kinds() []Kind {
	return []Kind{
		Scan, PlainPaper, Ruled, Squared, Shaded, Vignetted, PageEdge, Spiral, Faint, Tilted,
		Blackboard, Whiteboard, Tiny, Thick, Blurred, Crumpled, Cell, Combination,
	}
}

// NewScene lays out a scene of a kind.
func NewScene(seed uint64, kind Kind) *Scene {
	r := newSource(seed, 3<<32)
	s := plainScene(r)
	if kind == Combination {
		for _, k := range Kinds() {
			if k != Scan && k != Combination && k != Blackboard && k != Whiteboard && k != Tiny && k != Cell && r.chance(.28) {
				s.apply(k, r)
			}
		}
		return s
	}
	s.apply(kind, r)
	return s
}

// Faint reports whether the digit is written in faint pencil, which may be more than can be read.
func (s *Scene) Faint() bool { return s.pen.faint }

// plainScene is a sheet of paper on a table by a window.
func plainScene(r source) *Scene {
	s := &Scene{Width: 480, Height: 360}
	switch r.IntN(4) {
	case 0:
		s.Width, s.Height = 360, 480
	case 1:
		s.Width, s.Height = 400, 400
	}
	base := r.between(.62, .97)
	s.ground = ground{colour: tint(base, .02, r), grain: r.between(.01, .035)}
	s.pen = ballpoint(r)
	if r.chance(.4) {
		s.pen = felt(r)
	}
	s.writing = writing{
		x: r.normal(.07), y: r.normal(.07), size: r.between(.28, .66), turn: r.normal(.05),
	}
	s.light = lighting{
		gradient: [2]float64{r.normal(.12), r.normal(.12)}, vignette: r.between(0, .12),
		warmth: r.normal(.03), exposure: r.between(.88, 1.04),
	}
	s.camera = camera{
		turn: r.normal(.03), tilt: [2]float64{r.normal(.03), r.normal(.03)},
		blur: r.between(.3, .9), noise: r.scale(.004, .022), quality: 60 + r.IntN(32),
	}
	return s
}

func (s *Scene) apply(kind Kind, r source) {
	switch kind {
	case Scan:
		s.light = lighting{exposure: 1}
		s.camera = camera{blur: .3, noise: .002, quality: 90}
		s.ground = ground{colour: rgb{.99, .99, .985}, grain: .003}
	case PlainPaper, Combination:
	case Ruled:
		s.ruling = ruled(r)
	case Squared:
		s.ruling = ruled(r)
		s.ruling.pitch, s.ruling.margin = r.between(.045, .12), false
		s.ruling.down = s.ruling.pitch
		s.ruling.depth = r.between(.12, .55)
	case Shaded:
		s.light.shadow, s.light.rim = r.between(.2, .55), r.scale(.02, .3)
		s.light.angle, s.light.off = r.between(0, 2*math.Pi), r.between(-.35, .35)
	case Vignetted:
		s.light.vignette = r.between(.35, .75)
	case PageEdge:
		s.edge = pageEdge(r)
	case Spiral:
		s.edge = pageEdge(r)
		s.edge.spiral = true
	case Faint:
		s.pen = pencil(r)
		s.pen.depth *= r.between(.35, .7)
		s.pen.faint = true
	case Tilted:
		s.camera.turn = r.normal(.14)
		s.camera.tilt = [2]float64{r.normal(.22), r.normal(.22)}
	case Blackboard:
		s.ground = ground{colour: blackboard(r), grain: .10, clouds: r.between(.08, .22)}
		s.pen = chalk(r)
	case Whiteboard:
		s.ground = ground{colour: tint(r.between(.8, .95), .02, r), grain: .004, clouds: .015}
		s.pen = felt(r)
		s.pen.dry = .35
		s.light.vignette += .15
	case Tiny:
		s.writing.size = r.between(.10, .2)
		s.writing.x, s.writing.y = r.between(-.32, .32), r.between(-.32, .32)
	case Thick:
		s.pen = felt(r)
		s.pen.width = r.between(.14, .22)
	case Blurred:
		s.camera.blur = r.between(1.6, 3.2)
	case Crumpled:
		s.ground.crumple = r.between(.05, .16)
		s.ground.clouds = r.between(.0, .04)
	case Cell:
		s.cell(r)
	}
}

// cell fills the picture with one square: its lines lie along the border, or just outside, and the digit may cross them.
func (s *Scene) cell(r source) {
	s.Width, s.Height = 160, 160
	s.ruling = ruled(r)
	s.ruling.margin, s.ruling.depth, s.ruling.width = false, r.between(.12, .65), r.scale(.006, .024)
	s.ruling.pitch = r.between(.72, 1.12)
	s.ruling.down = s.ruling.pitch * r.between(.94, 1.06)
	s.ruling.phase = [2]float64{s.ruling.down/2 + r.normal(.05), s.ruling.pitch/2 + r.normal(.05)}
	s.writing.size = r.between(.42, .86)
	s.writing.x, s.writing.y = r.normal(.05), r.normal(.05)
	s.light.vignette = 0
}

// tint is a grey of a level with its channels up to spread apart.
func tint(level, spread float64, r source) rgb {
	var c rgb
	for k := range c {
		c[k] = min(1, level*(1+r.between(-spread, spread)))
	}
	return c
}

func ruled(r source) ruling {
	u := ruling{
		depth: r.scale(.08, .6), pitch: r.between(.09, .2), width: r.scale(.0022, .006),
		phase: [2]float64{r.Float64(), r.Float64()}, bend: r.between(0, .006), margin: r.chance(.3),
		colour: rgb{.45, .58, .85},
	}
	switch r.IntN(4) {
	case 0:
		u.colour = rgb{.5, .5, .52}
	case 1:
		u.colour = rgb{.4, .7, .72}
	}
	return u
}

func pageEdge(r source) edge {
	e := edge{on: true, angle: float64(r.IntN(4))*math.Pi/2 + r.normal(.05), at: r.between(.36, .47)}
	if r.chance(.5) {
		e.colour = rgb{.36, .24, .15} // wood
	} else {
		e.colour = tint(r.between(.06, .5), .1, r)
	}
	return e
}

func blackboard(r source) rgb {
	if r.chance(.5) {
		return rgb{.13, .24, .20}
	}
	return tint(r.between(.11, .2), .06, r)
}

func ballpoint(r source) pen {
	p := pen{depth: r.between(.75, .97), width: r.between(.028, .06), dry: r.between(0, .25)}
	p.colour = [...]rgb{{.08, .13, .45}, {.08, .13, .45}, {.1, .1, .12}, {.62, .08, .12}, {.05, .35, .2}}[r.IntN(5)]
	return p
}

func felt(r source) pen {
	p := pen{depth: r.between(.88, 1), width: r.between(.06, .12), dry: r.between(0, .12)}
	p.colour = [...]rgb{{.07, .07, .08}, {.07, .07, .08}, {.1, .16, .55}, {.7, .1, .12}, {.06, .4, .22}}[r.IntN(5)]
	return p
}

func pencil(r source) pen {
	return pen{
		colour: rgb{.3, .3, .33}, depth: r.between(.55, .9), width: r.between(.03, .055),
		grain: r.between(.5, .9), dry: r.between(.1, .3),
	}
}

func chalk(r source) pen {
	c := rgb{.93, .93, .9}
	if r.chance(.2) {
		c = rgb{.95, .88, .5}
	}
	return pen{colour: c, depth: r.between(.75, .95), width: r.between(.06, .11), grain: r.between(.45, .8), dry: .2}
}
