package main

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnIdleProgramGivesMemoryBack(t *testing.T) {
	for name, c := range map[string]struct {
		each uint64 // bytes allocated in each second
		want func(released int64) bool
		says string
	}{
		"nobody asks":          {30 << 10, func(n int64) bool { return n >= 10 && n <= 18 }, "once for each MiB"},
		"nothing is allocated": {0, func(n int64) bool { return n == 0 }, "never"},
		"it works":             {200 << 10, func(n int64) bool { return n == 0 }, "never"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				began := time.Now()
				var released atomic.Int64
				go giveBack(ctx, func() uint64 { return c.each * uint64(time.Since(began).Seconds()) }, func() { released.Add(1) })
				<-time.After(10 * time.Minute)
				if n := released.Load(); !c.want(n) {
					t.Errorf("it was given back %d times in ten minutes, want %s", n, c.says)
				}
			})
		})
	}
}

// TestWhatIsAllocatedIsCounted: it is the runtime's own figure, by its name.
func TestWhatIsAllocatedIsCounted(t *testing.T) {
	before := allocatedBytes()
	kept := make([][]byte, 100)
	for i := range kept {
		kept[i] = make([]byte, 64<<10)
	}
	if got := allocatedBytes() - before; got < 6_000_000 {
		t.Errorf("got %d bytes for %d of 64 KiB", got, len(kept))
	}
}
