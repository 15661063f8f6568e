package digit_test

import (
	"os"
	"strconv"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/material"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// unseen is the seed of uploads that no model was trained on, tuned on or measured with before.
const unseen = 20_260_101

// TestModelsReadUploads holds the models to what docs/model-card.md says of generated uploads. The usual sizes are
// small and their limits wide; CIFRA_PROVE=1 asks for the card's.
func TestModelsReadUploads(t *testing.T) {
	type limits struct{ right, sureRight, sureWrong float64 }
	tests := []struct {
		api         cifra.API
		kind        material.Kind
		n, full     int
		usual, card limits
	}{
		{cifra.V2, material.Drawings, 80, 600, limits{0.95, 0.90, 0.03}, limits{0.985, 0.965, 0.004}},
		{cifra.V2, material.Photographs, 24, 200, limits{0.90, 0.85, 0.06}, limits{0.975, 0.945, 0.005}},
		{cifra.V2, material.OtherDrawings, 80, 400, limits{0, 0, 0.08}, limits{0, 0, 0.03}},
		{cifra.V2, material.OtherPhotographs, 16, 100, limits{0, 0, 0.14}, limits{0, 0, 0.04}},
		{cifra.V1, material.Drawings, 80, 600, limits{0.90, 0.82, 0.04}, limits{0.975, 0.935, 0.004}},
		{cifra.V1, material.Photographs, 16, 200, limits{0.80, 0.70, 0.13}, limits{0.955, 0.925, 0.005}},
		{cifra.V1, material.OtherDrawings, 80, 400, limits{0, 0, 0.10}, limits{0, 0, 0.045}},
	}
	prove := os.Getenv("CIFRA_PROVE") == "1"
	o := material.Options{Seed: unseen}
	if set, ok := validation(t); ok {
		o.Digits = set
	}
	for _, tt := range tests {
		t.Run(string(tt.api)+" "+string(tt.kind), func(t *testing.T) {
			n, want := tt.n, tt.usual
			if prove {
				n, want = tt.full, tt.card
			}
			e, err := digit.Evaluate(t.Context(), embedded(t, tt.api), material.Items(tt.kind, n, o), digit.EvaluateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d: right %.4f, ECE %.4f, sure and right %.4f, sure and wrong %.4f", e.N, e.Accuracy, e.ECE, e.SureRight, e.SureWrong)
			if e.Accuracy < want.right || e.SureRight < want.sureRight || e.SureWrong > want.sureWrong {
				t.Errorf("got %.4f right, %.4f sure and right, %.4f sure and wrong of %d, want %v, %v at least and %v at most",
					e.Accuracy, e.SureRight, e.SureWrong, n, want.right, want.sureRight, want.sureWrong)
			}
		})
	}
}

// TestOtherGeneratorsPicturesAreNotSure shows v2 what is no digit by a generator that no training used.
func TestOtherGeneratorsPicturesAreNotSure(t *testing.T) {
	m, n, most := embedded(t, cifra.V2), 64, 4
	if os.Getenv("CIFRA_PROVE") == "1" {
		n, most = 400, 12
	}
	sure := 0
	for i := range n {
		other := synth.Others()[i%len(synth.Others())]
		p, err := prep.Image(t.Context(), synth.OtherDrawing(unseen+uint64(i), other))
		if err != nil {
			t.Fatal(err)
		}
		if r := m.Read(p); r.Sure {
			sure++
			t.Logf("%s %d: sure of a %d with %.3f", other, i, r.Digit, r.Probability)
		}
	}
	if sure > most {
		t.Errorf("got %d of %d sure, want %d at most", sure, n, most)
	}
}

// TestExamplesAreRead holds the models to the pictures that the page offers to try: v2 reads all, and is sure of those
// that have nothing hard about them.
func TestExamplesAreRead(t *testing.T) {
	v1, v2 := embedded(t, cifra.V1), embedded(t, cifra.V2)
	for _, example := range synth.Examples() {
		t.Run(example.Name, func(t *testing.T) {
			content, err := example.Content()
			if err != nil {
				t.Fatal(err)
			}
			p, err := prep.Prepare(t.Context(), content)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []*digit.Model{v1, v2} {
				r := m.Read(p)
				t.Logf("%s: %d with %.3f, %s", m.Version(), r.Digit, r.Probability, r.Reason)
				if r.Digit != example.Class {
					t.Errorf("%s: got %d, want %d", m.Version(), r.Digit, example.Class)
				}
			}
			if r := v2.Read(p); !example.Hard && !r.Sure {
				t.Errorf("got not sure (%s, %.3f), want sure of a clean %d", r.Reason, r.Probability, example.Class)
			}
		})
	}
}

// TestPicturesNameWhatIsNoDigit keeps the label of training material apart from a line "10".
func TestPicturesNameWhatIsNoDigit(t *testing.T) {
	set := idx.Set{Side: cifra.Side, Images: make([]byte, 2*cifra.Pixels), Labels: []byte{7, digit.NotDigit}}
	var got []string
	for item, err := range digit.Pictures(set) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, item.Label)
	}
	if len(got) != 2 || got[0] != strconv.Itoa(7) || got[1] != digit.None {
		t.Errorf("got labels %q, want 7 and %q", got, digit.None)
	}
}
