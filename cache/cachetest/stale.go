package cachetest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
)

func testStale(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	var n atomic.Int64
	gates := make(chan *Gate, 1)
	load := func(context.Context, int) (int64, error) {
		select {
		case g := <-gates:
			g.Pass()
		default:
		}
		return n.Add(1), nil
	}
	p := minute("x")
	p.StaleFor = time.Minute
	m := cache.NewMemo(w.Open("a"), p, load)
	v, i, err := m.Get(t.Context(), 1)
	want(t, v, i, err, 1, cifra.Miss)

	w.Advance(90 * time.Second)
	g := NewGate()
	gates <- g
	for range 100 { // the refresh is held up: all get the stale value at once
		v, i, err = m.Get(t.Context(), 1)
		want(t, v, i, err, 1, cifra.Stale)
	}
	if i.TTL != -30*time.Second || i.StaleFor() != 30*time.Second || i.Reason() != "expired" {
		t.Errorf("got %+v, want 30 s past its time, 30 s of staleness left", i)
	}
	memos := []*cache.Memo[int, int64]{m}
	if b.Shared { // one refresh in the fleet
		other := cache.NewMemo(w.Open("b"), p, load)
		v, i, err = other.Get(t.Context(), 1)
		want(t, v, i, err, 1, cifra.Stale)
		memos = append(memos, other)
	}
	g.Began()
	g.Open()
	for _, m := range memos {
		Eventually(t, "the refreshed value is there", func() bool {
			v, i, err = m.Get(t.Context(), 1)
			return v == 2
		})
		want(t, v, i, err, 2, cifra.HitL1)
	}
	if n.Load() != 2 {
		t.Errorf("got %d loads, want 2", n.Load())
	}
	w.Advance(3 * time.Minute)
	v, i, err = m.Get(t.Context(), 1)
	want(t, v, i, err, 3, cifra.Miss)
}

func testFailSafe(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	var loads atomic.Int64
	broken := errors.New("upstream is down")
	var down atomic.Bool
	p := minute("x")
	p.StaleIfError, p.RetryAfter = time.Hour, 10*time.Second
	m := cache.NewMemo(w.Open("a"), p, func(context.Context, int) (int64, error) {
		n := loads.Add(1)
		if down.Load() {
			return 0, broken
		}
		return n, nil
	})
	v, i, err := m.Get(t.Context(), 1)
	want(t, v, i, err, 1, cifra.Miss)
	down.Store(true)
	w.Advance(10 * time.Minute)
	for range 5 {
		v, i, err = m.Get(t.Context(), 1)
		want(t, v, i, err, 1, cifra.Stale)
		if !strings.Contains(i.Reason(), "upstream is down") {
			t.Errorf("got reason %q, want the loader's error", i.Reason())
		}
	}
	if loads.Load() != 2 {
		t.Errorf("got %d loads, want 2: no new try within RetryAfter", loads.Load())
	}
	w.Advance(11 * time.Second)
	down.Store(false)
	v, i, err = m.Get(t.Context(), 1)
	if err != nil || v == 1 && i.Outcome != cifra.Stale {
		t.Errorf("got %v, %s, %v", v, i.Outcome, err)
	}
	Eventually(t, "the loader's recovery is seen", func() bool {
		v, i, err = m.Get(t.Context(), 1)
		return v == 3 && err == nil
	})
	down.Store(true)
	w.Advance(2 * time.Hour)
	if _, i, err = m.Get(t.Context(), 1); !errors.Is(err, broken) {
		t.Errorf("got %s, %v, want the error once the value is too old", i.Outcome, err)
	}
	down.Store(false)
	v, _, err = m.Get(t.Context(), 1)
	if v == 0 || err != nil {
		t.Fatalf("got %v, %v, want a value", v, err)
	}
	down.Store(true)
	m.Invalidate(t.Context(), 1)
	if _, i, err = m.Get(t.Context(), 1); !errors.Is(err, broken) {
		t.Errorf("got %s, %v, want the error: what was invalidated covers nothing", i.Outcome, err)
	}
}

func testSoftTimeout(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	gates := make(chan *Gate, 1)
	var n atomic.Int64
	p := minute("x")
	p.StaleIfError, p.SoftTimeout = time.Hour, 5*time.Millisecond
	m := cache.NewMemo(w.Open("a"), p, func(context.Context, int) (int64, error) {
		select {
		case g := <-gates:
			g.Pass()
		default:
		}
		return n.Add(1), nil
	})
	if _, _, err := m.Get(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	w.Advance(2 * time.Minute)
	g := NewGate()
	gates <- g
	v, i, err := m.Get(t.Context(), 1)
	want(t, v, i, err, 1, cifra.Stale)
	if i.Reason() != "loader slow" {
		t.Errorf("got reason %q, want loader slow", i.Reason())
	}
	g.Open()
	Eventually(t, "the slow value is there", func() bool {
		v, _, err = m.Get(t.Context(), 1)
		return v == 2 && err == nil
	})
}

func testEarly(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	var n atomic.Int64
	p := minute("x")
	p.Early = 1000 // so much that the draw is almost surely the earliest there is: half the time to live
	m := cache.NewMemo(w.Open("a"), p, func(context.Context, int) (int64, error) {
		w.Clock.Advance(20 * time.Second) // what it costs
		return n.Add(1), nil
	})
	if _, _, err := m.Get(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for range 58 {
		w.Advance(time.Second)
		v, i, err := m.Get(t.Context(), 1)
		if err != nil || v == 1 && !i.Outcome.Cached() {
			t.Fatalf("got %v, %s, %v, want a hit until the refresh is there", v, i.Outcome, err)
		}
		if v > 1 {
			return
		}
	}
	Eventually(t, "the early refresh is there", func() bool { return n.Load() > 1 || w.Clock.Now().IsZero() })
}

func testHardTimeout(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	p := minute("x")
	p.HardTimeout = 20 * time.Millisecond
	g := NewGate()
	m := cache.NewMemo(w.Open("a"), p, func(ctx context.Context, k int) (int64, error) {
		switch k {
		case 1: // heeds its context
			<-ctx.Done()
			return 0, context.Cause(ctx)
		case 2: // doesn't
			g.Pass()
		}
		return 1, nil
	})
	for k := 1; k <= 2; k++ {
		if _, _, err := m.Get(t.Context(), k); !errors.Is(err, cache.ErrTimeout) {
			t.Errorf("key %d: got %v, want the timeout", k, err)
		}
	}
	g.Open()
	Eventually(t, "the key works again", func() bool {
		v, _, err := m.Get(t.Context(), 2)
		return v == 1 && err == nil
	})
}

// testSoftWithoutStale: a policy that serves nothing stale serves nothing stale after a soft invalidation either, but where
// the loader fails.
func testSoftWithoutStale(t *testing.T, b Backend) {
	for _, how := range ways {
		t.Run("by "+how.name, func(t *testing.T) {
			w := NewWorld(t, b)
			var n atomic.Int64
			var fails atomic.Bool
			load := count(&n)
			c := w.Open("a")
			p := minute("x")
			p.StaleIfError = time.Hour
			m := cache.NewMemo(c, p, func(ctx context.Context, k int) (int64, error) {
				if fails.Load() {
					return 0, errors.New("the source is away")
				}
				return load(ctx, k)
			}, cache.Tags[int, int64](func(int) []string { return []string{"t"} }))
			if _, _, err := m.Get(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			how.invalidate(t.Context(), c, m, cache.Soft())
			v, i, err := m.Get(t.Context(), 1)
			want(t, v, i, err, 2, cifra.Miss)
			how.invalidate(t.Context(), c, m, cache.Soft())
			fails.Store(true)
			v, i, err = m.Get(t.Context(), 1)
			want(t, v, i, err, 2, cifra.Stale)
		})
	}
}

func testSoft(t *testing.T, b Backend) {
	for _, how := range ways {
		t.Run("by "+how.name, func(t *testing.T) {
			w := NewWorld(t, b)
			var n atomic.Int64
			c := w.Open("a")
			p := minute("x")
			p.StaleFor = time.Hour
			m := cache.NewMemo(c, p, count(&n), cache.Tags[int, int64](func(int) []string { return []string{"t"} }))
			if _, _, err := m.Get(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			how.invalidate(t.Context(), c, m, cache.Soft())
			v, i, err := m.Get(t.Context(), 1)
			want(t, v, i, err, 1, cifra.Stale)
			if b.Shared {
				fresh := cache.NewMemo(w.Open("b"), p, count(&n), cache.Tags[int, int64](func(int) []string { return []string{"t"} }))
				if v, i, err := fresh.Get(t.Context(), 1); err != nil || v == 1 && i.Outcome != cifra.Stale {
					t.Errorf("another instance got %v, %s, %v, want the old value as stale or the new one", v, i.Outcome, err)
				}
			}
			Eventually(t, "the new value is there", func() bool {
				v, i, err = m.Get(t.Context(), 1)
				return v == 2 && err == nil && i.Outcome != cifra.Stale
			})
			how.invalidate(t.Context(), c, m)
			// The other instance may still have been about to refresh it: then it is the one that makes the new value.
			if v, i, err = m.Get(t.Context(), 1); v != 3 || err != nil || i.Outcome == cifra.Stale {
				t.Errorf("got %v, %s, %v, want 3, not stale", v, i.Outcome, err)
			}
		})
	}
}
