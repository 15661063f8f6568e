package main

import (
	"context"
	runtimemetrics "runtime/metrics"
	"time"
)

// What counts as idle: in idleEvery so little was allocated, a dozen requests' worth. What is worth giving back: so much was
// allocated since the last time.
const (
	idleEvery  = 5 * time.Second
	idleBelow  = 512 << 10
	worthAbove = 1 << 20
)

// giveBack returns memory to the system while nobody asks for anything, until ctx ends. Left alone, a program that nobody
// uses still grows to twice what it needs before the collector looks at it: some 35 KiB a second, from those who look
// whether there is something to do.
func giveBack(ctx context.Context, allocated func() uint64, release func()) {
	tick := time.NewTicker(idleEvery)
	defer tick.Stop()
	released := allocated()
	for before := released; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := allocated()
		if now-before < idleBelow && now-released > worthAbove {
			release()
			now = allocated()
			released = now
		}
		before = now
	}
}

// allocatedBytes is what the program has allocated since it began, whether or not it is still in use.
func allocatedBytes() uint64 {
	sample := []runtimemetrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	runtimemetrics.Read(sample)
	return sample[0].Value.Uint64()
}
