package synth

import "math"

// rgb is a colour, 0 to 1.
type rgb [3]float64

// Scene is what lies before the camera, and the camera. Lengths are shares of the photograph's shorter side, and
// places count from its middle.
type Scene struct {
	Width, Height int

	ground  ground
	ruling  ruling
	pen     pen
	light   lighting
	camera  camera
	writing writing
	edge    edge
}

// ground is the paper, or the blackboard.
type ground struct {
	colour  rgb
	grain   float64 // amplitude of the fine texture
	clouds  float64 // amplitude of the coarse one: smeared chalk, recycled paper
	crumple float64 // of soft folds
}

// ruling is what is printed on the paper.
type ruling struct {
	depth  float64 // 0: none
	colour rgb
	pitch  float64
	down   float64 // pitch of the lines that go down; 0: ruled only
	width  float64
	phase  [2]float64
	bend   float64
	margin bool // a red line at the left
}

// pen is what writes.
type pen struct {
	colour rgb
	depth  float64 // 0 leaves nothing, 1 hides the paper
	width  float64 // share of the digit's size
	grain  float64 // how much the paper's texture shows in the stroke: pencil, chalk
	dry    float64 // how unevenly the ink flows
	faint  bool    // a pencil that hardly pressed
}

// writing is where the digit lies.
type writing struct{ x, y, size, turn float64 }

// lighting is how bright the scene is where.
type lighting struct {
	gradient        [2]float64
	vignette        float64
	shadow          float64 // depth; 0: none
	angle, off, rim float64 // of the shadow's edge: direction, distance from the middle, softness
	warmth          float64 // red against blue
	exposure        float64
}

// camera turns, tilts, blurs and adds noise.
type camera struct {
	turn    float64
	tilt    [2]float64 // perspective: how much smaller the far side is
	blur    float64    // pixels
	noise   float64
	quality int // of the JPEG
}

// edge is what lies beside the paper.
type edge struct {
	on     bool
	angle  float64 // towards which side
	at     float64 // distance of the paper's edge from the middle
	colour rgb
	spiral bool // holes and wires along the edge
}

// lens is a camera's turn and tilt, ready to map places.
type lens struct{ sin, cos, tiltX, tiltY float64 }

func (c *camera) lens() lens {
	sin, cos := math.Sincos(c.turn)
	return lens{sin, cos, c.tilt[0], c.tilt[1]}
}

// project turns a place on the page into one on the photograph.
func (l lens) project(x, y float64) (float64, float64) {
	x, y = l.cos*x-l.sin*y, l.sin*x+l.cos*y
	k := 1 / (1 + l.tiltX*x + l.tiltY*y)
	return x * k, y * k
}

// unproject turns a place on the photograph into one on the page.
func (l lens) unproject(x, y float64) (float64, float64) {
	k := 1 / (1 - l.tiltX*x - l.tiltY*y)
	x, y = x*k, y*k
	return l.cos*x + l.sin*y, l.cos*y - l.sin*x
}

// lineAt returns how much of a place on the page printed lines cover, 0 to 1; pixel is a pixel's size there.
func (u *ruling) lineAt(x, y, pixel float64) float64 {
	if u.depth == 0 {
		return 0
	}
	x, y = x+u.bend*math.Sin(3*y+1), y+u.bend*math.Sin(2.5*x+2)
	c := stripe(y-u.phase[1], u.pitch, u.width, pixel)
	if u.down > 0 {
		c = max(c, stripe(x-u.phase[0], u.down, u.width, pixel))
	}
	return c
}

// marginAt is lineAt for the margin's red line.
func (u *ruling) marginAt(x, pixel float64) float64 {
	if !u.margin {
		return 0
	}
	return cover(math.Abs(x+.42)-u.width*.7, pixel)
}

func stripe(v, pitch, width, pixel float64) float64 {
	return cover(math.Abs(v-pitch*math.Round(v/pitch))-width/2, pixel)
}

// cover turns the distance to an outline (negative inside) into the share of a pixel that is inside.
func cover(d, pixel float64) float64 { return max(0, min(1, .5-d/pixel)) }

// at returns the light at a place of the photograph; aspect places are from -0.5 to 0.5.
func (l *lighting) at(u, v float64) float64 {
	q := l.exposure * (1 + l.gradient[0]*u + l.gradient[1]*v)
	if l.vignette > 0 {
		d := math.Hypot(u, v) / .707
		q *= 1 - l.vignette*d*d*d
	}
	if l.shadow > 0 {
		d := u*math.Cos(l.angle) + v*math.Sin(l.angle) - l.off
		q *= 1 - l.shadow/(1+math.Exp(-4*d/max(.01, l.rim)))
	}
	return q
}
