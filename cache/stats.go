package cache

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"cifra"
)

// Stats is what became of the questions to one namespace, in this instance since it began.
type Stats struct {
	Namespace string
	HitL1     int64
	HitL2     int64
	Stale     int64
	Miss      int64
	Coalesced int64
	Bypass    int64
	Causes    map[CauseKind]int64 // of all that was not given fresh from a tier
	Saved     time.Duration       // loaders' time that remembered answers spared their callers

	Loads    int64 // loaders run, for callers or behind them
	Failures int64 // of those, ended in an error that was not kept
	LoadTime time.Duration
	Entries  int   // in L1 now
	Evicted  int64 // from L1, for want of room
}

// Asked is the number of questions.
func (s Stats) Asked() int64 {
	return s.HitL1 + s.HitL2 + s.Stale + s.Miss + s.Coalesced + s.Bypass
}

// Ratio is the share of questions that were answered from memory or the back end; 0 where none was asked.
func (s Stats) Ratio() float64 {
	if s.Asked() == 0 {
		return 0
	}
	return float64(s.HitL1+s.HitL2+s.Stale) / float64(s.Asked())
}

// Stats returns the statistics of every namespace, in the order of their names.
func (c *Cache) Stats() []Stats {
	var list []Stats
	for _, s := range c.spaceList() {
		list = append(list, s.statistics())
	}
	slices.SortFunc(list, func(a, b Stats) int { return strings.Compare(a.Namespace, b.Namespace) })
	return list
}

func (m *Memo[K, V]) statistics() Stats {
	c := &m.stats
	s := Stats{
		Namespace: m.p.Namespace,
		HitL1:     c.hitL1.Load(), HitL2: c.hitL2.Load(), Stale: c.stale.Load(), Miss: c.miss.Load(),
		Coalesced: c.coalesced.Load(), Bypass: c.bypass.Load(), Causes: make(map[CauseKind]int64),
		Loads: c.loads.Load(), Failures: c.failures.Load(), LoadTime: time.Duration(c.loadTime.Load()),
		Entries: m.l1.EstimatedSize(), Evicted: c.overflow.Load(),
	}
	saved := c.saved.Load()
	for e := range m.l1.Values() {
		n := e.hits.Load()
		s.HitL1 += n
		saved += n * e.cost
	}
	s.Saved = time.Duration(saved)
	for n, kind := range causeKinds {
		if v := c.causes[n].Load(); v > 0 {
			s.Causes[kind] = v
		}
	}
	return s
}

// counters count what became of the questions to one memo.
type counters struct {
	hitL1     atomic.Int64 // of entries that are gone; those that are there count their own
	hitL2     atomic.Int64
	stale     atomic.Int64
	miss      atomic.Int64
	coalesced atomic.Int64
	bypass    atomic.Int64
	saved     atomic.Int64 // nanoseconds, without the hits of entries that are there
	causes    [len(causeKinds)]atomic.Int64

	loads, failures, loadTime, overflow atomic.Int64

	evicted prints
}

// retire takes over what an entry that leaves L1 has counted.
func (s *counters) retire(hits, cost int64) {
	s.hitL1.Add(hits)
	s.saved.Add(hits * cost)
}

var causeKinds = [...]CauseKind{
	Cold, Expired, Flushed, TagBumped, Invalidated, Evicted, Schema, LeaseLost, Unreachable, Skipped, Early, LoadFailed, LoadSlow,
}

// count counts one answer. Those from L1 count in their entry.
func (s *counters) count(i Info) {
	switch i.Outcome {
	case cifra.HitL1:
		return
	case cifra.HitL2:
		s.hitL2.Add(1)
	case cifra.Stale:
		s.stale.Add(1)
	case cifra.Miss:
		s.miss.Add(1)
	case cifra.Coalesced:
		s.coalesced.Add(1)
	case cifra.Bypass:
		s.bypass.Add(1)
	}
	s.saved.Add(int64(i.Saved()))
	if i.Cause != nil {
		if n := slices.Index(causeKinds[:], i.Cause.Kind); n >= 0 {
			s.causes[n].Add(1)
		}
	}
}

// prints remembers, roughly, which keys were evicted of late.
type prints [1024]atomic.Uint64

var printSeed = maphash.MakeSeed()

func printOf[K comparable](k K) uint64 { return maphash.Comparable(printSeed, k) | 1 }

func noteEvicted[K comparable](p *prints, k K) {
	h := printOf(k)
	p[h>>1%uint64(len(p))].Store(h)
}

func wasEvicted[K comparable](p *prints, k K) bool {
	h := printOf(k)
	return p[h>>1%uint64(len(p))].Load() == h
}
