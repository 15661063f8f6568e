package prep

// What lies beside the paper, and the sharp edges of shadows: both look like ink to an estimate that is smooth.

// sharpLight returns the light with the sharp edges of shadows: a closing follows such an edge exactly, because a half plane
// is its own closing, and closes over strokes.
func (g *ground) sharpLight(lum []float32) []float32 {
	const half = 2
	w, h := (g.w+half-1)/half, (g.h+half-1)/half
	r := max(2, max(w, h)/10)
	closed := resize(lum, g.w, g.h, w, h)
	closed = smallest(largest(closed, w, h, r), w, h, r)
	return resize(closed, w, h, g.w, g.h)
}

// shadowEdges returns where the sharp light o, which it takes over, falls faster than the smooth estimate follows, as a factor
// on that.
func (g *ground) shadowEdges(o, smoothLight []float32) []float32 {
	bare := make([]float32, 0, len(o)/7+1)
	for i, v := range smoothLight {
		o[i] /= max(v, .05)
		if i%7 == 0 && !g.ink[i] {
			bare = append(bare, o[i])
		}
	}
	usual := max(quantile(bare, .5), .5) // above 1: a closing runs along the upper side of the noise
	const slack = 1.02                   // of paper's own unevenness
	for i, v := range o {
		o[i] = min(1, slack*v/usual)
	}
	return o
}

// besidePage finds the table beside the page: much darker than the page's light goes on to be, thick, and along a
// good part of the picture's border. It returns nil where there is none.
func besidePage(low, poly []float32, w, h int) []bool {
	const (
		darker = .62 // of the page's light
		thick  = 3   // reduced pixels around the middle: strokes are thinner
		along  = .3  // of the shorter side: a stroke that leaves the picture is narrower
	)
	dark := make([]float32, len(low))
	found := false
	for i, v := range low {
		if v < darker*poly[i] {
			dark[i], found = 1, true
		}
	}
	if !found {
		return nil
	}
	opened := largest(smallest(dark, w, h, thick), w, h, thick)
	ids, pieces := label(opened, w, h, .5)
	var beyond []float32
	for _, p := range pieces {
		if float64(p.rim) < along*float64(min(w, h)) {
			continue
		}
		if beyond == nil {
			beyond = make([]float32, len(low))
		}
		for i, id := range ids {
			if id == p.id {
				beyond[i] = 1
			}
		}
	}
	if beyond == nil {
		return nil
	}
	beyond = largest(beyond, w, h, 1) // its blurred edge
	o := make([]bool, len(beyond))
	for i, v := range beyond {
		o[i] = v > 0
	}
	return o
}

// trim clears what lies beside the page.
func (g *ground) trim(dark []float32) {
	if g.beyond == nil {
		return
	}
	for y := range g.h {
		row := g.beyond[(y/g.q)*g.lw:]
		for x := range g.w {
			if row[g.cell[x]] {
				dark[y*g.w+x] = 0
			}
		}
	}
}
