package material

import (
	"testing"

	"cifra/digit/synth"
)

// TestWhatATraceLosesIsNoDigit: a ring whose hole is all but filled thins to a speck, or a stroke.
func TestWhatATraceLosesIsNoDigit(t *testing.T) {
	ring := func(hole float64) []byte {
		picture := make([]byte, 784)
		for i := range picture {
			x, y := float64(i%28)-13.5, float64(i/28)-13.5
			if d := x*x + y*y; d < 81 && d >= hole*hole {
				picture[i] = 255
			}
		}
		return picture
	}
	if g, ok := trace(ring(5)); !ok || len(g.Strokes) < 20 {
		t.Errorf("of a ring: got %d strokes, faithful %v, want one", len(g.Strokes), ok)
	}
	if g, ok := trace(ring(.3)); ok {
		t.Errorf("of a disc: got %d strokes for one", len(g.Strokes))
	}
}

func TestPensLeaveLoopsOpen(t *testing.T) {
	for _, tt := range []struct {
		name        string
		class       int
		form        string
		least, most float64
	}{
		{"a stroke has no loop", 1, "plain", 1, 1},
		{"an open form has none", 3, "flat", 1, 1},
		{"a 0 has a wide one", 0, "oval", .35, .65},
		{"the loops of an 8 are narrower", 8, "one stroke", .1, .4},
		{"and that of a 9", 9, "straight", .1, .4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := synth.Digit(1, tt.class, synth.Style{Form: tt.form, Wild: -1})
			pen := openPen(g)
			if pen < tt.least || pen > tt.most {
				t.Errorf("got a pen of %.2f of the size, want %.2f to %.2f", pen, tt.least, tt.most)
			}
			if pen == 1 {
				return
			}
			loops := func(width float64) (n int) {
				cover := g.Cover(200, synth.Placing{X: 100, Y: 100, Size: 120, Width: 120 * width})
				outside := flooded(cover, 200)
				var inside []int
				for i, c := range cover {
					if c <= inkFrom && !outside[i] {
						inside = append(inside, i)
					}
				}
				for ; len(inside) > 0; n++ {
					_, inside = loopOf(inside, 200)
				}
				return n
			}
			if thin, thick := loops(.03), loops(.97*pen); thick < thin {
				t.Errorf("got %d loops with that pen, want %d as with a thin one", thick, thin)
			}
		})
	}
}
