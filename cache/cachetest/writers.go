package cachetest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"cifra"
	"cifra/cache"
)

// testWriters: many change the source at once, and each invalidates it by its tag. Whoever asks after their own
// invalidation gets what they wrote, or something later, although some share one.
func testWriters(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	c := w.Open("a")
	var source atomic.Int64
	m := cache.NewMemo(c, minute("x"), func(context.Context, int) (int64, error) { return source.Load(), nil },
		cache.Tags[int, int64](func(int) []string { return []string{"t"} }))
	const writers, each = 16, 25
	ctx := cifra.WithActor(t.Context(), cifra.Actor{User: &cifra.User{Username: "ana"}})
	var last atomic.Int64 // of all receipts
	var shared atomic.Int64
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				wrote := source.Add(1)
				if r := c.InvalidateTag(ctx, "t", "test"); last.Swap(r.Seq) == r.Seq && r.Seq != 0 {
					shared.Add(1)
				}
				if got, i, err := m.Get(ctx, 1); got < wrote || err != nil {
					t.Errorf("got %d, %s, %v after an invalidation for %d", got, i.Outcome, err, wrote)
					return
				}
			}
		})
	}
	all.Wait()
	if b.Shared {
		t.Logf("%d of %d invalidations shared the one before", shared.Load(), writers*each)
	}
}
