package digit_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// lines are drawings of several digits in a line, gap of their height apart; a negative gap makes most of them touch.
func lines(n, least, most int, gap float64) iter.Seq2[digit.Item, error] {
	return func(yield func(digit.Item, error) bool) {
		for i := range n {
			r := rand.New(rand.NewPCG(unseen, uint64(i)<<16|uint64(1000*(gap+1))))
			var label strings.Builder
			var glyphs []synth.Glyph
			for range least + r.IntN(most-least+1) {
				class := r.IntN(10)
				label.WriteString(strconv.Itoa(class))
				glyphs = append(glyphs, synth.Digit(r.Uint64(), class, synth.Style{}))
			}
			open := func(ctx context.Context) (*cifra.Picture, error) {
				d := synth.Drawing{Side: 560, Size: .85, Pen: .5}
				return prep.Image(ctx, d.Ink(uint64(i), synth.Beside(gap, glyphs...)))
			}
			if !yield(digit.Item{Name: strconv.Itoa(i), Label: label.String(), Open: open}, nil) {
				return
			}
		}
	}
}

// TestLinesOfDigitsAreRead counts a line as right where every digit of it is, and no more are found.
func TestLinesOfDigitsAreRead(t *testing.T) {
	tests := []struct {
		name        string
		least, most int
		gap         float64
		usual, card float64
	}{
		{"digits apart", 2, 5, .25, .9, .95},
		{"lines whose digits just touch", 2, 4, .05, .45, .5},
		{"pairs that run into each other", 2, 2, -.04, .4, .45},
		{"lines that run into each other", 3, 4, -.04, .25, .3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, want := 12, tt.usual
			if os.Getenv("CIFRA_PROVE") == "1" {
				n, want = 300, tt.card
			}
			var wrong []digit.Wrong
			e, err := digit.Evaluate(t.Context(), embedded(t, cifra.V2), lines(n, tt.least, tt.most, tt.gap),
				digit.EvaluateOptions{Wrong: func(w digit.Wrong) { wrong = append(wrong, w) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d lines: right %.3f", e.N, e.Accuracy)
			if e.Accuracy < want {
				t.Errorf("got %.3f of the lines right, want %.2f at least", e.Accuracy, want)
			}
			if testing.Verbose() {
				for _, w := range wrong[:min(8, len(wrong))] {
					t.Logf("%s: got %s, want %s", w.Name, w.Got, w.Label)
				}
			}
		})
	}
}
