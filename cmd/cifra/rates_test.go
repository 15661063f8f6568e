package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/cache"
)

// TestRatesOverTime: each sample tells of what was asked since the one before, by function and of all; flushes and promotions
// are noted, other events aren't.
func TestRatesOverTime(t *testing.T) {
	c, err := cache.New(t.Context(), cache.Options{TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	one := cache.NewMemo(c, cache.Policy{Namespace: "one"}, func(_ context.Context, k int) (int, error) { return k, nil })
	two := cache.NewMemo(c, cache.Policy{Namespace: "two"}, func(_ context.Context, k int) (int, error) { return k, nil })
	ask := func(m *cache.Memo[int, int], keys ...int) {
		t.Helper()
		for _, k := range keys {
			if _, _, err := m.Get(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}
	}
	start := time.Date(2026, 3, 14, 14, 3, 0, 0, time.UTC)
	h := newHistory(c, func() time.Time { return start })
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	ask(one, 1, 1, 1, 1)
	h.sample(start.Add(historyEvery))
	h.sample(start.Add(2 * historyEvery))
	ask(one, 1)
	ask(two, 1)
	h.sample(start.Add(3 * historyEvery))
	event := func(kind cifra.EventKind, data any) {
		t.Helper()
		b, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		h.hear(cifra.Event{Kind: kind, Data: b, At: start})
	}
	event(cifra.EventCacheFlushed, cifra.Flushed{FlushTarget: cifra.FlushTarget{Namespace: "one"}, By: "ana"})
	event(cifra.EventModelPromoted, map[string]string{"model": "v2-1", "by": "ben"})
	event(cifra.EventAudit, map[string]string{})
	want := cifra.RateHistory{
		Since: start, Every: historyEvery, All: []float64{0.75, -1, 0.5},
		By: map[string][]float64{"one": {0.75, -1, 1}, "two": {-1, -1, 0}},
		Marks: []cifra.RateMark{
			{At: start, Kind: cifra.EventCacheFlushed, What: "namespace=one", By: "ana"},
			{At: start, Kind: cifra.EventModelPromoted, What: "v2-1", By: "ben"},
		},
	}
	if diff := cmp.Diff(want, h.rates()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for range historyMost + 10 {
		h.sample(start.Add(time.Hour))
	}
	if got := h.rates(); len(got.All) != historyMost || len(got.Marks) != 0 {
		t.Errorf("an hour later: got %d samples and %d marks, want %d and none", len(got.All), len(got.Marks), historyMost)
	}
}
