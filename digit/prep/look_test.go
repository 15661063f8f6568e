package prep_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// TestLooksAgain holds what the usual way can't read, and another can: a shadow's edge that makes paper look like a
// blackboard, a thick pen at the border that looks like a table, and one that looks like a shadow.
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
		{"thick pen beside a shadow", 50373, 3},
	}
	once := prep.New(prep.Options{DecodeTime: time.Minute})
	again := prep.New(prep.Options{DecodeTime: time.Minute, Read: model.Likely})
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
			if last := stages[len(stages)-1]; last.Name != "seen" || len(stages) < 6 {
				t.Errorf("got %d stages, the last %q, want both ways", len(stages), last.Name)
			}
		})
	}
}

// TestLooksAgainOnlyAtPhotographs holds that nothing is asked about a drawing, and nothing taken that doesn't show a digit.
func TestLooksAgainOnlyAtPhotographs(t *testing.T) {
	never := func([]byte) (int, float64) { return 0, 0 }
	photo, err := synth.PhotographJPEG(3, 7, synth.Ruled)
	if err != nil {
		t.Fatal(err)
	}
	drawing, err := synth.Drawing{}.PNG(3, 7)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"photograph": photo, "drawing": drawing} {
		asked := 0
		read := func(view []byte) (int, float64) { asked++; return never(view) }
		prepare := func(o prep.Options) *cifra.Picture {
			o.DecodeTime = time.Minute
			p, err := prep.New(o).Prepare(context.WithoutCancel(t.Context()), content)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		got, want := prepare(prep.Options{Read: read}), prepare(prep.Options{})
		if !slices.Equal(got.Views, want.Views) || !slices.Equal(got.Steps, want.Steps) {
			t.Errorf("%s: got another picture where no look shows a digit", name)
		}
		if isDrawing := name == "drawing"; isDrawing != (asked == 0) {
			t.Errorf("%s: asked %d times", name, asked)
		}
	}
}
