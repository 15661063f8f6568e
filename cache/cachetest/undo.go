package cachetest

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
)

func testUndo(t *testing.T, b Backend) {
	type world struct {
		*World
		c, other *cache.Cache
		m        []*cache.Memo[int, int64] // on c and on other
	}
	setUp := func(t *testing.T) *world {
		t.Helper()
		w := &world{World: NewWorld(t, b)}
		var n atomic.Int64
		p := cache.Policy{Namespace: "x", TTL: time.Hour, Pure: true}
		w.c = w.Open("a")
		w.other = w.c
		w.m = []*cache.Memo[int, int64]{cache.NewMemo(w.c, p, count(&n))}
		if b.Shared {
			w.other = w.Open("b")
			w.m = append(w.m, cache.NewMemo(w.other, p, count(&n)))
		}
		for _, m := range w.m {
			for k := range 2 {
				v, _, err := m.Get(t.Context(), k)
				if err != nil || v != int64(k)+1 {
					t.Fatalf("got %d, %v, want %d", v, err, k+1)
				}
			}
		}
		return w
	}
	get := func(t *testing.T, w *world, k int, want int64, remembered bool) {
		t.Helper()
		w.Settle()
		for n, m := range w.m {
			v, i, err := m.Get(t.Context(), k)
			if err != nil || v != want || n == 0 && i.Outcome.Cached() != remembered {
				t.Errorf("instance %d, key %d: got %d, %s (%s), %v, want %d", n, k, v, i.Outcome, i.Reason(), err, want)
			}
		}
	}

	t.Run("what was flushed comes back, and what was made since stays", func(t *testing.T) {
		w := setUp(t)
		r := w.m[0].Flush(t.Context(), "a slip")
		if r.Gen == 0 || r.UndoFor != cache.UndoFor {
			t.Fatalf("got %+v, want a receipt that says how to take it back", r)
		}
		get(t, w, 0, 3, false)
		back, err := w.other.Undo(t.Context(), "x", r.Gen, "it was a slip")
		if err != nil || back.Gen <= r.Gen || len(back.Instances) == 0 {
			t.Fatalf("got %+v, %v, want a receipt", back, err)
		}
		get(t, w, 0, 3, true)
		get(t, w, 1, 2, true)
		if w.Events(cache.EventUndone) != 1 {
			t.Errorf("got %d events, want one", w.Events(cache.EventUndone))
		}
		if b.Shared {
			v, i, err := cache.NewMemo(w.Open("c"), cache.Policy{Namespace: "x", TTL: time.Hour, Pure: true}, count(new(atomic.Int64))).Get(t.Context(), 1)
			if v != 2 || err != nil || i.Outcome != cifra.HitL2 {
				t.Errorf("a new instance got %d, %s (%s), %v, want 2 from the back end", v, i.Outcome, i.Reason(), err)
			}
		}
		r = w.m[0].Flush(t.Context(), "in earnest")
		get(t, w, 0, 4, false)
		get(t, w, 1, 5, false)
		if _, err := w.c.Undo(t.Context(), "x", back.Gen, "test"); !errors.Is(err, cache.ErrUndo) {
			t.Errorf("got %v for what was no flush, want a refusal", err)
		}
		if _, err := w.c.Undo(t.Context(), "x", r.Gen, "test"); err != nil {
			t.Errorf("got %v, want the later flush to be taken back", err)
		}
		get(t, w, 0, 4, true)
	})
	t.Run("twice is once too often", func(t *testing.T) {
		w := setUp(t)
		r := w.m[0].Flush(t.Context(), "test")
		if _, err := w.c.Undo(t.Context(), "x", r.Gen, "test"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.c.Undo(t.Context(), "x", r.Gen, "test"); !errors.Is(err, cache.ErrUndo) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
	t.Run("not after another flush", func(t *testing.T) {
		w := setUp(t)
		r := w.m[0].Flush(t.Context(), "test")
		w.m[0].Flush(t.Context(), "test")
		if _, err := w.c.Undo(t.Context(), "x", r.Gen, "test"); !errors.Is(err, cache.ErrUndo) {
			t.Errorf("got %v, want a refusal", err)
		}
		get(t, w, 1, 3, false)
	})
	t.Run("a flush of everything stays", func(t *testing.T) {
		w := setUp(t)
		r := w.m[0].Flush(t.Context(), "test")
		w.c.Flush(t.Context(), "test")
		if _, err := w.c.Undo(t.Context(), "x", r.Gen, "test"); err != nil {
			t.Fatal(err)
		}
		get(t, w, 1, 3, false)
	})
	t.Run("a key that was invalidated stays so", func(t *testing.T) {
		w := setUp(t)
		r := w.m[0].Flush(t.Context(), "test")
		w.m[0].Invalidate(t.Context(), 0)
		if _, err := w.c.Undo(t.Context(), "x", r.Gen, "test"); err != nil {
			t.Fatal(err)
		}
		get(t, w, 0, 3, false)
		get(t, w, 1, 2, true)
	})
	t.Run("a soft flush too", func(t *testing.T) {
		w := setUp(t)
		r := w.m[0].Flush(t.Context(), "test", cache.Soft())
		if _, err := w.c.Undo(t.Context(), "x", r.Gen, "test"); err != nil {
			t.Fatal(err)
		}
		get(t, w, 0, 1, true)
	})
	if b.URL == "memory://" { // a server counts the time by its own clock
		t.Run("not after half a minute", func(t *testing.T) {
			w := setUp(t)
			r := w.m[0].Flush(t.Context(), "test")
			w.Advance(cache.UndoFor + 1)
			if _, err := w.c.Undo(t.Context(), "x", r.Gen, "test"); !errors.Is(err, cache.ErrUndo) {
				t.Errorf("got %v, want a refusal", err)
			}
		})
	}
}
