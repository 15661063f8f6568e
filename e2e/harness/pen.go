package harness

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Point is a place on the pad: 0 is its left or top edge, 1 the right or bottom one.
type Point struct{ X, Y float64 }

// Stroke is the way of the pen from its touching the paper to its leaving it, along straight lines.
type Stroke []Point

// Seven, One and Zero are digits as people write them.
var (
	Seven = []Stroke{{{0.28, 0.24}, {0.72, 0.24}, {0.64, 0.42}, {0.52, 0.62}, {0.44, 0.8}}}
	One   = []Stroke{{{0.52, 0.2}, {0.51, 0.4}, {0.5, 0.6}, {0.49, 0.8}}}
	Zero  = []Stroke{oval(0.5, 0.5, 0.2, 0.3)}
)

func oval(cx, cy, rx, ry float64) Stroke {
	var s Stroke
	for i := range 33 {
		a := 2 * math.Pi * float64(i) / 32
		s = append(s, Point{cx + rx*math.Sin(a), cy - ry*math.Cos(a)})
	}
	return s
}

// Draw draws on the element that selector finds, with the mouse, or with a finger on a phone.
func (p *Page) Draw(selector string, strokes []Stroke, touch bool) {
	p.t.Helper()
	type box struct{ X, Y, Width, Height float64 }
	b := Eval[box](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		e.scrollIntoView({block: "center", behavior: "instant"});
		const r = e.getBoundingClientRect();
		return {x: r.x, y: r.y, width: r.width, height: r.height};
	})()`, selector))
	if b.Width < 100 || b.Height < 100 {
		p.t.Fatalf("%s is %.0f × %.0f pixels: nothing to draw on", selector, b.Width, b.Height)
	}
	event := mouse
	if touch {
		event = finger
	}
	for _, s := range strokes {
		at := func(i int) (x, y float64) { return b.X + s[i].X*b.Width, b.Y + s[i].Y*b.Height }
		x, y := at(0)
		p.Do("putting the pen down", event(down, x, y))
		for i := 1; i < len(s); i++ {
			const steps = 6
			x0, y0 := at(i - 1)
			x1, y1 := at(i)
			for k := 1; k <= steps; k++ {
				f := float64(k) / steps
				x, y = x0+(x1-x0)*f, y0+(y1-y0)*f
				p.Do("drawing", event(move, x, y))
			}
		}
		p.Do("lifting the pen", event(up, x, y))
	}
}

type pen int

const (
	down pen = iota
	move
	up
)

func mouse(do pen, x, y float64) chromedp.Action[chromedp.Void] {
	kind := []input.DispatchMouseEventType{chromedp.MousePressed, chromedp.MouseMoved, chromedp.MouseReleased}[do]
	return chromedp.MouseEvent(kind, x, y, chromedp.ButtonLeft, func(m *input.DispatchMouseEventParams) {
		m.ClickCount = 1
		if do != up {
			m.Buttons = 1 // the left one is held
		}
	})
}

func finger(do pen, x, y float64) chromedp.Action[chromedp.Void] {
	kind := []input.DispatchTouchEventType{
		input.DispatchTouchEventTypeTouchStart, input.DispatchTouchEventTypeTouchMove, input.DispatchTouchEventTypeTouchEnd,
	}[do]
	points := []*input.TouchPoint{}
	if do != up {
		points = append(points, &input.TouchPoint{X: x, Y: y})
	}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
		return err
	})
}

// Photograph writes the strokes, dark on light, into a PNG of size × size pixels, and returns its path. Two pictures
// with different salts look alike and differ in their bytes.
func Photograph(t *testing.T, strokes []Stroke, size int, salt uint8) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, size, size))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.Gray{Y: 250}), image.Point{}, draw.Src)
	radius := float64(size) / 26
	for y := range size {
		for x := range size {
			px, py := float64(x)+0.5, float64(y)+0.5
			for _, s := range strokes {
				for i := 1; i < len(s); i++ {
					d := distance(px, py, s[i-1].X*float64(size), s[i-1].Y*float64(size), s[i].X*float64(size), s[i].Y*float64(size))
					ink := 250 - 225*math.Max(0, math.Min(1, radius-d+0.5))
					img.Pix[y*img.Stride+x] = min(img.Pix[y*img.Stride+x], uint8(ink))
				}
			}
		}
	}
	img.Pix[0] -= salt
	name := filepath.Join(t.TempDir(), "digit.png")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return name
}

// distance returns how far (x, y) is from the line between (ax, ay) and (bx, by).
func distance(x, y, ax, ay, bx, by float64) float64 {
	dx, dy := bx-ax, by-ay
	f := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		f = math.Max(0, math.Min(1, ((x-ax)*dx+(y-ay)*dy)/l))
	}
	return math.Hypot(x-ax-f*dx, y-ay-f*dy)
}
