package cache

import (
	"context"
	"slices"
	"sync/atomic"

	"cifra"
)

// flight is one search for a key's value in this process: everybody who asks meanwhile waits for it.
type flight[K comparable, V any] struct {
	k    K
	slot slot
	old  *entry[V] // what L1 had when it began; nil for nothing

	over    atomic.Bool   // res is there
	done    chan struct{} // closed once over; made for the first who waits, guarded by the memo's mu
	offer   chan struct{} // closed once offered, in the same way
	offered bool          // spare may be given at once although the search goes on, guarded by the memo's mu
	// spare is what the back end had that may be given now, or if the loader fails or is slow.
	spare   atomic.Pointer[entry[V]]
	waiters atomic.Int32
	alone   bool        // nobody joins it, and it takes no lease, see [WithoutSingleFlight]
	doomed  atomic.Bool // an invalidation came: what this flight brings is only for those who asked before it

	res result[V] // set before over is
	// These belong to the one goroutine that flies, and to all once it is over.
	cause    *Cause // why the value had to be made
	degraded bool   // the back end could not be asked
	awaited  bool   // another instance was making the value
	seen     string // nonce of the fill that the back end had, and that was of no use
}

// result is what a flight brought.
type result[V any] struct {
	e       *entry[V] // nil where err is an error that is not kept
	err     error
	outcome cifra.Outcome // of the one who started the flight
	tier    string
	cause   *Cause // of a stale value: why it is not a fresh one

	degraded bool
}

// join returns the flight for k. It is first where the caller has to see to it that it ends. It is nil where
// one has just ended, so that L1 has something else than seen.
func (m *Memo[K, V]) join(k K, seen *entry[V]) (f *flight[K, V], first bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f = m.flights[k]; f != nil {
		f.waiters.Add(1)
		return f, false, nil
	}
	e, _ := m.l1.GetIfPresent(k)
	if e != seen && e != nil {
		return nil, false, nil
	}
	if f, err = m.flight(k); err != nil {
		return nil, false, err
	}
	f.old = e // not seen, which may have been invalidated, and its epitaph evicted, since it was looked at
	m.flights[k] = f
	return f, true, nil
}

// flight returns a new flight for k, which is known to nobody yet.
func (m *Memo[K, V]) flight(k K) (*flight[K, V], error) {
	f := &flight[K, V]{k: k}
	var err error
	f.slot, err = m.slot(k)
	return f, err
}

// bells returns what wakes who waits for f: its end, and the moment from which its spare may be given.
func (m *Memo[K, V]) bells(f *flight[K, V]) (done, offer <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.done == nil {
		f.done, f.offer = make(chan struct{}), make(chan struct{})
		if f.over.Load() {
			close(f.done)
		}
		if f.offered {
			close(f.offer)
		}
	}
	return f.done, f.offer
}

// solo returns a flight for k that nobody else joins.
func (m *Memo[K, V]) solo(k K) (*flight[K, V], error) {
	f, err := m.flight(k)
	if err != nil {
		return nil, err
	}
	f.alone = true
	m.mu.Lock()
	defer m.mu.Unlock()
	f.old, _ = m.l1.GetIfPresent(k)
	m.alone[f] = struct{}{}
	return f, nil
}

// land ends f with r, once: it reports false where f had ended before. If keep, r's entry goes into L1,
// unless an invalidation came while f was under way.
func (m *Memo[K, V]) land(f *flight[K, V], r result[V], keep bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.over.Load() {
		return false
	}
	if keep && !f.doomed.Load() {
		m.set(f.k, r.e)
	}
	delete(m.alone, f)
	if m.flights[f.k] == f {
		delete(m.flights, f.k)
	}
	r.degraded = r.degraded || f.degraded
	f.res = r
	f.over.Store(true)
	if f.done != nil {
		close(f.done)
	}
	return true
}

// lend lets everybody who waits for f have e at once, while f goes on.
func (m *Memo[K, V]) lend(f *flight[K, V], e *entry[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !f.doomed.Load() {
		m.set(f.k, e)
	}
	f.spare.Store(e)
	f.offered = true
	if f.offer != nil {
		close(f.offer)
	}
}

// doom cuts off the flights for which hit is true: whoever asks from now on starts another one, and
// what they bring doesn't stay. m.mu is held.
func (m *Memo[K, V]) doom(hit func(*flight[K, V]) bool) {
	for k, f := range m.flights {
		if hit(f) {
			f.doomed.Store(true)
			delete(m.flights, k)
		}
	}
	for f := range m.alone {
		if hit(f) {
			f.doomed.Store(true)
		}
	}
}

// outdate cuts off the flights that belong to g, but the one in the slot but.
func (m *Memo[K, V]) outdate(g *generation, but *slot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.doom(func(f *flight[K, V]) bool { return &f.slot != but && slices.Contains(f.slot.gens, g) })
}

// forget applies the invalidation of one key to L1, and to the flight for it.
func (m *Memo[K, V]) forget(args string, c *Cause, soft bool) {
	k, ok := argumentsTo[K](args)
	if !ok { // a key that can't be read back: all of them must go
		m.clear()
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.flights[k]; f != nil {
		f.doomed.Store(true)
		delete(m.flights, k)
	}
	for f := range m.alone {
		if f.k == k {
			f.doomed.Store(true)
		}
	}
	e, ok := m.l1.GetIfPresent(k)
	switch {
	case !ok || e.gone != nil:
	case soft:
		m.set(k, e.expired(m.c.clock.now()))
	default:
		m.set(k, epitaph[V](e.span, e.meta, e.nonce, c))
	}
}

// clear empties L1, and cuts off all flights: something may have been missed.
func (m *Memo[K, V]) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.doom(func(*flight[K, V]) bool { return true })
	m.l1.InvalidateAll()
}

// expired returns a copy of e that stopped being fresh at now, and of which no loader has failed.
func (e *entry[V]) expired(now int64) *entry[V] {
	x := &entry[V]{v: e.v, span: e.span, negative: e.negative, ties: &ties{
		meta: e.meta, err: e.err, last: e.last, all: e.all, ns: e.ns, tags: e.tags, since: e.since, nonce: e.nonce, bytes: e.bytes, gone: e.gone,
	}}
	x.fresh = min(x.fresh, now)
	x.early = x.fresh
	return x
}

// detached returns the context of work that goes on when its caller leaves.
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
