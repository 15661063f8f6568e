package digit_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/material"
	"cifra/digit/net"
)

// adapting are the options of a short adaptation of v1 to turned pictures.
func adapting(t testing.TB) digit.AdaptOptions {
	t.Helper()
	from, err := digit.EmbeddedWeights(cifra.V1)
	if err != nil {
		t.Fatal(err)
	}
	replay, err := digit.ReplayPictures()
	if err != nil {
		t.Fatal(err)
	}
	pictures, err := digit.RegressionPictures()
	if err != nil {
		t.Fatal(err)
	}
	fresh := material.Turned(pictures.Slice(0, 120), 1)
	return digit.AdaptOptions{
		From: from, New: fresh, Replay: replay.Slice(0, 300), Check: []digit.Source{{Set: fresh}, {Set: pictures.Slice(200, 400)}, {Set: idx.Set{}}},
		Calibrate: pictures.Slice(400, 800),
		Hold:      digit.Memory(cifra.V1), Seed: 3, Workers: 1, Kernel: net.Best(),
	}
}

func TestAdaptLearnsAndReports(t *testing.T) {
	o := adapting(t)
	var points []digit.AdaptPoint
	last := 0.0
	o.Progress = func(p digit.AdaptProgress) {
		if p.Share < last || p.Share > 1 {
			t.Errorf("got progress %v after %v", p.Share, last)
		}
		last = p.Share
		if p.Point != nil {
			points = append(points, *p.Point)
		}
	}
	file, report, err := digit.Adapt(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	first, end := report.Curve[0].Check, report.Curve[len(report.Curve)-1].Check
	t.Logf("new %.3f → %.3f, old %.3f → %.3f, temperature %.3f", first[0], end[0], first[1], end[1], report.Temperature)
	if end[0] < first[0]+0.15 || end[1] < first[1]-0.03 || first[2] != -1 {
		t.Errorf("got %v after %v, want much more of the new pictures, little less of the old, -1 for none", end, first)
	}
	if report.Temperature < 0.5 || report.Temperature > 2.5 {
		t.Errorf("got temperature %v, want it not far from the 1.2 that it was", report.Temperature)
	}
	if len(points) != len(report.Curve) || last != 1 {
		t.Errorf("got %d points told and %d kept, progress %v", len(points), len(report.Curve), last)
	}
	if m, err := digit.Load(file); err != nil || m.API() != cifra.V1 {
		t.Errorf("got %v, want a model of v1", err)
	}
}

func TestAdaptIsTheSameForAnyWorkersAndWhenResumed(t *testing.T) {
	o := adapting(t)
	var saved []digit.AdaptCheckpoint
	o.Save = func(c digit.AdaptCheckpoint) error {
		saved = append(saved, c)
		return nil
	}
	want, _, err := digit.Adapt(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Save, o.Workers = nil, 3
	if got, _, err := digit.Adapt(t.Context(), o); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got other bytes with three workers (%v)", err)
	}
	for _, at := range []int{len(saved) / 2, len(saved) - 1} {
		o.Resume = &saved[at]
		if got, report, err := digit.Adapt(t.Context(), o); err != nil || !bytes.Equal(got, want) || len(report.Curve) != len(saved)+1 {
			t.Errorf("got other bytes when resumed after epoch %d (%v)", saved[at].Epoch, err)
		}
	}
	bad := saved[1]
	bad.State = bytes.Clone(bad.State)
	bad.State[len(bad.State)/2] ^= 1
	o.Resume = &bad
	if _, _, err := digit.Adapt(t.Context(), o); !errors.Is(err, net.ErrState) {
		t.Errorf("got %v from a state that was changed, want it refused", err)
	}
}

func TestAdaptStops(t *testing.T) {
	o := adapting(t)
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	o.Progress = func(digit.AdaptProgress) {
		if steps++; steps == 5 {
			cancel()
		}
	}
	if _, _, err := digit.Adapt(ctx, o); !errors.Is(err, context.Canceled) || steps != 5 {
		t.Errorf("got %v after %d steps, want it stopped at the fifth", err, steps)
	}
	broken := errors.New("no room")
	o.Progress, o.Save = nil, func(digit.AdaptCheckpoint) error { return broken }
	if _, _, err := digit.Adapt(t.Context(), o); !errors.Is(err, broken) {
		t.Errorf("got %v, want what Save says", err)
	}
}

func TestAdaptRefuses(t *testing.T) {
	o := adapting(t)
	for _, tt := range []struct {
		name   string
		change func(*digit.AdaptOptions)
		want   error
	}{
		{"nothing to learn from", func(o *digit.AdaptOptions) { o.New, o.Replay = idx.Set{}, idx.Set{} }, digit.ErrNothingNew},
		{"a file that is no model", func(o *digit.AdaptOptions) { o.From = o.From[:100] }, digit.ErrModel},
		{"a label that the model doesn't know", func(o *digit.AdaptOptions) {
			o.New = o.New.Slice(0, 1)
			o.New.Labels = []byte{11}
		}, digit.ErrTrainingData},
		{"pictures of another size", func(o *digit.AdaptOptions) { o.New.Side = 14 }, digit.ErrTrainingData},
		{"a checkpoint that isn't whole", func(o *digit.AdaptOptions) { o.Resume = &digit.AdaptCheckpoint{Epoch: 2} }, digit.ErrTrainingData},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := o
			tt.change(&o)
			if _, _, err := digit.Adapt(t.Context(), o); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestMemoryFitsTheEmbeddedModels(t *testing.T) {
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		p := digit.Memory(api)
		if !p.Fits(embedded(t, api).Net().Weights()) {
			t.Errorf("%s: what matters is of another shape than the weights: cifra memory --mnist DIR makes it anew", api)
			continue
		}
		t.Logf("%s: %s", embedded(t, api).Version(), p.Note)
		again, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if q, err := net.DecodeImportance(again); err != nil || !q.Fits(embedded(t, api).Net().Weights()) {
			t.Errorf("%s: got %v from its own encoding", api, err)
		}
		again[len(again)/2] ^= 1
		if _, err := net.DecodeImportance(again); !errors.Is(err, net.ErrImportance) {
			t.Errorf("%s: got %v from a file that was changed, want it refused", api, err)
		}
	}
	replay, err := digit.ReplayPictures()
	if err != nil || replay.Len() < 2000 {
		t.Errorf("got %d pictures to replay, %v", replay.Len(), err)
	}
	regression, err := digit.RegressionPictures()
	if err != nil {
		t.Fatal(err)
	}
	var of [digit.NotDigit + 1]int
	for _, l := range regression.Labels {
		of[l]++
	}
	for d := range 10 {
		if of[d] != 200 {
			t.Errorf("got %d pictures of %d, want 200, so that half a point of a digit is one picture", of[d], d)
		}
	}
}

// TestANewStyle learns 500 pictures of a style that no model was taught and measures on 1,000 others, with and without
// MNIST to replay. It needs MNIST, and takes a minute; docs/training.md has what it comes to.
func TestANewStyle(t *testing.T) {
	if os.Getenv("CIFRA_PROVE") != "1" {
		learnsInSmall(t)
		return
	}
	held, ok := validation(t)
	if !ok {
		t.Fatal("CIFRA_PROVE=1 needs MNIST: CIFRA_TEST_MNIST names its folder")
	}
	all, err := idx.Load(os.DirFS(mnistDir()), "train")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		api         cifra.API
		thicker     int // pixels
		known       bool
		gain, loses float64 // points: the least gain on the style, the most that MNIST loses
	}{
		{cifra.V2, 2, false, 25, 0.12},
		{cifra.V2, 2, true, 25, 0.10},
		{cifra.V1, 2, false, 15, 0.30},
		{cifra.V1, 2, true, 18, 0.30},
		{cifra.V2, 1, false, 10, 0.12},
		{cifra.V2, 1, true, 8, 0.10},
		{cifra.V1, 1, false, 14, 0.30},
		{cifra.V1, 1, true, 14, 0.30},
	} {
		fresh, others := material.Turned(all.Slice(54_000, 54_500), tt.thicker), material.Turned(held.Slice(0, 1000), tt.thicker)
		before := embedded(t, tt.api)
		from, err := digit.EmbeddedWeights(tt.api)
		if err != nil {
			t.Fatal(err)
		}
		replay, err := digit.ReplayPictures()
		if err != nil {
			t.Fatal(err)
		}
		o := digit.AdaptOptions{
			From: from, New: fresh, Replay: replay, Hold: digit.Memory(tt.api), Seed: 1, Workers: 2, Kernel: net.Best(),
			Recipe: digit.AdaptRecipeFor(tt.api, fresh.Len(), tt.known),
		}
		if tt.known {
			o.Known = []digit.Source{{Name: "mnist", Set: all.Slice(0, 55_000), Share: 1}}
		}
		start := time.Now()
		file, report, err := digit.Adapt(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		after, err := digit.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		share := func(m *digit.Model, s idx.Set) float64 {
			e, err := digit.Evaluate(t.Context(), m, digit.Pictures(s), digit.EvaluateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return 100 * e.Accuracy
		}
		style, mnist := share(before, others), share(before, held)
		gain, loss := share(after, others)-style, mnist-share(after, held)
		t.Logf("%s, thicker by %d, MNIST at hand %v: style %.1f %+.1f, MNIST %.2f %+.2f, temperature %.3f, %d steps, %s",
			tt.api, tt.thicker, tt.known, style, gain, mnist, -loss, report.Temperature, report.Steps, took.Round(10*time.Millisecond))
		if gain < tt.gain || loss > tt.loses {
			t.Errorf("%s: got %+.1f points on the style and %+.2f on MNIST, want %v at least and -%v at most", tt.api, gain, -loss, tt.gain, tt.loses)
		}
	}
}
