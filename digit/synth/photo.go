package synth

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
)

// Photograph takes a picture of a digit in a scene of a kind. The same seed gives the same picture.
func Photograph(seed uint64, class int, kind Kind) *image.RGBA {
	return NewScene(seed, kind).Image(seed, Digit(seed, class, Style{}))
}

// PhotographJPEG is [Photograph] as a camera stores it.
func PhotographJPEG(seed uint64, class int, kind Kind) ([]byte, error) {
	s := NewScene(seed, kind)
	return s.JPEG(seed, Digit(seed, class, Style{}))
}

// JPEG takes the picture and encodes it with the camera's quality.
func (s *Scene) JPEG(seed uint64, g Glyph) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, s.Image(seed, g), &jpeg.Options{Quality: s.camera.quality}); err != nil {
		return nil, fmt.Errorf("encode photograph: %w", err)
	}
	return b.Bytes(), nil
}

// Image takes the picture: paper, what is printed on it, the glyph, the light, then the camera's blur and noise.
func (s *Scene) Image(seed uint64, g Glyph) *image.RGBA {
	r := newSource(seed, 2<<32)
	short := float64(min(s.Width, s.Height))
	ink := s.write(g, r)
	grain, clouds, folds, flow, table := newNoise(r), newNoise(r), newNoise(r), newNoise(r), newNoise(r)
	pixel, lens := 1/short, s.camera.lens()
	planes := [3][]float32{}
	for k := range planes {
		planes[k] = make([]float32, s.Width*s.Height)
	}
	for v := range s.Height {
		for u := range s.Width {
			i := v*s.Width + u
			px, py := (float64(u)+.5-float64(s.Width)/2)*pixel, (float64(v)+.5-float64(s.Height)/2)*pixel
			x, y := lens.unproject(px, py)
			// The paper's fibres: finer than strokes, whatever the resolution.
			fine := grain.at(x*250, y*250)
			c := s.groundAt(x, y, fine, clouds, folds)
			s.print(&c, x, y, pixel)
			if a := float64(ink.c[i]); a > 0 {
				s.soak(&c, a, fine, flow.at(x*9, y*9))
			}
			s.beside(&c, x, y, pixel, table)
			q := s.light.at(float64(u)/float64(s.Width)-.5, float64(v)/float64(s.Height)-.5)
			for k := range planes {
				planes[k][i] = float32(c[k] * q * (1 + s.light.warmth*float64(1-k)))
			}
		}
	}
	return s.develop(planes, r)
}

// write lays the glyph onto the photograph.
func (s *Scene) write(g Glyph, r source) *layer {
	short := float64(min(s.Width, s.Height))
	l := newLayer(s.Width, s.Height)
	sin, cos := math.Sincos(s.writing.turn)
	tremble, lens := newWarp(r, .004), s.camera.lens()
	var moved Glyph
	for _, stroke := range g.Strokes {
		o := make([]Point, len(stroke))
		for i, p := range stroke {
			x, y := tremble.at(p.X*4, p.Y*4)
			x, y = x/4, y/4
			x, y = cos*x-sin*y, sin*x+cos*y
			x, y = lens.project(s.writing.x+x*s.writing.size, s.writing.y+y*s.writing.size)
			o[i] = Point{X: x, Y: y, Press: p.Press}
		}
		moved.Strokes = append(moved.Strokes, o)
	}
	l.draw(moved, Placing{
		X: float64(s.Width) / 2, Y: float64(s.Height) / 2, Size: short,
		Width: max(1.1, s.pen.width*s.writing.size*short),
	})
	return l
}

func (s *Scene) groundAt(x, y, fine float64, clouds, folds noise) rgb {
	k := 1 + s.ground.grain*fine
	if s.ground.clouds > 0 {
		k += s.ground.clouds * clouds.rough(x*4, y*3, 4)
	}
	if s.ground.crumple > 0 { // the light on slopes: differences of a height
		k += s.ground.crumple * 6 * (folds.at(x*5+.05, y*5+.05) - folds.at(x*5, y*5))
	}
	c := s.ground.colour
	for i := range c {
		c[i] *= k
	}
	return c
}

// print absorbs what the printed lines do.
func (s *Scene) print(c *rgb, x, y, pixel float64) {
	if a := s.ruling.depth * s.ruling.lineAt(x, y, pixel); a > 0 {
		for k := range c {
			c[k] *= 1 - a*(1-s.ruling.colour[k])
		}
	}
	if a := .5 * s.ruling.marginAt(x, pixel); a > 0 {
		for k, v := range (rgb{.85, .25, .3}) {
			c[k] *= 1 - a*(1-v)
		}
	}
}

// soak lays ink of cover a on c. With grain it stays on the fibres that stand out, as graphite and chalk do.
func (s *Scene) soak(c *rgb, a, fine, flow float64) {
	if s.pen.grain > 0 {
		a *= max(0, min(1, 1-s.pen.grain*(.55-1.3*fine)))
	}
	a *= s.pen.depth * (1 - s.pen.dry*(.5+.5*flow))
	for k := range c {
		c[k] += a * (s.pen.colour[k] - c[k])
	}
}

// beside replaces the page by what lies beyond its edge.
func (s *Scene) beside(c *rgb, x, y, pixel float64, table noise) {
	if !s.edge.on {
		return
	}
	sin, cos := math.Sincos(s.edge.angle)
	out, along := cos*x+sin*y-s.edge.at, -sin*x+cos*y
	beyond := cover(-out, pixel)
	if s.edge.spiral { // round holes, each with a wire to the edge
		const pitch = .062
		d := along - pitch*math.Round(along/pitch)
		hole := math.Hypot(out+.035, d) - .012
		wire := max(math.Abs(d)-.006, math.Abs(out+.01)-.03)
		beyond = max(beyond, cover(hole, pixel))
		if w := cover(wire, pixel); w > 0 {
			for k := range c {
				c[k] += w * (.45 - c[k])
			}
			beyond *= 1 - w
		}
	}
	shade := 1.
	if out < 0 && out > -.02 {
		shade = 1 - .12*(1+out/.02)
	}
	grain := 1 + .16*table.rough(along*4, out*40, 3)
	for k := range c {
		c[k] = c[k]*shade*(1-beyond) + s.edge.colour[k]*grain*beyond
	}
}

// develop is the camera: blur, noise that is partly the same in all colours, eight bits.
func (s *Scene) develop(planes [3][]float32, r source) *image.RGBA {
	for k := range planes {
		planes[k] = gaussian(planes[k], s.Width, s.Height, s.camera.blur)
	}
	o := image.NewRGBA(image.Rect(0, 0, s.Width, s.Height))
	for i := range s.Width * s.Height {
		grey := r.NormFloat64() * s.camera.noise
		for k := range planes {
			v := float64(planes[k][i])
			v += (grey + .5*s.camera.noise*r.NormFloat64()) * (.4 + .6*math.Sqrt(max(0, v)))
			o.Pix[4*i+k] = uint8(max(0, min(255, v*255+.5)))
		}
		o.Pix[4*i+3] = 255
	}
	return o
}

// gaussian blurs a plane with the given standard deviation, mirrored at the border.
func gaussian(p []float32, w, h int, sigma float64) []float32 {
	if sigma < .2 {
		return p
	}
	n := int(math.Ceil(2.5 * sigma))
	kernel := make([]float32, n+1)
	sum := float32(0)
	for i := range kernel {
		kernel[i] = float32(math.Exp(-float64(i*i) / (2 * sigma * sigma)))
		sum += kernel[i]
		if i > 0 {
			sum += kernel[i]
		}
	}
	pass := func(s []float32, n1, n2, step1, step2 int) []float32 {
		o := make([]float32, len(s))
		for a := range n1 {
			for b := range n2 {
				at := a*step1 + b*step2
				v := kernel[0] * s[at]
				for i := 1; i <= n; i++ {
					lo, hi := max(0, b-i), min(n2-1, b+i)
					v += kernel[i] * (s[a*step1+lo*step2] + s[a*step1+hi*step2])
				}
				o[at] = v / sum
			}
		}
		return o
	}
	return pass(pass(p, h, w, w, 1), w, h, 1, w)
}
