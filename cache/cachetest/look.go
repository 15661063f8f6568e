package cachetest

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cifra"
	"cifra/cache"
)

func testInspector(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	c := w.Open("a")
	m := cache.NewMemo(c, minute("x"), func(_ context.Context, k string) (map[string]string, error) {
		w.Clock.Advance(3 * time.Second)
		return map[string]string{"said": k}, nil
	})
	for _, k := range []string{"one", "two", strings.Repeat("long", 100)} {
		if _, _, err := m.Get(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	w.Advance(0) // nine seconds have passed: what is in memory must be confirmed
	if _, i, _ := m.Get(t.Context(), "one"); i.Outcome != cifra.HitL1 {
		t.Fatalf("got %s, want a hit", i.Outcome)
	}
	list, err := c.Entries(t.Context(), "x", 100)
	if err != nil || len(list) != 3 {
		t.Fatalf("got %v, %v, want three entries", list, err)
	}
	e := list[2] // the newest comes first
	if e.Args != `"one"` || e.State != "fresh" || e.Hits != 1 || e.Cost != 3*time.Second || e.By != "a" || e.TTL != 54*time.Second ||
		e.Type != "map[string]string" || e.Tiers[0] != "memory" {
		t.Errorf("got %+v, want what is known of the first entry", e)
	}
	e, v, err := c.Look(t.Context(), "x", `"two"`)
	if err != nil || string(v) != `{"said":"two"}` || e.State != "fresh" {
		t.Errorf("got %+v, %s, %v, want the entry's value", e, v, err)
	}
	m.Invalidate(t.Context(), "two", cache.Because("test"))
	if e, v, err = c.Look(t.Context(), "x", e.Key); err != nil || v != nil || e.State != "gone" || !strings.HasPrefix(e.Reason, "invalidated") {
		t.Errorf("got %+v, %s, %v, want an entry that is gone, and why", e, v, err)
	}
	if _, err := c.Entries(t.Context(), "none", 1); !errors.Is(err, cache.ErrNamespace) {
		t.Errorf("got %v, want no such namespace", err)
	}
	if b.Shared {
		other := w.Open("b")
		cache.NewMemo(other, minute("x"), func(context.Context, string) (map[string]string, error) { return nil, nil }) //nolint:nilnil // never asked
		list, err := other.Entries(t.Context(), "x", 100)
		if err != nil || !b.Deaf && len(list) < 2 {
			t.Errorf("got %v, %v, want what the back end has", list, err)
		}
	}
}

func testStatistics(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	c := w.Open("a")
	var n atomic.Int64
	m := cache.NewMemo(c, minute("x"), func(_ context.Context, k int) (int64, error) {
		w.Clock.Advance(time.Second)
		if k == 2 {
			return 0, errors.New("broken")
		}
		return n.Add(1), nil
	})
	for _, k := range []int{1, 1, 1, 2} {
		_, _, _ = m.Get(t.Context(), k)
	}
	_, _, _ = m.Get(cache.WithBypass(t.Context()), 1)
	s := c.Stats()[0]
	if s.Namespace != "x" || s.HitL1 != 2 || s.Miss != 2 || s.Bypass != 1 || s.Loads != 2 || s.Failures != 1 ||
		s.Causes[cache.Cold] != 2 || s.Saved != 2*time.Second || s.LoadTime != 2*time.Second || s.Entries != 1 {
		t.Errorf("got %+v, want 2 hits, 2 misses, 1 bypass", s)
	}
	if s.Asked() != 5 || s.Ratio() != 0.4 {
		t.Errorf("got %d asked, ratio %v, want 5 and 0.4", s.Asked(), s.Ratio())
	}
	m.Flush(t.Context(), "test") // what entries have counted outlives them
	_, _, _ = m.Get(t.Context(), 1)
	if s = c.Stats()[0]; s.HitL1 != 2 || s.Causes[cache.Flushed] != 1 {
		t.Errorf("got %+v, want the hits of before", s)
	}
	r := prometheus.NewPedanticRegistry()
	if err := r.Register(c.Collector()); err != nil {
		t.Fatal(err)
	}
	families, err := r.Gather()
	if err != nil || len(families) < 8 {
		t.Errorf("got %d families, %v, want the cache's metrics", len(families), err)
	}
}
