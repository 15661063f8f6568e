package cache

import (
	"hash/maphash"
	"slices"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"cifra"
)

// counters count what became of the questions to one memo.
type counters struct {
	hitL1     atomic.Int64 // of entries that are gone; those that are there count their own
	savedL1   atomic.Int64 // likewise
	hitL2     atomic.Int64
	stale     atomic.Int64
	miss      atomic.Int64
	coalesced atomic.Int64
	bypass    atomic.Int64
	saved     atomic.Int64 // nanoseconds, without the hits in L1
	causes    [len(causeKinds)]atomic.Int64
	evicted   prints
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
	s.saved.Add(int64(i.Saved))
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

// sweep drops what is of no use any more from L1, once a minute at most: a value whose time is over
// must not stay in memory for as long as there is room.
func (m *Memo[K, V]) sweep(now int64) {
	last := m.swept.Load()
	if now-last < int64(time.Minute) || !m.swept.CompareAndSwap(last, now) {
		return
	}
	for k, e := range m.l1.All() {
		if now < e.made+int64(afterlife) || e.gone == nil && now < e.last {
			continue
		}
		m.mu.Lock()
		m.l1.ComputeIfPresent(k, func(x *entry[V]) (*entry[V], otter.ComputeOp) {
			if x == e {
				return nil, otter.InvalidateOp
			}
			return x, otter.CancelOp
		})
		m.mu.Unlock()
	}
}

// keep is how long e stays in the back end.
func (m *Memo[K, V]) keep(e *entry[V]) time.Duration { return time.Duration(e.last-e.made) + afterlife }

func (m *Memo[K, V]) policy() Policy          { return m.p }
func (m *Memo[K, V]) generation() *generation { return &m.gen }
func (m *Memo[K, V]) size() int               { return m.l1.EstimatedSize() }
