package prep_test

import (
	"slices"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/synth"
)

// TestLooksAgain holds what the usual way can't read, and another can: a shadow's edge that makes paper look like a
// blackboard, a thick pen at the border that looks like a table, and faint pencil on crumpled squares whose folds look like shadows.
func TestLooksAgain(t *testing.T) {
	model, err := digit.Embedded(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		seed  uint64
		digit int
	}{
		{"light beside a shadow", 1075, 5},
		{"thick pen at the border", 1129, 9},
		{"folds that look like shadows", 50373, 3},
		{"what lies at the margins is darker", 1096, 6},
	}
	once, again := patient(), asking(model.Likely)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			content, err := synth.PhotographJPEG(tt.seed, tt.digit, synth.Combination)
			if err != nil {
				t.Fatal(err)
			}
			usual, err := once.Prepare(t.Context(), content)
			if err != nil {
				t.Fatal(err)
			}
			if r := model.Read(usual); r.Digit == tt.digit && r.Sure {
				t.Fatalf("got sure of the %d at first sight: the picture shows nothing", r.Digit)
			}
			got, err := again.Prepare(t.Context(), content)
			if err != nil {
				t.Fatal(err)
			}
			if r := model.Read(got); r.Digit != tt.digit || !r.Sure {
				t.Errorf("got %d (%.2f, %q), want sure of the %d", r.Digit, r.Probability, r.Reason, tt.digit)
			}
			if !slices.Contains(got.Steps, cifra.StepAgain) {
				t.Errorf("got steps %v, want one that says so", got.Steps)
			}
			stages, _, err := again.Explain(t.Context(), content)
			if err != nil {
				t.Fatal(err)
			}
			seen := 0
			for _, stage := range stages {
				if stage.Name == "seen" {
					seen++
				}
			}
			if want := len(usual.Boxes) + 1; seen != want {
				t.Errorf("got %d views explained, want the usual way's %d and one more", seen, want-1)
			}
		})
	}
}

// TestLooksAgainTakesOnlyDigits holds what is done with what a reader says: a drawing is none of its business; where it sees
// no digit in any way, or nothing but a 1, which any edge is, the usual way stays; what it is sure of in another way is taken.
func TestLooksAgainTakesOnlyDigits(t *testing.T) {
	photo, err := synth.PhotographJPEG(3, 7, synth.Ruled)
	if err != nil {
		t.Fatal(err)
	}
	drawing, err := synth.Drawing{}.PNG(3, 7)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		content []byte
		digit   int     // what the reader takes every later view for
		likely  float64 // and how surely; the first view is no digit to it
		asked   bool
		again   bool
	}{
		{"a drawing", drawing, 7, 1, false, false},
		{"no digit in any way", photo, 7, 0, true, false},
		{"not sure in another way", photo, 7, .89, true, false},
		{"a 1 in another way", photo, 1, 1, true, false},
		{"sure in another way", photo, 7, .9, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			got, err := asking(func([]byte) (int, float64) {
				if asked++; asked == 1 {
					return tt.digit, 0
				}
				return tt.digit, tt.likely
			}).Prepare(t.Context(), tt.content)
			if err != nil {
				t.Fatal(err)
			}
			usual, err := patient().Prepare(t.Context(), tt.content)
			if err != nil {
				t.Fatal(err)
			}
			if (asked > 0) != tt.asked {
				t.Errorf("asked %d times", asked)
			}
			if again := slices.Contains(got.Steps, cifra.StepAgain); again != tt.again {
				t.Errorf("got steps %v, want another way: %t", got.Steps, tt.again)
			}
			if !tt.again && !slices.Equal(got.Views, usual.Views) {
				t.Error("got another picture than the usual way's")
			}
		})
	}
}

// TestTheMiddleIsWhereItWas: the look at the middle of a picture tells where the digit lies in all of it.
func TestTheMiddleIsWhereItWas(t *testing.T) {
	model, err := digit.Embedded(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	photo, err := synth.PhotographJPEG(1096, 6, synth.Combination)
	if err != nil {
		t.Fatal(err)
	}
	got, err := asking(model.Likely).Prepare(t.Context(), photo)
	if err != nil {
		t.Fatal(err)
	}
	w, h := float64(got.Width), float64(got.Height)
	b := got.Boxes[0]
	x0, y0, x1, y1 := float64(b.X)/w, float64(b.Y)/h, float64(b.X+b.W)/w, float64(b.Y+b.H)/h
	for _, side := range []struct{ got, want float64 }{{x0, .34}, {y0, .21}, {x1, .73}, {y1, .65}} { // by eye
		if max(side.got-side.want, side.want-side.got) > .03 {
			t.Errorf("got the six from %.2f, %.2f to %.2f, %.2f of the picture, want .34, .21 to .73, .65", x0, y0, x1, y1)
			break
		}
	}
}

// TestTheMiddleOfWhatWasFoundIsNotLookedAt: where what was found lies in the middle it may be two digits that touch, and a cut
// would leave one of them.
func TestTheMiddleOfWhatWasFoundIsNotLookedAt(t *testing.T) {
	for seed, want := range map[uint64]int{5: 3, 8: 3} { // the usual look, and two others
		photo, err := synth.PhotographJPEG(seed, 7, synth.Ruled)
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		_, err = asking(func([]byte) (int, float64) {
			asked++
			return 7, 0
		}).Prepare(t.Context(), photo)
		if err != nil || asked != want {
			t.Errorf("seed %d: asked about %d looks, %v, want %d", seed, asked, err, want)
		}
	}
}
