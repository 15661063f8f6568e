package cache

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"cifra"
)

// entry is a value in L1 with all that is told about it. Once it is there only hits and epoch change.
//
// What a hit reads is together in 64 bytes for a value of a word, a line of the processor's cache: most of what a hit
// takes is the wait for that line. The rest is behind a pointer that a hit copies and doesn't follow.
type entry[V any] struct {
	epoch atomic.Int64 // at which it was found to belong to the current generations, see [Cache.epoch]
	early int64        // refresh behind from then on: fresh, or a bit before (XFetch)
	hits  atomic.Int64
	span
	*ties
	negative bool // it says "not found", by the error in ties
	v        V
}

// span is when a value was made, and until when it is given. Times are nanoseconds of the shared clock.
type span struct {
	made  int64
	fresh int64
}

// meta is what else is told of a value, and travels with it.
type meta struct {
	stale int64  // until then it is given at once, and refreshed behind
	cost  int64  // what its loader took
	by    string // the instance that made it
	key   string // on the wire
	gen   int64  // the later of all and ns
}

// ties is what an entry depends on, and what became of it.
type ties struct {
	meta
	err   error // the loader's, for an entry that says "not found"
	last  int64 // until then it covers a loader that fails
	all   int64 // the generations it belongs to
	ns    int64
	tags  []stamp
	since int64  // when this instance got it
	nonce uint64 // tells one fill of a key from another
	bytes int    // of its envelope; 0 where it has none
	gone  *Cause // not nil: there is no value, only what became of it

	form cifra.Form // what the value is written as, once somebody asked

	rest    int64  // its loader failed: don't try again before
	trouble *Cause // how it failed
}

// epitaph returns an entry that only tells what became of the value that s and m were about.
func epitaph[V any](s span, m meta, nonce uint64, c *Cause) *entry[V] {
	return &entry[V]{span: s, ties: &ties{meta: m, nonce: nonce, gone: c}}
}

// stamp ties a value to the generation of one of its tags.
type stamp struct {
	of *generation
	at int64
}

// state is what may be done with an entry just now, from worst to best.
type state uint8

const (
	none  state = iota // nothing is known
	dead               // only why it died
	spare              // may cover a loader that fails
	stale              // may be given at once, with a refresh behind
	fresh              // may be given
)

// current reports whether e belongs to every generation as this instance knows them. Most often no generation
// has moved since that was found out last.
func (m *Memo[K, V]) current(e *entry[V]) bool {
	epoch := m.c.epoch.Load() // before the generations: one that moves meanwhile makes this epoch an old one
	if e.epoch.Load() == epoch {
		return true
	}
	if e.gone != nil || !m.gen.holds(e.ns) || !m.c.all.holds(e.all) {
		return false
	}
	known := e.ns != 0 && e.all != 0
	for i := range e.tags {
		t := &e.tags[i]
		if !t.of.holds(t.at) {
			return false
		}
		known = known && t.at != 0
	}
	if known || m.c.back == nil { // a generation that isn't known yet may be learnt without a new epoch
		e.epoch.Store(epoch)
	}
	return true
}

// believed reports whether L1's e may be given without asking the back end whether it still holds.
func (m *Memo[K, V]) believed(e *entry[V], now int64) bool {
	return now < m.c.trusted.Load() || now < e.since+int64(maxAdrift)
}

// judge says what may be done with e, which may be nil.
func (m *Memo[K, V]) judge(e *entry[V], now int64) state {
	switch {
	case e == nil:
		return none
	case e.gone != nil, now >= e.last, m.gen.buried(e.ns), m.c.all.buried(e.all):
		return dead
	}
	for _, t := range e.tags {
		if t.of.buried(t.at) {
			return dead
		}
	}
	switch {
	case now < e.fresh && m.current(e):
		return fresh
	case now < e.rest: // its loader has just failed
		return stale
	case m.p.StaleFor > 0 && now < e.stale: // else what a soft invalidation expired early would be given, too
		return stale
	}
	return spare
}

// times sets when an entry made at now stops being fresh, stale and of use, by the policy.
func (p *Policy) times(s *span, t *ties, now int64, negative bool) {
	ttl := p.TTL
	if negative {
		ttl = p.NegativeTTL
	}
	if p.Jitter > 0 {
		ttl -= time.Duration(float64(ttl) * p.Jitter * rand.Float64()) //nolint:gosec // spreads expiry, guards nothing
	}
	s.made = now
	s.fresh = now + int64(ttl)
	t.stale, t.last = s.fresh, s.fresh
	if !negative { // "not found" is not worth keeping beyond its time
		t.stale += int64(p.StaleFor)
		t.last = t.stale + int64(p.StaleIfError)
	}
}

// arrive notes that e reached this instance at now, and draws when to refresh it early.
// XFetch draws at each read; one draw for an entry has the same law for one that is read all the time,
// and costs the reads nothing.
func (p *Policy) arrive(e interface{ arrived(now, early int64) }, s span, cost, now int64) {
	early := s.fresh
	if p.Early > 0 {
		early -= int64(float64(cost) * p.Early * -math.Log(1-rand.Float64())) //nolint:gosec // as above
		early = max(early, s.made+(s.fresh-s.made)/2)                         // a draw from the tail must not refresh all the time
	}
	e.arrived(now, early)
}

func (e *entry[V]) arrived(now, early int64) { e.since, e.early = now, early }

// info describes the giving of e at now.
func (e *entry[V]) info(o cifra.Outcome, tier string, now int64) (i Info) {
	e.describe(&i, o, tier, now)
	return i
}

// describe is info into a place that is there: a hit in memory copies nothing more than it must.
func (e *entry[V]) describe(i *Info, o cifra.Outcome, tier string, now int64) {
	i.Outcome, i.Tier = o, tier
	i.Age, i.TTL = time.Duration(now-e.made), time.Duration(e.fresh-now)
	i.Negative = e.negative
	i.made, i.ties = e.made, e.ties
}
