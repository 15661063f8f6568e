package cache_test

import (
	"context"
	"testing"
	"time"

	"cifra/cache"
	"cifra/cache/cachetest"
)

// TestInspectorOfManyEntries: the first page of 50,000 entries takes 200 ms at most, in memory or in Redis.
func TestInspectorOfManyEntries(t *testing.T) {
	entries := 5_000
	if cachetest.Full() {
		entries = 50_000
	}
	w := cachetest.NewWorld(t, cachetest.Backend{URL: cachetest.Service(t, "TEST_REDIS_URL"), Shared: true})
	p := cache.Policy{Namespace: "x", TTL: time.Hour, Entries: entries}
	load := func(_ context.Context, k int) (int, error) { return k, nil }
	ca, cb := w.Open("a"), w.Open("b")
	m := cache.NewMemo(ca, p, load)
	cache.NewMemo(cb, p, load)
	for k := range entries {
		if _, _, err := m.Get(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]*cache.Cache{"in memory": ca, "in Redis": cb} {
		first, last := time.Hour, time.Duration(0)
		for range 5 {
			var page cache.Page
			took := timed(func() { page, _ = c.Page(t.Context(), "x", "", 50) })
			if len(page.Entries) != 50 {
				t.Fatalf("%s: got %d entries on the first page, want 50", name, len(page.Entries))
			}
			first, last = min(first, took), max(last, took)
		}
		if first > 200*time.Millisecond {
			t.Errorf("%s: the first page of %d took %v at best, want 200 ms at most", name, entries, first)
		}
		var n cache.Count
		counting := timed(func() { n, _ = c.Count(t.Context(), "x") })
		if !n.More && n.Backend < entries*99/100 { // on a busy machine Redis may be too late for a fill
			t.Errorf("%s: counted %+v, want %d", name, n, entries)
		}
		figure(t, "inspector, first page of %d %s: %v to %v; counting %v", entries, name, first, last, counting)
	}
}
