package digit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/digit"
)

var errUnreadable = errors.New("not a picture")

// prepareDisplay takes a file of one byte for the picture of that number, and refuses every other.
func prepareDisplay(_ context.Context, content []byte) (*cifra.Picture, error) {
	if len(content) != 1 {
		return nil, errUnreadable
	}
	p := digit.PictureOf(display(10).Image(int(content[0] - '0')))
	if content[0] == '9' {
		p.Ink.Components = 99
	}
	return p, nil
}

func folder(labels string) fstest.MapFS {
	f := fstest.MapFS{"labels.csv": {Data: []byte(labels)}, "broken.png": {Data: []byte("no picture")}}
	for d := range 10 {
		f[fmt.Sprintf("in/%d.png", d)] = &fstest.MapFile{Data: fmt.Append(nil, d)}
	}
	return f
}

func TestEvaluateFolder(t *testing.T) {
	m := embedded(t, cifra.V2)
	read := func(d int) string {
		return strconv.Itoa(m.Read(digit.PictureOf(display(10).Image(d))).Digit)
	}
	labels := fmt.Sprintf("path,label,note\nin/3.png,%s,right\n./in/4.png,%s\nbroken.png,4\nin/9.png,none\nin/5.png,55\n", read(3), read(4))
	var wrong []string
	var mu sync.Mutex
	clock := time.Unix(0, 0)
	e, err := digit.Evaluate(t.Context(), m, digit.Folder(folder(labels), prepareDisplay), digit.EvaluateOptions{
		Workers: 2,
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			clock = clock.Add(time.Millisecond)
			return clock
		},
		Wrong: func(w digit.Wrong) { wrong = append(wrong, w.Name+" "+w.Label+" "+w.Got) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"broken.png 4 ", "in/5.png 55 " + read(5)}, wrong); d != "" {
		t.Errorf("wrong ones: %s", d)
	}
	if e.N != 5 || e.Accuracy != 0.5 {
		t.Errorf("got %d items and accuracy %v, want 5 and 0.5 (two of four with digits)", e.N, e.Accuracy)
	}
	if sum := e.SureRight + e.SureWrong + e.Unsure; sum < 0.999 || sum > 1.001 {
		t.Errorf("got shares of sum %v, want 1", sum)
	}
	if e.Times.P50 < 1 || e.Times.P99 < e.Times.P50 {
		t.Errorf("got %+v ms, want at least one tick of the clock each", e.Times)
	}
	got, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(got, &keys); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"n", "accuracy", "per_class", "confusion", "ece", "sure_right", "sure_wrong", "unsure", "ms"} {
		if _, ok := keys[k]; !ok {
			t.Errorf("the JSON has no %q: %s", k, got)
		}
		delete(keys, k)
	}
	if len(keys) > 0 {
		t.Errorf("the JSON has more than the contract: %v", keys)
	}
}

func TestEvaluateCountsSureAnswersAboutNothingAsWrong(t *testing.T) {
	m := embedded(t, cifra.V2)
	set := display(10)
	for i := range set.Len() {
		r := m.Read(digit.PictureOf(set.Image(i)))
		if !r.Sure {
			continue
		}
		items := func(yield func(digit.Item, error) bool) {
			open := func(context.Context) (*cifra.Picture, error) { return digit.PictureOf(set.Image(i)), nil }
			yield(digit.Item{Name: "x", Label: digit.None, Open: open}, nil)
		}
		e, err := digit.Evaluate(t.Context(), m, items, digit.EvaluateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if e.SureWrong != 1 || e.Accuracy != 0 {
			t.Errorf("got %v sure and wrong, accuracy %v, want 1 and 0", e.SureWrong, e.Accuracy)
		}
		return
	}
	t.Fatal("no display digit is sure: the test needs other pictures")
}

func TestFolderRefuses(t *testing.T) {
	m := embedded(t, cifra.V1)
	tests := []struct{ name, labels string }{
		{"a path that leads out", "../x.png,3\n"},
		{"an absolute path", "/etc/passwd,3\n"},
		{"no label", "in/3.png\n"},
		{"a label that is neither digits nor none", "in/3.png,three\n"},
		{"an empty label", "in/3.png,\n"},
		{"a broken quotation", "\"in/3.png,3\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := digit.Evaluate(t.Context(), m, digit.Folder(folder(tt.labels), prepareDisplay), digit.EvaluateOptions{})
			if !errors.Is(err, digit.ErrLabels) {
				t.Errorf("got %v, want %v", err, digit.ErrLabels)
			}
		})
	}
	_, err := digit.Evaluate(t.Context(), m, digit.Folder(fstest.MapFS{}, prepareDisplay), digit.EvaluateOptions{})
	if !errors.Is(err, digit.ErrLabels) {
		t.Errorf("without labels.csv: got %v, want %v", err, digit.ErrLabels)
	}
}

func TestEvaluateStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := digit.Evaluate(ctx, embedded(t, cifra.V1), digit.Pictures(display(10)), digit.EvaluateOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
