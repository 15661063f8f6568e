package prep_test

import (
	"slices"
	"testing"

	"cifra"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// stroke is a straight one.
func stroke(x0, y0, x1, y1 float64) []synth.Point {
	return []synth.Point{{X: x0, Y: y0, Press: 1}, {X: (x0 + x1) / 2, Y: (y0 + y1) / 2, Press: 1}, {X: x1, Y: y1, Press: 1}}
}

// TestStrokesDrawnApartBelongToTheirDigit draws strokes near a digit: those that people lift the pen for are part of it,
// a full stop and a minus aren't.
func TestStrokesDrawnApartBelongToTheirDigit(t *testing.T) {
	hook := [][]synth.Point{stroke(-.1, -.2, -.15, .05), stroke(-.15, .05, .1, .1), stroke(.1, .1, .12, .35), stroke(.12, .35, -.2, .42)}
	tests := []struct {
		name   string
		extra  []synth.Point
		joined bool
	}{
		{"the bar of a 5, to the right above", stroke(.12, -.36, .5, -.4), true},
		{"a bar over it", stroke(-.2, -.42, .2, -.4), true},
		{"a base under it", stroke(-.2, .58, .2, .58), true},
		{"a minus", stroke(-.6, .12, -.35, .12), false},
		{"a full stop", stroke(.3, .42, .31, .42), false},
		{"a stroke far above", stroke(-.2, -.9, .2, -.9), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := synth.Glyph{Strokes: append(slices.Clone(hook), tt.extra)}
			p, err := prep.Image(t.Context(), synth.Drawing{Size: .4, Pen: .35}.Ink(1, g))
			if err != nil {
				t.Fatal(err)
			}
			if got := !slices.Contains(p.Steps, cifra.StepSpecks); got != tt.joined || len(p.Boxes) != 1 {
				t.Errorf("got it joined %v, %d boxes, want %v and 1 (steps %v)", got, len(p.Boxes), tt.joined, p.Steps)
			}
		})
	}
}

// TestThickDrawingsAreDrawings: a pen that leaves less than half of the paper is no shadow.
func TestThickDrawingsAreDrawings(t *testing.T) {
	for class := range 10 {
		p, err := prep.Image(t.Context(), synth.Drawing{Size: .82, Pen: 3.2}.Image(3, class))
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(p.Steps, cifra.StepFlattened) || len(p.Boxes) != 1 {
			t.Errorf("digit %d: got steps %v and %d boxes, want one digit on even paper", class, p.Steps, len(p.Boxes))
		}
	}
}
