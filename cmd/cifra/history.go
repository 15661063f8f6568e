package main

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"cifra"
	"cifra/cache"
)

// history samples, for the lab's page, which share of what was asked was remembered, of everything and by function, and
// notes what may have changed that: flushes and promotions.
type history struct {
	c     *cache.Cache
	stop  chan struct{}
	done  sync.WaitGroup
	close func() error

	mu    sync.Mutex           // guards what follows
	last  time.Time            // of the last sample
	seen  map[string]tally     // at the last sample, by function; "" for all
	share map[string][]float64 // -1 where nothing was asked
	marks []cifra.RateMark
}

// tally is how often something was asked for, and how often it was remembered.
type tally struct{ all, kept int64 }

const (
	historyEvery = 5 * time.Second
	historyMost  = 360 // half an hour
)

func newHistory(c *cache.Cache, now func() time.Time) *history {
	h := &history{c: c, stop: make(chan struct{}), last: now(), seen: map[string]tally{}, share: map[string][]float64{}}
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
	now := map[string]tally{}
	var all tally
	for _, s := range h.c.Stats() {
		one := tally{s.Asked(), s.HitL1 + s.HitL2 + s.Stale}
		now[s.Namespace] = one
		all.all, all.kept = all.all+one.all, all.kept+one.kept
	}
	now[""] = all
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, n := range now {
		point, before := -1.0, h.seen[name]
		if n.all > before.all {
			point = float64(n.kept-before.kept) / float64(n.all-before.all)
		}
		h.share[name] = append(h.share[name], point)
		if len(h.share[name]) > historyMost {
			h.share[name] = h.share[name][1:]
		}
	}
	h.seen, h.last = now, at
	h.marks = slices.DeleteFunc(h.marks, func(m cifra.RateMark) bool { return m.At.Before(at.Add(-historyMost * historyEvery)) })
}

// mostMarks bounds what is noted.
const mostMarks = 50

// hear notes what may change what is remembered.
func (h *history) hear(e cifra.Event) {
	m := cifra.RateMark{At: e.At, Kind: e.Kind}
	switch e.Kind {
	case cifra.EventCacheFlushed:
		var f cifra.Flushed
		if json.Unmarshal(e.Data, &f) != nil {
			return
		}
		m.What, m.By = f.String(), f.By
	case cifra.EventModelPromoted:
		var p struct{ Model, By string }
		if json.Unmarshal(e.Data, &p) != nil {
			return
		}
		m.What, m.By = p.Model, p.By
	default:
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.marks = append(h.marks, m); len(h.marks) > mostMarks {
		h.marks = h.marks[1:]
	}
}

// rates returns what was sampled and noted.
func (h *history) rates() cifra.RateHistory {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := cifra.RateHistory{
		Every: historyEvery, All: slices.Clone(h.share[""]), By: make(map[string][]float64, len(h.share)), Marks: slices.Clone(h.marks),
	}
	for name, points := range h.share {
		if name != "" {
			r.By[name] = slices.Clone(points)
		}
	}
	r.Since = h.last.Add(-time.Duration(len(r.All)) * historyEvery)
	return r
}
