package digit_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/digit"
	"cifra/digit/net"
)

func embedded(t testing.TB, api cifra.API) *digit.Model {
	t.Helper()
	m, err := digit.Embedded(api)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// accuracies are the least that the embedded models must read right of MNIST's validation pictures, and the most
// that their calibration may be off.
var accuracies = map[cifra.API]struct{ accuracy, ece, sureWrong float64 }{
	cifra.V1: {0.987, 0.005, 0.002},
	cifra.V2: {0.996, 0.005, 0.002},
}

func TestEmbeddedModels(t *testing.T) {
	set, isMNIST := validation(t)
	for api, want := range accuracies {
		t.Run(string(api), func(t *testing.T) {
			m := embedded(t, api)
			if m.API() != api {
				t.Errorf("got a model of %s, want one of %s", m.API(), api)
			}
			if !regexp.MustCompile("^" + string(api) + "-[0-9a-f]{8}$").MatchString(m.Version()) {
				t.Errorf("got version %q", m.Version())
			}
			if len(m.SHA256()) != 64 || m.SHA256()[:8] != m.Version()[3:] {
				t.Errorf("got version %q of SHA-256 %q, want its first 8 digits", m.Version(), m.SHA256())
			}
			if !isMNIST {
				return
			}
			e, err := digit.Evaluate(t.Context(), m, digit.Pictures(set), digit.EvaluateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: accuracy %.4f, ECE %.4f, sure and right %.4f, sure and wrong %.4f", m.Version(), e.Accuracy, e.ECE,
				e.SureRight, e.SureWrong)
			if e.Accuracy < want.accuracy || e.ECE > want.ece || e.SureWrong > want.sureWrong {
				t.Errorf("got accuracy %v, ECE %v, %v sure and wrong, want %v at least, %v and %v at most",
					e.Accuracy, e.ECE, e.SureWrong, want.accuracy, want.ece, want.sureWrong)
			}
		})
	}
}

func TestEmbeddedRefusesAnUnknownAPI(t *testing.T) {
	if _, err := digit.Embedded("v3"); !errors.Is(err, digit.ErrModel) {
		t.Errorf("got %v, want %v", err, digit.ErrModel)
	}
}

// TestModelCard holds the model card to the weights that are embedded.
func TestModelCard(t *testing.T) {
	card, err := os.ReadFile("../docs/model-card.md")
	if err != nil {
		t.Fatal(err)
	}
	for api := range accuracies {
		m := embedded(t, api)
		w, err := digit.EmbeddedWeights(api)
		if err != nil {
			t.Fatal(err)
		}
		n := m.Net().Weights()
		for _, want := range []string{
			m.Version(), thousands(len(w)) + " bytes", thousands(n.Spec.Count()), strconv.FormatFloat(n.Temperature, 'f', -1, 64),
		} {
			if !bytes.Contains(card, []byte(want)) {
				t.Errorf("%s: the model card doesn't say %q", api, want)
			}
		}
	}
}

// thousands writes a number from 1,000 to 999,999.
func thousands(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }

func TestEmbeddedWeightsAreSmall(t *testing.T) {
	for api := range accuracies {
		w, err := digit.EmbeddedWeights(api)
		if err != nil {
			t.Fatal(err)
		}
		if len(w) > 3<<19 {
			t.Errorf("%s: got %d bytes, want 1.5 MiB at most", api, len(w))
		}
	}
}

func TestLoadRefusesDamage(t *testing.T) {
	w, err := digit.EmbeddedWeights(cifra.V1)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(w)
	damaged[len(damaged)/2] ^= 0x10
	if _, err := digit.Load(damaged); !errors.Is(err, net.ErrChecksum) || !errors.Is(err, digit.ErrModel) {
		t.Errorf("got %v, want %v behind %v", err, net.ErrChecksum, digit.ErrModel)
	}
	if _, err := digit.Load(nil); !errors.Is(err, digit.ErrModel) {
		t.Errorf("of nothing: got %v, want %v", err, digit.ErrModel)
	}
}

func TestReadSaysWhyItIsNotSure(t *testing.T) {
	m := embedded(t, cifra.V2)
	seven := digit.PictureOf(display(10).Image(7))
	change := func(f func(p *cifra.Picture)) *cifra.Picture {
		p := *seven
		f(&p)
		return &p
	}
	box := seven.Boxes[0]
	tests := []struct {
		name string
		p    *cifra.Picture
		want cifra.Reason
	}{
		{"a blank page", digit.PictureOf(make([]byte, 784)), cifra.ReasonBlank},
		{"nothing found", change(func(p *cifra.Picture) { p.Boxes = nil }), cifra.ReasonBlank},
		{"no view at all", change(func(p *cifra.Picture) { p.Views = nil }), cifra.ReasonBlank},
		{"very faint ink", change(func(p *cifra.Picture) { p.Ink.Contrast = 10 }), cifra.ReasonFaint},
		{"faint ink and several digits: faint comes first", change(func(p *cifra.Picture) {
			p.Ink.Contrast, p.Boxes = 10, []cifra.Box{box, box}
		}), cifra.ReasonFaint},
		{"two digits", change(func(p *cifra.Picture) { p.Boxes = []cifra.Box{box, box} }), cifra.ReasonSeveral},
		{"a page of text", change(func(p *cifra.Picture) { p.Ink.Components = 40 }), cifra.ReasonNotDigit},
		{"a filled shape", change(func(p *cifra.Picture) { p.Ink.Fraction = 0.9 }), cifra.ReasonNotDigit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := m.Read(tt.p)
			if r.Reason != tt.want || r.Sure {
				t.Errorf("got reason %q, sure %v, want %q and not sure", r.Reason, r.Sure, tt.want)
			}
			wellFormed(t, r)
			if tt.want == cifra.ReasonBlank && (r.Digit != 0 || r.Probability != 0.1 || len(r.Digits) != 0) {
				t.Errorf("got %d with %v and %d digits, want 0 with 0.1 and none", r.Digit, r.Probability, len(r.Digits))
			}
		})
	}
}

// wellFormed checks what holds for every reading.
func wellFormed(t testing.TB, r cifra.Reading) {
	t.Helper()
	sum, best := 0.0, 0
	for d, p := range r.Probabilities {
		sum += p
		if p > r.Probabilities[best] {
			best = d
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("got probabilities of sum %v, want 1", sum)
	}
	if r.Digit != best || r.Probability != r.Probabilities[best] {
		t.Errorf("got digit %d with %v, want the likeliest, %d with %v", r.Digit, r.Probability, best, r.Probabilities[best])
	}
	if r.Sure != (r.Reason == cifra.ReasonNone) {
		t.Errorf("got sure %v with reason %q", r.Sure, r.Reason)
	}
	if r.Model == "" || r.Digits == nil {
		t.Error("got no model's version, or nil instead of no digits")
	}
}

func TestReadTakesTheMeanOfViews(t *testing.T) {
	m := embedded(t, cifra.V2)
	set := display(20)
	// Two pictures that the model, whichever weights it has, is sure are different digits.
	var one, other *cifra.Picture
	for i := range set.Len() {
		p := digit.PictureOf(set.Image(i))
		switch r := m.Read(p); {
		case !r.Sure:
		case one == nil:
			one = p
		case r.Digit != m.Read(one).Digit:
			other = p
		}
	}
	if other == nil {
		t.Fatal("got no two different digits that the model is sure of")
	}
	both := *one
	both.Views = append(bytes.Clone(one.Views), other.Views...)
	a, b, got := m.Read(one), m.Read(other), m.Read(&both)
	// Each view counts by how much of a digit it is, so the mean lies between the two and is neither.
	same := true
	for d := range got.Probabilities {
		low, high := min(a.Probabilities[d], b.Probabilities[d]), max(a.Probabilities[d], b.Probabilities[d])
		if p := got.Probabilities[d]; p < low-1e-6 || p > high+1e-6 {
			t.Errorf("digit %d: got %v, want it between %v and %v", d, p, low, high)
		}
		same = same && math.Abs(got.Probabilities[d]-a.Probabilities[d]) < 1e-6
	}
	if same {
		t.Error("the second view changes nothing")
	}
	wellFormed(t, got)
}

func TestReadReadsALine(t *testing.T) {
	m := embedded(t, cifra.V2)
	set := display(20)
	line := digit.PictureOf(set.Image(4))
	line.Views = append(bytes.Clone(line.Views), set.Image(7)...)
	line.Boxes = []cifra.Box{{X: 1, W: 10, H: 20}, {X: 14, W: 10, H: 20}}
	got := m.Read(line)
	first, second := m.Read(digit.PictureOf(set.Image(4))), m.Read(digit.PictureOf(set.Image(7)))
	want := []cifra.ReadDigit{
		{Digit: first.Digit, Probability: first.Probability, Box: line.Boxes[0]},
		{Digit: second.Digit, Probability: second.Probability, Box: line.Boxes[1]},
	}
	if d := cmp.Diff(want, got.Digits); d != "" {
		t.Error(d)
	}
	if got.Reason != cifra.ReasonSeveral || got.Digit != first.Digit {
		t.Errorf("got digit %d and reason %q, want the first one, %d, and %q", got.Digit, got.Reason, first.Digit, cifra.ReasonSeveral)
	}
}

func TestModelIsConcurrent(t *testing.T) {
	m := embedded(t, cifra.V2)
	set := display(50)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range set.Len() {
				p := digit.PictureOf(set.Image(i))
				if d := cmp.Diff(m.Read(p), m.Read(p)); d != "" {
					t.Errorf("picture %d reads in two ways: %s", i, d)
				}
			}
		})
	}
	wg.Wait()
}
