package digit_test

import (
	"errors"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/net"
)

// trainedOn goes on from a file, or begins anew where it is nil, with a seed.
func trainedOn(t *testing.T, from []byte, seed uint64) []byte {
	t.Helper()
	o := quick(cifra.V1)
	o.From, o.Seed = from, seed
	file, _, err := digit.Train(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func logitsOf(t *testing.T, file []byte) []float32 {
	t.Helper()
	w, err := net.Decode(file, net.Portable)
	if err != nil {
		t.Fatal(err)
	}
	return net.New(w, net.Portable).Logits(nil, display(10).Image(3))
}

func TestBlend(t *testing.T) {
	before := trainedOn(t, nil, 1)
	a, b := trainedOn(t, before, 2), trainedOn(t, before, 3)
	o := digit.TrainOptions{API: cifra.V1, Validation: display(100), Kernel: net.Portable}
	tests := []struct {
		name  string
		after [][]byte
		share float64
		want  []byte // answers as this does; nil: as none of them
	}{
		{"nothing of what was learnt", [][]byte{a, b}, 0, before},
		{"all of one run", [][]byte{a}, 1, a},
		{"all of a run that was made twice", [][]byte{b, b}, 1, b},
		{"the mean of two", [][]byte{a, b}, 1, nil},
		{"half of it", [][]byte{a}, .5, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			report := &digit.TrainReport{Half: true}
			file, err := digit.Blend(before, tt.after, tt.share, o, report)
			if err != nil {
				t.Fatal(err)
			}
			if report.Accuracy < .9 || report.Temperature <= 0 {
				t.Errorf("got accuracy %v and temperature %v, want those of the validation set", report.Accuracy, report.Temperature)
			}
			got := logitsOf(t, file)
			for _, other := range [][]byte{before, a, b} {
				same := equal(got, logitsOf(t, other))
				if wanted := tt.want != nil && &other[0] == &tt.want[0]; same != wanted {
					t.Errorf("got the answers of a file: %v, want %v", same, wanted)
				}
			}
		})
	}
	if _, err := digit.Blend(before, nil, 1, o, &digit.TrainReport{}); !errors.Is(err, digit.ErrModel) {
		t.Errorf("of nothing: got %v, want %v", err, digit.ErrModel)
	}
	if _, err := digit.Blend(before, [][]byte{a[:99]}, 1, o, &digit.TrainReport{}); !errors.Is(err, net.ErrChecksum) {
		t.Errorf("of a damaged file: got %v, want %v", err, net.ErrChecksum)
	}
	other, err := digit.EmbeddedWeights(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := digit.Blend(before, [][]byte{a, other}, 1, o, &digit.TrainReport{}); !errors.Is(err, net.ErrSpec) {
		t.Errorf("of another shape: got %v, want %v", err, net.ErrSpec)
	}
}

func equal(a, b []float32) bool {
	for i, v := range a {
		if b[i] != v {
			return false
		}
	}
	return true
}

// TestTrainHoldsWhatIsKnown teaches a model wrong labels of pictures that it knows: held fully it goes on answering as it
// did, not held it follows.
func TestTrainHoldsWhatIsKnown(t *testing.T) {
	o := quick(cifra.V1)
	base, _, err := digit.Train(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	wrong := display(800)
	for i, l := range wrong.Labels {
		wrong.Labels[i] = (l + 1) % 10
	}
	for _, tt := range []struct {
		hold float64
		most bool // answers mostly as before
	}{{1, true}, {0, false}} {
		o.From, o.Recipe.Hold = base, tt.hold
		o.Sources = []digit.Source{{Name: "display", Set: wrong, Share: 1, Known: true}}
		file, report, err := digit.Train(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		m, err := digit.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if was := digit.Accuracy(m, display(100)) > .9; was != tt.most {
			t.Errorf("held by %v: got the old answers %v (accuracy %v), want %v", tt.hold, was, report.Accuracy, tt.most)
		}
	}
}
