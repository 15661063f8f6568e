package digit_test

import (
	"context"
	"iter"
	"os"
	"strconv"
	"sync"
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

// TestModelsReadUploads holds the models to what docs/model-card.md says of generated uploads, both on the same ones. The
// usual sizes are small and their limits wide; CIFRA_PROVE=1 asks for the card's.
func TestModelsReadUploads(t *testing.T) {
	type limits struct{ right, sureRight, sureWrong float64 }
	type floors struct{ usual, card limits }
	tests := []struct {
		kind    material.Kind
		n, full int
		v1, v2  floors
	}{
		{material.Drawings, 40, 600, floors{limits{0.90, 0.80, 0.05}, limits{0.975, 0.935, 0.006}}, floors{limits{0.95, 0.90, 0.03}, limits{0.985, 0.965, 0.004}}},
		{material.Photographs, 12, 200, floors{limits{0.80, 0.70, 0.17}, limits{0.955, 0.925, 0.005}}, floors{limits{0.90, 0.80, 0.09}, limits{0.975, 0.945, 0.005}}},
		{material.OtherDrawings, 40, 400, floors{limits{0, 0, 0.13}, limits{0, 0, 0.045}}, floors{limits{0, 0, 0.11}, limits{0, 0, 0.03}}},
		{material.OtherPhotographs, 6, 100, floors{limits{0, 0, 0.34}, limits{0, 0, 0.04}}, floors{limits{0, 0, 0.34}, limits{0, 0, 0.04}}},
	}
	prove := os.Getenv("CIFRA_PROVE") == "1"
	o := material.Options{Seed: unseen, Read: embedded(t, cifra.V2).Likely}
	if set, ok := validation(t); ok {
		o.Digits = set
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			n := tt.n
			if prove {
				n = tt.full
			}
			items := kept(material.Items(tt.kind, n, o))
			for api, f := range map[cifra.API]floors{cifra.V1: tt.v1, cifra.V2: tt.v2} {
				want := f.usual
				if prove {
					want = f.card
				}
				e, err := digit.Evaluate(t.Context(), embedded(t, api), items, digit.EvaluateOptions{})
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%s: of %d right %.4f, ECE %.4f, sure and right %.4f, sure and wrong %.4f", api, e.N, e.Accuracy, e.ECE, e.SureRight, e.SureWrong)
				if e.Accuracy < want.right || e.SureRight < want.sureRight || e.SureWrong > want.sureWrong {
					t.Errorf("%s: got %.4f right, %.4f sure and right, %.4f sure and wrong of %d, want %v, %v at least and %v at most",
						api, e.Accuracy, e.SureRight, e.SureWrong, n, want.right, want.sureRight, want.sureWrong)
				}
			}
		})
	}
}

// kept returns the items so that each is made and prepared once, however often they are gone through.
func kept(items iter.Seq2[digit.Item, error]) iter.Seq2[digit.Item, error] {
	var all []digit.Item
	for item, err := range items {
		if err != nil {
			return items // which says so
		}
		open := item.Open
		var mu sync.Mutex
		var p *cifra.Picture
		item.Open = func(ctx context.Context) (*cifra.Picture, error) {
			mu.Lock()
			defer mu.Unlock()
			var err error
			if p == nil {
				p, err = open(ctx)
			}
			return p, err
		}
		all = append(all, item)
	}
	return func(yield func(digit.Item, error) bool) {
		for _, item := range all {
			if !yield(item, nil) {
				return
			}
		}
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

// TestExamplesAreRead holds the models to the pictures that the page offers to try: both read all, and v2 is sure of them.
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
			if r := v2.Read(p); !r.Sure {
				t.Errorf("got not sure (%s, %.3f), want sure of a %d", r.Reason, r.Probability, example.Class)
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
