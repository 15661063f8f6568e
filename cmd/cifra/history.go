package main

import (
	"sync"
	"time"

	"cifra/cache"
)

// history samples, for the lab's page, which share of what was asked was remembered.
type history struct {
	c     *cache.Cache
	stop  chan struct{}
	done  sync.WaitGroup
	close func() error

	mu     sync.Mutex
	asked  int64     // at the last sample, guarded by mu
	kept   int64     // guarded by mu
	points []float64 // guarded by mu
	last   time.Time // guarded by mu
}

const (
	historyEvery = 5 * time.Second
	historyMost  = 360 // half an hour
)

func newHistory(c *cache.Cache, now func() time.Time) *history {
	h := &history{c: c, stop: make(chan struct{}), last: now()}
	h.close = sync.OnceValue(func() error {
		close(h.stop)
		h.done.Wait()
		return nil
	})
	h.done.Go(func() {
		tick := time.NewTicker(historyEvery)
		defer tick.Stop()
		for {
			select {
			case at := <-tick.C:
				h.sample(at)
			case <-h.stop:
				return
			}
		}
	})
	return h
}

// Close ends the sampling. It may be called twice.
func (h *history) Close() error { return h.close() }

func (h *history) sample(at time.Time) {
	var asked, kept int64
	for _, s := range h.c.Stats() {
		asked += s.Asked()
		kept += s.HitL1 + s.HitL2 + s.Stale
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	point := -1.0
	if asked > h.asked {
		point = float64(kept-h.kept) / float64(asked-h.asked)
	}
	h.asked, h.kept, h.last = asked, kept, at
	h.points = append(h.points, point)
	if len(h.points) > historyMost {
		h.points = h.points[1:]
	}
}

// shares returns the samples, 5 s apart, and when the first one began; -1 where nothing was asked.
func (h *history) shares() (since time.Time, points []float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last.Add(-time.Duration(len(h.points)) * historyEvery), append([]float64(nil), h.points...)
}
