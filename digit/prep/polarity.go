package prep

import "cifra"

// scene is one picture on its way through the stages, at working size.
type scene struct {
	raster
	lum   []float32 // brightness, dark ink on light paper after orient
	look  look
	left  float64 // share of the upload's width that lies to the left of this, and to the right
	top   float64 // and of its height above and below
	even  bool    // a drawing or a clean scan: one level of paper, no shadows
	paper float32 // its level where even

	doubtful bool // that the ink is light was told by what stands out, not by the ground

	dark  []float32 // darkness against the paper, about 0 for paper and up to 1 for ink, after flatten
	sigma float32   // standard deviation of the paper's darkness
	lines int       // ruled lines removed

	labels labels // of the last threshold
	ink    inkMap // after choose
}

// enlarge scales a small picture by a whole factor.
func enlarge(r raster) raster {
	long := max(r.w, r.h)
	if long >= smallSide {
		return r
	}
	k := (smallSide + 23 + long) / long
	return r.resized(r.w*k, r.h*k)
}

// orient finds out whether the ink is lighter than its ground, and turns it dark.
func (s *scene) orient(pic *cifra.Picture, see viewer) {
	s.lum = s.luminance()
	border := s.border()
	middle := quantile(border, .5)
	light := middle < .5
	// A ground of middle grey says little: ink is the rarer side, so the skew of the brightness decides, the more
	// easily the darker the ground is.
	if middle > .2 && middle < .65 {
		light = s.skew() > float64(middle)-.4
		s.doubtful = light
	}
	if light && !s.look.opposite {
		pic.Steps = append(pic.Steps, cifra.StepInverted)
		s.raster = s.inverted()
		s.lum = s.luminance()
		middle = 1 - middle
	}
	s.paper, s.even = middle, isEven(s.lum, middle)
	see.plane("dark ink on light paper", s.lum, s.w, s.h, 1)
}

// border returns the brightness around the picture.
func (s *scene) border() []float32 {
	o := make([]float32, 0, 2*(s.w+s.h))
	o = append(o, s.lum[:s.w]...)
	o = append(o, s.lum[len(s.lum)-s.w:]...)
	for y := range s.h {
		o = append(o, s.lum[y*s.w], s.lum[y*s.w+s.w-1])
	}
	return o
}

// skew returns the third moment of the brightness against its surroundings, away from the border, as a share of what
// it would be if all of it were on one side: -1 where everything that stands out is dark, 1 where it is light.
// The surroundings are a median over about a quarter of the picture: it knows no strokes, and follows shadows and
// the page's edges. What stands out is cut, so that a lamp's glare weighs no more than a stroke.
func (s *scene) skew() float64 {
	const side, limit = 64, .25
	long := max(s.w, s.h)
	w, h := max(1, s.w*side/long), max(1, s.h*side/long)
	around := resize(medians(resize(s.lum, s.w, s.h, w, h), w, h, side/8), w, h, s.w, s.h)
	var sum, all float64
	for y := s.h / 10; y < s.h-s.h/10; y++ {
		for i := y*s.w + s.w/10; i < y*s.w+s.w-s.w/10; i++ {
			v := max(-limit, min(limit, s.lum[i]-around[i]))
			c := float64(v * v * v)
			sum += c
			all += max(c, -c)
		}
	}
	return sum / max(all, 1e-12)
}

// isEven reports whether most of the picture has the paper's level to within a step of 8 bits: no camera does that. Where
// a thick pen leaves less of the paper, nearly all of it has two levels, the paper's and the ink's.
func isEven(lum []float32, paper float32) bool {
	const share, little, both = .6, .25, .85
	n := float64(len(lum))
	bare := float64(atLevel(lum, paper))
	if bare >= share*n || bare < little*n {
		return bare >= share*n
	}
	ink := make([]float32, 0, len(lum)/16)
	for i := 0; i < len(lum); i += 7 {
		if d := lum[i] - paper; d < -levelStep {
			ink = append(ink, lum[i])
		}
	}
	return bare+float64(atLevel(lum, quantile(ink, .5))) >= both*n
}

// levelStep is a step of 8 bits, and a little more.
const levelStep = 1.2 / 255

// atLevel returns how many pixels have a level.
func atLevel(lum []float32, level float32) int {
	n := 0
	for _, v := range lum {
		if d := v - level; d < levelStep && d > -levelStep {
			n++
		}
	}
	return n
}
