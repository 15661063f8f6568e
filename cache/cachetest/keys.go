package cachetest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
)

func testKeys(t *testing.T, b Backend) {
	type key struct {
		A, B string
		N    int
		Ok   bool
		Set  [2]uint8
	}
	w := NewWorld(t, b)
	load := func(_ context.Context, k key) (string, error) { return fmt.Sprintf("%#v", k), nil }
	long := strings.Repeat("ж", 500)
	keys := []key{
		{},
		{A: "x"},
		{B: "x"},
		{A: "x", B: "x"},
		{N: 1},
		{Ok: true},
		{Set: [2]uint8{0, 1}},
		{Set: [2]uint8{1, 0}},
		{A: `x","B":"x`},
		{A: "x:lease"},
		{A: "x y"},
		{A: "x\ny"},
		{A: "\x00"},
		{A: "null"},
		{A: "}"},
		{A: "{"},
		{A: "\xff"},
		{A: "\xfe"},
		{A: "\ufffd"},
		{A: "\xff\xfe"},
		{A: long},
		{A: long + "\xff"},
		{A: long + "x"},
		{B: long},
	}
	names := []string{"a"}
	if b.Shared {
		names = append(names, "b")
	}
	for round, name := range names {
		c := w.Open(name)
		m := cache.NewMemo(c, minute("x"), load)
		for n, k := range keys {
			v, i, err := m.Get(t.Context(), k)
			if err != nil || v != fmt.Sprintf("%#v", k) {
				t.Errorf("%s: key %d: got %s, %v, want its own value", name, n, v, err)
			}
			if wanted := []cifra.Outcome{cifra.Miss, cifra.HitL2}[round]; i.Outcome != wanted {
				t.Errorf("%s: key %d: got %s, want %s", name, n, i.Outcome, wanted)
			}
			if len(i.Key()) > 250 || strings.ContainsAny(i.Key(), " \n\x00") {
				t.Errorf("key %d: got %q, want 250 safe bytes at most", n, i.Key())
			}
		}
		for n, k := range keys {
			if _, i, _ := m.Get(t.Context(), k); i.Outcome != cifra.HitL1 {
				t.Errorf("%s: key %d: got %s, want a hit", name, n, i.Outcome)
			}
		}
		if round == len(names)-1 {
			for n, k := range keys {
				m.Invalidate(t.Context(), k)
				if _, i, _ := m.Get(t.Context(), k); i.Outcome != cifra.Miss {
					t.Errorf("%s: key %d: got %s after its invalidation, want a miss", name, n, i.Outcome)
				}
			}
		}
	}
}

func testSchema(t *testing.T, b Backend) {
	if !b.Shared {
		t.Skip("one process alone has this back end")
	}
	type before struct{ N int }
	type after struct{ N string }
	w := NewWorld(t, b)
	old := cache.NewMemo(w.Open("old"), minute("x"), func(context.Context, int) (before, error) { return before{1}, nil })
	if _, _, err := old.Get(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	young := cache.NewMemo(w.Open("new"), minute("x"), func(context.Context, int) (after, error) { return after{"one"}, nil })
	v, i, err := young.Get(t.Context(), 1)
	want(t, v, i, err, after{"one"}, cifra.Miss)
	if i.Reason() != "schema changed" {
		t.Errorf("got reason %q, want schema changed", i.Reason())
	}
	p := minute("x")
	p.Version = 2
	third := cache.NewMemo(w.Open("newer"), p, func(context.Context, int) (after, error) { return after{"uno"}, nil })
	v, i, err = third.Get(t.Context(), 1)
	want(t, v, i, err, after{"uno"}, cifra.Miss)
}

func testBypass(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	var n atomic.Int64
	m := cache.NewMemo(w.Open("a"), minute("x"), count(&n))
	ctx := cache.WithBypass(t.Context())
	for k := range int64(2) {
		v, i, err := m.Get(ctx, 1)
		want(t, v, i, err, k+1, cifra.Bypass)
	}
	v, i, err := m.Get(t.Context(), 1)
	want(t, v, i, err, 3, cifra.Miss)
	v, i, err = m.GetWith(t.Context(), 2, func(context.Context, int) (int64, error) { return 42, nil })
	want(t, v, i, err, 42, cifra.Miss)
	v, i, err = m.Get(t.Context(), 2)
	want(t, v, i, err, 42, cifra.HitL1)
}

func testTrace(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	m := cache.NewMemo(w.Open("a"), minute("x"), func(ctx context.Context, _ int) (int, error) {
		cache.Step(ctx, "decode")("png")
		return 1, nil
	})
	if _, i, _ := m.Get(t.Context(), 0); i.Steps != nil {
		t.Errorf("got %v, want no steps without a trace", i.Steps)
	}
	ctx := cache.WithTrace(t.Context())
	_, i, _ := m.Get(ctx, 1)
	names := ""
	var namesSb139 strings.Builder
	for _, s := range i.Steps {
		namesSb139.WriteString(s.Name + " ")
		if s.Start < 0 || s.Took < 0 || s.Start+s.Took > time.Minute {
			t.Errorf("got %+v, want times within the request", s)
		}
	}
	names += namesSb139.String()
	for _, name := range []string{"l1", "loader", "decode"} {
		if !strings.Contains(names, name+" ") {
			t.Errorf("got steps %q, want %s among them", names, name)
		}
	}
	if _, i, _ = m.Get(ctx, 1); i.Outcome != cifra.HitL1 || len(i.Steps) <= strings.Count(names, " ") {
		t.Errorf("got %s and steps %v, want the second question in the same waterfall", i.Outcome, i.Steps)
	}
}

func testNamespaces(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	c := w.Open("a")
	var n atomic.Int64
	x, y := cache.NewMemo(c, minute("x"), count(&n)), cache.NewMemo(c, minute("y"), count(&n))
	v, i, err := x.Get(t.Context(), 1)
	want(t, v, i, err, 1, cifra.Miss)
	v, i, err = y.Get(t.Context(), 1)
	want(t, v, i, err, 2, cifra.Miss)
	if r, err := c.FlushNamespace(t.Context(), "x", "test"); err != nil || len(r.Instances) != 1 || r.Instances[0].Name != "a" {
		t.Errorf("got %+v, %v, want a receipt of one instance", r, err)
	}
	v, i, err = y.Get(t.Context(), 1)
	want(t, v, i, err, 2, cifra.HitL1)
	v, i, err = x.Get(t.Context(), 1)
	want(t, v, i, err, 3, cifra.Miss)
	if _, err := c.InvalidateKey(t.Context(), "y", i.Key(), "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.InvalidateKey(t.Context(), "y", "1", "test"); err != nil {
		t.Fatal(err)
	}
	v, i, err = y.Get(t.Context(), 1)
	want(t, v, i, err, 4, cifra.Miss)
	if _, err := c.FlushNamespace(t.Context(), "z", "test"); err == nil {
		t.Error("got no error for a namespace that isn't there")
	}
	if len(c.Policies()) != 2 {
		t.Errorf("got %v, want two policies", c.Policies())
	}
	defer func() {
		if recover() == nil {
			t.Error("want a panic for a namespace that is taken")
		}
	}()
	cache.NewMemo(c, minute("x"), count(&n))
}

func testReasons(t *testing.T, b Backend) {
	for _, how := range ways {
		w := NewWorld(t, b)
		var n atomic.Int64
		c := w.Open("a")
		tags := cache.Tags[int, int64](func(int) []string { return []string{"t"} })
		m := cache.NewMemo(c, minute("x"), count(&n), tags)
		if _, _, err := m.Get(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		ctx := cifra.WithActor(t.Context(), cifra.Actor{User: &cifra.User{Username: "ana"}})
		how.invalidate(ctx, c, m)
		wanted := map[string]string{"key": "invalidated", "function": "namespace flushed", "tag": "tag t bumped", "all": "cache flushed"}[how.name]
		memos := []*cache.Memo[int, int64]{m}
		if b.Shared { // one that has nothing in memory learns it from the back end
			memos[0] = cache.NewMemo(w.Open("b"), minute("x"), count(&n), tags)
		}
		for _, m := range memos {
			_, i, err := m.Get(t.Context(), 1)
			if err != nil || i.Outcome != cifra.Miss || !strings.HasPrefix(i.Reason(), wanted+" by ana ") || !strings.HasSuffix(i.Reason(), ": test") {
				t.Errorf("by %s: got %s, %q, %v, want a miss: %s by ana …: test", how.name, i.Outcome, i.Reason(), err, wanted)
			}
		}
	}
}
