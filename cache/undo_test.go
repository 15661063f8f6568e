package cache_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/cache/cachetest"
)

// TestWithoutSingleFlight: told so, everybody runs the loader, here and on another instance; a stale answer is still
// given at once.
func TestWithoutSingleFlight(t *testing.T) {
	w := cachetest.NewWorld(t, cachetest.Backend{URL: cachetest.Service(t, "TEST_REDIS_URL"), Shared: true})
	const callers = 100
	g := cachetest.NewGate()
	load := func(context.Context, int) (int, error) { g.Pass(); return 42, nil }
	p := cache.Policy{Namespace: "x", TTL: time.Hour}
	memos := []*cache.Memo[int, int]{cache.NewMemo(w.Open("a"), p, load), cache.NewMemo(w.Open("b"), p, load)}
	ctx := cache.WithoutSingleFlight(t.Context())
	var wg sync.WaitGroup
	for n := range callers {
		wg.Go(func() {
			if v, i, err := memos[n%2].Get(ctx, 1); v != 42 || err != nil || i.Outcome != cifra.Miss {
				t.Errorf("got %d, %s, %v, want a miss of its own", v, i.Outcome, err)
			}
		})
	}
	for range callers {
		g.Began()
	}
	g.Open()
	wg.Wait()
	if v, i, err := memos[0].Get(ctx, 1); v != 42 || err != nil || i.Outcome != cifra.HitL1 {
		t.Errorf("got %d, %s, %v, want what was made to be remembered", v, i.Outcome, err)
	}
	memos[1].Invalidate(t.Context(), 1)
	cachetest.Eventually(t, "an invalidation elsewhere has been heard of", func() bool {
		_, i, err := memos[0].Get(ctx, 1)
		return err == nil && i.Outcome == cifra.Miss
	})
}

// TestLateLoadWithoutSingleFlight: who flies alone is cut off by an invalidation as everybody is.
func TestLateLoadWithoutSingleFlight(t *testing.T) {
	for _, how := range []string{"key", "namespace"} {
		t.Run(how, func(t *testing.T) {
			w := cachetest.NewWorld(t, cachetest.Backend{URL: "memory://"})
			g := cachetest.NewGate()
			gates := make(chan *cachetest.Gate, 1)
			gates <- g
			source := 1
			m := cache.NewMemo(w.Open("a"), cache.Policy{Namespace: "x", TTL: time.Hour}, func(context.Context, int) (int, error) {
				v := source
				select {
				case g := <-gates:
					g.Pass()
				default:
				}
				return v, nil
			})
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _, _ = m.Get(cache.WithoutSingleFlight(t.Context()), 1)
			}()
			g.Began()
			source = 2
			if how == "key" {
				m.Invalidate(t.Context(), 1)
			} else {
				m.Flush(t.Context(), "test")
			}
			g.Open()
			<-done
			if v, i, err := m.Get(t.Context(), 1); v != 2 || err != nil {
				t.Errorf("got %d, %s, %v, want 2", v, i.Outcome, err)
			}
		})
	}
}

// TestFinalErrors: a final error is never covered by what is remembered, and removes it.
func TestFinalErrors(t *testing.T) {
	gone, broken := errors.New("gone"), errors.New("broken")
	for _, tt := range []struct {
		name string
		err  error
		want error
	}{
		{"a failure is covered", broken, nil},
		{"a final error is not", gone, gone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := cachetest.NewWorld(t, cachetest.Backend{URL: cachetest.Service(t, "TEST_REDIS_URL"), Shared: true})
			var fail error
			p := cache.Policy{Namespace: "x", TTL: time.Minute, StaleIfError: time.Hour, RetryAfter: time.Nanosecond}
			open := func(name string) (*cache.Cache, *cache.Memo[int, int]) {
				c := w.Open(name)
				return c, cache.NewMemo(c, p, func(context.Context, int) (int, error) { return 1, fail },
					cache.Final[int, int](func(err error) bool { return errors.Is(err, gone) }))
			}
			c, m := open("a")
			_, other := open("b")
			for _, m := range []*cache.Memo[int, int]{m, other} {
				if _, _, err := m.Get(t.Context(), 1); err != nil {
					t.Fatal(err)
				}
			}
			w.Advance(2 * time.Minute)
			fail = tt.err
			if _, i, err := m.Get(t.Context(), 1); !errors.Is(err, tt.want) {
				t.Errorf("got %s, %v, want %v", i.Outcome, err, tt.want)
			}
			fail = broken
			for name, m := range map[string]*cache.Memo[int, int]{"here": m, "elsewhere": other} {
				if _, i, err := m.Get(t.Context(), 1); (err == nil) != (tt.want == nil) {
					t.Errorf("then %s: got %s, %v: want the old value covered %v", name, i.Outcome, err, tt.want == nil)
				}
			}
			if got := c.Stats()[0].Failures; got != 1 { // the final error was none
				t.Errorf("got %d failures, want 1", got)
			}
		})
	}
}

func TestPolicyOfUndo(t *testing.T) {
	w := cachetest.NewWorld(t, cachetest.Backend{URL: "memory://"})
	c := w.Open("a")
	cache.NewMemo[int, int](c, cache.Policy{Namespace: "impure", TTL: time.Hour}, nil)
	if _, err := c.Undo(t.Context(), "impure", 1, "test"); !errors.Is(err, cache.ErrUndo) {
		t.Errorf("got %v, want that it can't be taken back", err)
	}
	if _, err := c.Undo(t.Context(), "unknown", 1, "test"); !errors.Is(err, cache.ErrNamespace) {
		t.Errorf("got %v, want no such namespace", err)
	}
}

// TestUndoWhileRedisIsAway: nothing changes, and it is said.
func TestUndoWhileRedisIsAway(t *testing.T) {
	r := cachetest.StartRedis(t)
	c := open(t, r.URL(), "a")
	m := cache.NewMemo(c, cache.Policy{Namespace: "x", TTL: time.Hour, Pure: true}, func(_ context.Context, k int) (string, error) {
		return strconv.Itoa(k), nil
	})
	_, _, _ = m.Get(t.Context(), 1)
	rec := m.Flush(t.Context(), "test")
	r.Kill()
	if _, err := c.Undo(t.Context(), "x", rec.Gen, "test"); err == nil || errors.Is(err, cache.ErrUndo) {
		t.Errorf("got %v, want that Redis can't be reached", err)
	}
	if rec := m.Flush(t.Context(), "test"); rec.UndoFor != 0 || !rec.Pending {
		t.Errorf("got %+v, want a flush that is pending and can't be taken back", rec)
	}
}
