package material

import (
	"bytes"
	"context"
	"errors"
	"image"
	"slices"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
)

// bars are pictures of an upright and a lying bar, labelled 1 and 7.
func bars() idx.Set {
	s := idx.Set{Side: 28, Images: make([]byte, 2*784), Labels: []byte{1, 7}}
	for i := 5; i < 23; i++ {
		for w := 12; w < 16; w++ {
			s.Image(0)[i*28+w] = 255
			s.Image(1)[w*28+i] = 255
		}
	}
	return s
}

func TestMakeGivesTheSamePicturesForAnyNumberOfWorkers(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			o := Options{Seed: 5, Digits: bars(), Workers: 1}
			const n = 3
			one, err := Make(t.Context(), kind, n, o)
			if err != nil {
				t.Fatal(err)
			}
			o.Workers = 3
			again, err := Make(t.Context(), kind, n, o)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(one.Images, again.Images) || !bytes.Equal(one.Labels, again.Labels) {
				t.Error("got other pictures with three workers, want the same")
			}
			o.Seed++
			if other, err := Make(t.Context(), kind, n, o); err != nil || bytes.Equal(one.Images, other.Images) {
				t.Errorf("got the same pictures with another seed (%v)", err)
			}
			for i, label := range one.Labels {
				if kind.isOther() != (label == digit.NotDigit) || label > digit.NotDigit {
					t.Errorf("picture %d: got label %d", i, label)
				}
				if !slices.ContainsFunc(one.Image(i), func(v byte) bool { return v > 200 }) {
					t.Errorf("picture %d has no ink", i)
				}
			}
		})
	}
}

func TestTrainingMixesAllKinds(t *testing.T) {
	var told []int
	o := Options{Seed: 1, Workers: 2, Scale: 1e-4, Progress: func(done, _ int) { told = append(told, done) }}
	sources, err := Training(t.Context(), bars(), o)
	if err != nil {
		t.Fatal(err)
	}
	share := 0.0
	for _, s := range sources {
		share += s.Share
		if s.Set.Len() == 0 {
			t.Errorf("%s: no pictures", s.Name)
		}
	}
	if len(sources) != 1+len(Kinds()) || share < .999 || share > 1.001 {
		t.Errorf("got %d sources of %v in all, want MNIST and %d kinds, 1 in all", len(sources), share, len(Kinds()))
	}
	if !slices.IsSorted(told) || len(told) == 0 {
		t.Errorf("got progress %v, want it to rise", told)
	}
	held, err := Validation(t.Context(), bars(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Joined(held).Len(), 2+len(Kinds()); got != want {
		t.Errorf("got %d pictures to validate on, want %d", got, want)
	}
	for i := range Kinds() {
		if bytes.Equal(held[i+1].Set.Image(0), sources[i+1].Set.Image(0)) {
			t.Errorf("%s: a picture to validate on is one to train on", held[i+1].Name)
		}
	}
}

func TestMakeStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Make(ctx, Photographs, 2, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestTraceFollowsAStroke(t *testing.T) {
	set := bars()
	for i, upright := range []bool{true, false} {
		g, ok := trace(set.Image(i))
		if !ok {
			t.Errorf("bar %d: got a trace that isn't what was there", i)
		}
		x0, y0, x1, y1 := g.Bounds()
		w, h := x1-x0, y1-y0
		if !upright {
			w, h = h, w
		}
		if h < .999 || h > 1.001 || w > .12 {
			t.Errorf("bar %d: got a line of %.3f×%.3f, want one 1 long and thin", i, w, h)
		}
	}
	if g, ok := trace(make([]byte, 784)); len(g.Strokes) != 0 || ok {
		t.Errorf("of a black picture: got %d strokes, want none", len(g.Strokes))
	}
}

func TestOnlyWholeDigitsAreKept(t *testing.T) {
	view := bars().Image(0)
	frame, box := image.Rect(0, 0, 100, 100), image.Rect(20, 20, 60, 80)
	boxes := func(r ...image.Rectangle) (o []cifra.Box) {
		for _, b := range r {
			o = append(o, cifra.Box{X: b.Min.X, Y: b.Min.Y, W: b.Dx(), H: b.Dy()})
		}
		return o
	}
	tests := []struct {
		name string
		s    specimen
		want bool
	}{
		{"found where it was drawn", specimen{view, 1, boxes(box), box, frame}, true},
		{"found a pixel off", specimen{view, 1, boxes(box.Add(image.Pt(1, -1))), box, frame}, true},
		{"half of it found", specimen{view, 1, boxes(image.Rect(20, 20, 60, 45)), box, frame}, false},
		{"something else found", specimen{view, 1, boxes(image.Rect(70, 0, 99, 30)), box, frame}, false},
		{"two digits found", specimen{view, 1, boxes(box, image.Rect(70, 20, 90, 80)), box, frame}, false},
		{"drawn over the edge", specimen{view, 1, boxes(box), box, image.Rect(0, 0, 50, 100)}, false},
		{"nothing found", specimen{make([]byte, 784), 1, nil, box, frame}, false},
		{"a sketch", specimen{view: view, label: 1}, true},
		{"an upright bar that is to be no digit", specimen{view: view, label: digit.NotDigit}, false},
		{"a lying bar that is to be no digit", specimen{view: bars().Image(1), label: digit.NotDigit}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.s.isWhole(); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestItemsAreUploads(t *testing.T) {
	for _, kind := range []Kind{Photographs, Drawings, OtherPhotographs, OtherDrawings} {
		for item, err := range Items(kind, 1, Options{Seed: 3, Digits: bars()}) {
			if err != nil {
				t.Fatal(err)
			}
			if (item.Label == digit.None) != kind.isOther() {
				t.Errorf("%s: got label %q", item.Name, item.Label)
			}
			p, err := item.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			again, err := item.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if p.Hash == "" || kind == Drawings && p.Hash != again.Hash {
				t.Errorf("%s: got hashes %q and %q, want the same file each time", item.Name, p.Hash, again.Hash)
			}
		}
	}
}
