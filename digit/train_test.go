package digit_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/net"
)

func quick(api cifra.API) digit.TrainOptions {
	r := digit.RecipeFor(api)
	r.Size = 0
	r.Shape, r.Epochs, r.Warm = map[cifra.API]string{cifra.V1: "d32", cifra.V2: "16p,16p,16p,d32"}[api], 5, 5
	r.Rate, r.Augment = 1e-2, r.Augment.Times(0.3) // few steps: the pictures are easy
	return digit.TrainOptions{
		API: api, Seed: 7, Recipe: r, Kernel: net.Best(),
		Sources:    []digit.Source{{Name: "display", Set: display(800), Share: 1}},
		Validation: display(100),
	}
}

func TestTrain(t *testing.T) {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		t.Run(string(api), func(t *testing.T) {
			o := quick(api)
			var points []digit.Point
			last := 0.0
			o.Progress = func(p digit.TrainProgress) {
				if p.Share < last || p.Share > 1 {
					t.Errorf("got progress %v after %v", p.Share, last)
				}
				last = p.Share
				if p.Point != nil {
					points = append(points, *p.Point)
				}
			}
			file, report, err := digit.Train(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if len(points) != 5 || len(report.Curve) != 5 || last != 1 {
				t.Errorf("got %d points, a curve of %d and progress %v, want 5, 5 and 1", len(points), len(report.Curve), last)
			}
			if report.Accuracy < 0.9 {
				t.Errorf("got accuracy %v on the validation set, want 0.9 at least", report.Accuracy)
			}
			m, err := digit.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			if m.API() != api {
				t.Errorf("got a model of %s, want %s", m.API(), api)
			}
			e, err := digit.Evaluate(t.Context(), m, digit.Pictures(o.Validation), digit.EvaluateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if e.Accuracy != report.Accuracy {
				t.Errorf("got accuracy %v from the file, want the report's, %v", e.Accuracy, report.Accuracy)
			}
			o.Workers, o.Progress = 3, nil
			if again, _, err := digit.Train(t.Context(), o); err != nil || !bytes.Equal(file, again) {
				t.Errorf("got another file with 3 workers, want the same bytes (%v)", err)
			}
			if api == cifra.V2 {
				return // v1 shows that the seed counts
			}
			o.Seed++
			if other, _, err := digit.Train(t.Context(), o); err != nil || bytes.Equal(file, other) {
				t.Errorf("got the same file with another seed (%v)", err)
			}
		})
	}
}

func TestTrainMixesSources(t *testing.T) {
	o := quick(cifra.V2)
	none := display(50)
	for i := range none.Labels {
		none.Labels[i] = digit.NotDigit
		for p := range none.Image(i) {
			none.Image(i)[p] = byte(p * (i + 3) * 37)
		}
	}
	o.Recipe.Size, o.Recipe.Epochs = 1600, 3
	o.Sources[0].Share = 3
	o.Sources = append(o.Sources, digit.Source{Name: "noise", Set: none, Share: 1})
	file, _, err := digit.Train(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	m, err := digit.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Net().Weights().Spec.Classes; got != 11 {
		t.Errorf("got %d classes, want 11", got)
	}
	r := m.Read(digit.PictureOf(none.Image(1)))
	if r.Reason != cifra.ReasonNotDigit {
		t.Errorf("of noise: got reason %q, want %q", r.Reason, cifra.ReasonNotDigit)
	}
	wellFormed(t, r)
	if r := m.Read(digit.PictureOf(display(10).Image(4))); r.Digit != 4 {
		t.Errorf("of a 4: got %d, reason %q", r.Digit, r.Reason)
	}
}

func TestTrainRefuses(t *testing.T) {
	set := display(200)
	bad := display(200)
	bad.Labels[3] = 11
	tests := []struct {
		name    string
		sources []digit.Source
	}{
		{"nothing", nil},
		{"an empty set", []digit.Source{{Name: "x", Set: idx.Set{Side: 28}, Share: 1}}},
		{"a share of nothing", []digit.Source{{Name: "x", Set: set}}},
		{"pictures of another size", []digit.Source{{Name: "x", Set: idx.Set{Side: 4, Images: make([]byte, 16), Labels: []byte{1}}, Share: 1}}},
		{"less than a batch", []digit.Source{{Name: "x", Set: set.Slice(0, 20), Share: 1}}},
		{"a label that nothing has", []digit.Source{{Name: "x", Set: bad, Share: 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := quick(cifra.V1)
			o.Sources = tt.sources
			if _, _, err := digit.Train(t.Context(), o); !errors.Is(err, digit.ErrTrainingData) {
				t.Errorf("got %v, want %v", err, digit.ErrTrainingData)
			}
		})
	}
}

func TestTrainStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := quick(cifra.V1)
	o.Progress = func(digit.TrainProgress) { cancel() }
	if _, _, err := digit.Train(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
