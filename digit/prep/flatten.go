package prep

import "cifra"

// flatten divides the paper's light out: what is left is darkness against the paper, for the mix of luminance and
// strongest channel, so that coloured ink counts in full.
func (s *scene) flatten(pic *cifra.Picture, see viewer) {
	if s.even {
		s.flattenEven()
	} else {
		pic.Steps = append(pic.Steps, cifra.StepFlattened)
		s.flattenPhoto()
	}
	see.plane("even light", s.dark, s.w, s.h, 1)
}

// flattenEven needs no estimate: the paper has one level.
func (s *scene) flattenEven() {
	if s.grey {
		s.dark = darkness(smooth(s.lum, s.w, s.h), nil, s.paper)
		return
	}
	var d [3][]float32
	for k, plane := range s.c {
		d[k] = darkness(smooth(plane, s.w, s.h), nil, quantile(plane, .5))
	}
	s.dark = mixed(d)
}

func (s *scene) flattenPhoto() {
	g := newGround(s)
	channels := 3
	if s.grey {
		channels = 1
	}
	var d [3][]float32
	var each []func()
	for k := range channels {
		each = append(each, func() { d[k] = darkness(smooth(s.c[k], s.w, s.h), g.light(s.c[k]), 0) })
	}
	together(each...)
	if s.grey {
		s.dark = d[0]
	} else {
		s.dark = mixed(d)
	}
	// What the paper itself shows: the level to subtract, and the noise that a threshold must stay above.
	sample := make([]float32, 0, len(s.dark)/7+1)
	for i := 0; i < len(s.dark); i += 7 {
		if !g.ink[i] {
			sample = append(sample, s.dark[i])
		}
	}
	if len(sample) < 50 {
		sample = thinned(s.dark, 6000)
	}
	var median float32
	median, s.sigma = spread(sample)
	for i := range s.dark {
		s.dark[i] -= median
	}
	g.trim(s.dark)
}

// darkness turns s into 1 - s/light, in place; where light is nil, the level holds everywhere.
func darkness(s, light []float32, level float32) []float32 {
	if light == nil {
		k := 1 / max(level, .05)
		for i, v := range s {
			s[i] = 1 - v*k
		}
		return s
	}
	light = light[:len(s)]
	for i, v := range s {
		s[i] = 1 - v/max(light[i], .05)
	}
	return s
}

// mixed returns half the luminance and half the strongest channel of darkness, in the first channel's place.
func mixed(d [3][]float32) []float32 {
	o := d[0]
	green, blue := d[1][:len(o)], d[2][:len(o)]
	for i, r := range o {
		g, b := green[i], blue[i]
		o[i] = .5*(.299*r+.587*g+.114*b) + .5*max(r, g, b)
	}
	return o
}

// ground estimates the paper's light for each channel, with the ink masked.
type ground struct {
	w, h   int       // full
	q      int       // full pixels a reduced one
	lw, lh int       // reduced
	poly   []float32 // smooth fit to the luminance, reduced
	ink    []bool    // full: what looks like ink on the first estimate, grown by 2
	median float32   // of the first estimate's darkness

	shadow []float32 // full: the light's share that a shadow's sharp edge leaves, 1 elsewhere
	beyond []bool    // reduced: beside the page; nil for nothing

	cell  []int        // reduced column of each column
	count []float32    // bare pixels in each reduced one
	bare  [3][]float32 // count, blurred over each of the windows
}

// windows returns the radii over which bare paper is averaged, from wide to narrow.
func (g *ground) windows() [3]int { return [3]int{max(2, g.lw/4), max(2, g.lw/9), max(1, g.lw/18)} }

func (g *ground) blurred(s []float32, r int) []float32 {
	return boxBlur(boxBlur(s, g.lw, g.lh, r), g.lw, g.lh, max(1, r/2))
}

func newGround(s *scene) *ground {
	g := &ground{w: s.w, h: s.h, q: max(1, max(s.w, s.h)/paperSide)}
	g.lw, g.lh = (s.w+g.q-1)/g.q, (s.h+g.q-1)/g.q
	var sharp, first []float32
	together(func() {
		if !s.look.soft {
			sharp = g.sharpLight(s.lum)
		}
	}, func() { first = g.firstLight(s) })
	g.cell = make([]int, g.w)
	for x := range g.cell {
		g.cell[x] = x / g.q
	}
	if sharp != nil {
		g.shadow = g.shadowEdges(sharp, first)
	}
	if g.beyond != nil {
		for i := range g.ink {
			g.ink[i] = g.ink[i] || g.beyond[(i/g.w/g.q)*g.lw+g.cell[i%g.w]]
		}
	}
	g.count = make([]float32, g.lw*g.lh)
	for y := range g.h {
		row := g.count[(y/g.q)*g.lw:]
		for x, ink := range g.ink[y*g.w : (y+1)*g.w] {
			if !ink {
				row[g.cell[x]]++
			}
		}
	}
	for k, r := range g.windows() {
		g.bare[k] = g.blurred(g.count, r)
	}
	return g
}

// firstLight returns the first estimate of the light, and marks what looks like ink on it.
func (g *ground) firstLight(s *scene) []float32 {
	low := resize(s.lum, s.w, s.h, g.lw, g.lh)
	// The fit is smooth: half of the reduced size serves it as well.
	pw, ph := (g.lw+1)/2, (g.lh+1)/2
	g.poly = resize(polynomial(resize(low, g.lw, g.lh, pw, ph), pw, ph), pw, ph, g.lw, g.lh)

	if !s.look.whole {
		g.beyond = besidePage(low, g.poly, g.lw, g.lh)
	}
	first := resize(light(low, g.poly, g.lw, g.lh), g.lw, g.lh, s.w, s.h)
	d := darkness(smooth(s.lum, s.w, s.h), first, 0)
	var sigma float32
	g.median, sigma = spread(thinned(d, 6000))
	above := make([]bool, len(d))
	for i, v := range d {
		above[i] = v > g.median+max(2.5*sigma, .02)
	}
	g.ink = grown(above, s.w, s.h)
	return first
}

// light returns the paper's light for one channel at full size. The first estimate is corrected by what lies between
// the ink: means over wide to narrow windows, each blended over the last by how much bare paper supports it.
func (g *ground) light(channel []float32) []float32 {
	base := light(resize(channel, g.w, g.h, g.lw, g.lh), g.poly, g.lw, g.lh)
	sum := make([]float32, len(base))
	for y := range g.h {
		row, from := sum[(y/g.q)*g.lw:], channel[y*g.w:(y+1)*g.w]
		for x, ink := range g.ink[y*g.w : (y+1)*g.w] {
			if !ink {
				row[g.cell[x]] += from[x]
			}
		}
	}
	ratio := make([]float32, len(base)) // to the first estimate, so that slopes are gone already
	for i := range ratio {
		sum[i] /= max(base[i], .03)
		ratio[i] = 1 - g.median
	}
	full := float32(g.q * g.q)
	for k, r := range g.windows() {
		mean, support := g.blurred(sum, r), g.bare[k]
		for i := range ratio {
			if support[i] > 1e-3 {
				t := min(1, support[i]/(.35*full))
				ratio[i] = ratio[i]*(1-t) + t*mean[i]/support[i]
			}
		}
	}
	for i := range ratio {
		ratio[i] *= base[i]
	}
	o := resize(ratio, g.lw, g.lh, g.w, g.h)
	for i, k := range g.shadow {
		o[i] *= k
	}
	return o
}

// grown returns the mask grown by 2 pixels in each direction.
func grown(m []bool, w, h int) []bool {
	const r = 2
	across := make([]bool, len(m))
	for i, v := range m {
		if v {
			x := i % w
			for k := max(0, x-r); k <= min(w-1, x+r); k++ {
				across[i-x+k] = true
			}
		}
	}
	o := make([]bool, len(m))
	for y := range h {
		to := o[y*w : y*w+w]
		for k := max(0, y-r); k <= min(h-1, y+r); k++ {
			for x, v := range across[k*w : k*w+w] {
				if v {
					to[x] = true
				}
			}
		}
	}
	return o
}
