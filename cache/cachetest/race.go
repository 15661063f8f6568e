package cachetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
)

// ways are the ways to invalidate what m has for key 1, which carries the tag "t".
var ways = []struct {
	name       string
	invalidate func(context.Context, *cache.Cache, *cache.Memo[int, int64], ...cache.How) cache.Receipt
}{
	{"key", func(ctx context.Context, _ *cache.Cache, m *cache.Memo[int, int64], h ...cache.How) cache.Receipt {
		return m.Invalidate(ctx, 1, append(h, cache.Because("test"))...)
	}},
	{"function", func(ctx context.Context, _ *cache.Cache, m *cache.Memo[int, int64], h ...cache.How) cache.Receipt {
		return m.Flush(ctx, "test", h...)
	}},
	{"tag", func(ctx context.Context, c *cache.Cache, _ *cache.Memo[int, int64], h ...cache.How) cache.Receipt {
		return c.InvalidateTag(ctx, "t", "test", h...)
	}},
	{"all", func(ctx context.Context, c *cache.Cache, _ *cache.Memo[int, int64], h ...cache.How) cache.Receipt {
		return c.Flush(ctx, "test", h...)
	}},
}

// testRace: a loader reads the old value and is slow; the source changes; an invalidation is acknowledged;
// the loader ends. Nobody who asks after the acknowledgement may get the old value, wherever they ask.
func testRace(t *testing.T, b Backend) {
	wheres := []string{"here"}
	if b.Shared {
		wheres = append(wheres, "elsewhere")
	}
	for _, how := range ways {
		for _, where := range wheres {
			for _, background := range []bool{false, true} {
				for _, before := range []string{"asked before", "asked after"} {
					name := fmt.Sprintf("by %s, %s, %s the loader ends, background=%v", how.name, where, before, background)
					t.Run(name, func(t *testing.T) { race(t, b, how.invalidate, where, before == "asked before", background) })
				}
			}
		}
	}
}

func race(t *testing.T, b Backend, invalidate func(context.Context, *cache.Cache, *cache.Memo[int, int64], ...cache.How) cache.Receipt,
	where string, before, background bool,
) {
	w := NewWorld(t, b)
	var source atomic.Int64 // the truth
	gates := make(chan *Gate, 1)
	load := func(context.Context, int) (int64, error) { //nolint:unparam // a loader's form
		v := source.Load()
		select {
		case g := <-gates:
			g.Pass() // it has read, and dawdles
		default:
		}
		return v, nil
	}
	open := func(name string) (*cache.Cache, *cache.Memo[int, int64]) {
		c := w.Open(name)
		p := minute("x")
		p.StaleFor = time.Hour
		return c, cache.NewMemo(c, p, load, cache.Tags[int, int64](func(int) []string { return []string{"t"} }))
	}
	ca, a := open("a")
	cb, other := ca, a
	if b.Shared {
		cb, other = open("b")
	}
	if background {
		if _, _, err := a.Get(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		w.Advance(2 * time.Minute)
	}

	source.Store(1)
	g := NewGate()
	gates <- g
	slow := make(chan struct{})
	go func() {
		defer close(slow)
		_, _, _ = a.Get(t.Context(), 1) // asked before the invalidation: may get what it likes
	}()
	g.Began()
	source.Store(2)
	r := invalidate(t.Context(), cb, other)
	if where == "here" {
		r = invalidate(t.Context(), ca, a)
	}
	for _, i := range r.Instances {
		if i.After < 0 || r.Pending {
			t.Fatalf("got %+v, want a receipt from all", r)
		}
	}
	check := func(when string) {
		t.Helper()
		w.Settle()
		for name, m := range map[string]*cache.Memo[int, int64]{"a": a, "b": other} {
			if v, i, err := m.Get(t.Context(), 1); v != 2 || err != nil {
				t.Errorf("%s, at %s: got %v, %s, %v, want 2", when, name, v, i.Outcome, err)
			}
		}
	}
	if before {
		check("while the loader runs")
	}
	g.Open()
	<-slow
	check("after the loader")
	if b.Shared {
		_, third := open("c")
		if v, i, err := third.Get(t.Context(), 1); v != 2 || err != nil {
			t.Errorf("a new instance got %v, %s, %v, want 2", v, i.Outcome, err)
		}
	}
	if v, i, err := a.Get(t.Context(), 1); v != 2 || err != nil || i.Outcome == cifra.Stale {
		t.Errorf("at last got %v, %s, %v, want 2", v, i.Outcome, err)
	}
}
