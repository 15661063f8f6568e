package cache_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cifra/cache"
	"cifra/cache/cachetest"
)

// TestOwnNoticeComesLate: an instance hears of its own invalidations too, a moment after they were done. What is asked in
// that moment is of after them, and is kept.
func TestOwnNoticeComesLate(t *testing.T) {
	w := cachetest.NewWorld(t, cachetest.Backend{URL: cachetest.Service(t, "TEST_REDIS_URL"), Shared: true})
	c := w.Open("a")
	m := cache.NewMemo(c, cache.Policy{Namespace: "x", TTL: time.Hour},
		func(_ context.Context, k int) (int, error) { time.Sleep(2 * time.Millisecond); return k, nil }, //nolint:forbidigo // a loader that takes its time
		cache.Tags[int, int](func(k int) []string { return []string{fmt.Sprint("tag:", k)} }))
	again := 0
	for k := range 200 {
		resyncs := w.Events(cache.EventResynced)
		if r := c.InvalidateTag(t.Context(), fmt.Sprint("tag:", k), "the test"); r.Pending {
			continue // Redis was too late to be told, and will be once more
		}
		var last cache.Info
		late := false // Redis was too late to say who makes it, so it wasn't kept
		for range 2 {
			var err error
			if _, last, err = m.Get(t.Context(), k); err != nil {
				t.Fatal(err)
			}
			late = late || last.Degraded
		}
		if w.Events(cache.EventResynced) > resyncs {
			continue // a notice came so late that it was taken for lost, and all went
		}
		if !last.Outcome.Cached() && !late {
			again++
			t.Logf("%d, once it was made: %s, %v", k, last.Outcome, last.Cause)
		}
	}
	if again > 0 {
		t.Errorf("%d of 200 values were made twice, want none", again)
	}
}
