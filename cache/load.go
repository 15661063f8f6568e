package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"cifra"
)

// lookup asks the back end. It reports true where that ended the flight.
func (m *Memo[K, V]) lookup(ctx context.Context, f *flight[K, V]) bool {
	if m.c.back == nil || m.p.Local {
		m.explain(f, nil)
		return false
	}
	step := wishOf(ctx).or().trace.step(m.c.back.tier())
	r, err := m.c.link.read(ctx, &f.slot)
	if err != nil {
		step("unreachable")
		f.degraded = true
		m.explain(f, nil)
		return false
	}
	return m.settle(f, r, step)
}

// settle makes what it can of the back end's reply, and reports true where that ended the flight.
func (m *Memo[K, V]) settle(f *flight[K, V], r reply, step func(string)) bool {
	whole := m.c.learn(&f.slot, r.gens)
	e := m.unseal(r.value, &f.slot)
	now := m.c.clock.now()
	st := m.judge(e, now)
	if !whole {
		st = min(st, dead)
	}
	if st >= spare {
		m.p.arrive(e, e.span, e.cost, now)
	}
	switch {
	case st == fresh && !supersedes(f.old, e, now):
		step("hit")
		res := result[V]{e: e, err: e.err, outcome: cifra.HitL2, tier: m.c.back.tier()}
		if f.awaited {
			res.outcome, res.tier = cifra.Coalesced, ""
		}
		m.land(f, res, true)
		return true
	case st == stale && f.spare.Load() == nil:
		step("stale")
		f.seen = nonceOf(r.value)
		m.explain(f, e)
		m.lend(f, e)
		return false
	case st >= spare && f.spare.Load() == nil:
		f.spare.Store(e)
	}
	step("miss")
	f.seen = nonceOf(r.value)
	m.explain(f, e)
	return false
}

// supersedes reports whether old is due for an early refresh that e is not the fruit of.
func supersedes[V any](old, e *entry[V], now int64) bool {
	return old != nil && old.gone == nil && old.nonce == e.nonce && now >= old.early
}

// explain notes why the value has to be made: what the back end said of it, else what L1 remembers.
func (m *Memo[K, V]) explain(f *flight[K, V], l2 *entry[V]) {
	now, l1 := m.c.clock.now(), f.old
	removed := l2 != nil && l2.gone != nil // what L1 has is older than that
	if f.spare.Load() == nil && !removed && m.judge(l1, now) >= spare {
		f.spare.Store(l1) // better than an error
	}
	e := l2
	if e == nil {
		e = l1
	}
	unknown := e == nil || l2 == nil && m.c.back != nil && now < e.early && m.judge(e, now) == fresh
	switch {
	case f.cause != nil:
	case unknown && f.degraded:
		f.cause = &Cause{Kind: Unreachable}
	case unknown && (e != nil || wasEvicted(&m.stats.evicted, f.k)):
		f.cause = &Cause{Kind: Evicted}
	default:
		f.cause = m.cause(e, &f.slot, now)
	}
}

// fetch makes the value, or waits for another instance that does, and ends the flight.
func (m *Memo[K, V]) fetch(ctx context.Context, f *flight[K, V], load Loader[K, V]) {
	l := m.lease(ctx, f)
	if l == nil {
		return // another instance made it
	}
	e, err := m.make(ctx, f, load, l)
	switch {
	case errors.Is(err, errLanded):
		return // the hard timeout ended the flight
	case err != nil && m.isFinal(err):
		l.release(ctx)
		m.bury(ctx, f, err)
		return
	case err != nil:
		l.release(ctx)
		m.fail(f, err)
		return
	}
	res := result[V]{e: e, err: e.err, outcome: cifra.Miss}
	kept, reached := m.fill(ctx, f, l, e)
	res.degraded = !reached
	m.land(f, res, kept)
	m.sweep(e.made)
}

var errLanded = errors.New("cache: the flight has ended")

// make runs the loader and returns its value, tied to the generations of before.
func (m *Memo[K, V]) make(ctx context.Context, f *flight[K, V], load Loader[K, V], l *lease) (*entry[V], error) {
	e := &entry[V]{ties: &ties{tags: f.slot.stamps(nil)}}
	e.all, e.ns = m.c.all.cur(), m.gen.cur()
	e.gen = max(e.all, e.ns)
	e.key, e.by, e.nonce = f.slot.key, m.c.instance, l.nonce

	late := time.AfterFunc(m.p.HardTimeout, func() { m.timeout(ctx, f, l) })
	defer late.Stop()
	step := wishOf(ctx).or().trace.step("loader")
	start := m.c.clock.now()
	v, err := m.run(ctx, f.k, load)
	now := m.c.clock.now()
	step(failed(err))
	if f.over.Load() {
		return nil, errLanded
	}
	e.cost = now - start
	m.stats.loads.Add(1)
	m.stats.loadTime.Add(e.cost)
	if err != nil {
		if m.absent == nil || m.p.NegativeTTL == 0 || !m.absent(err) {
			if !m.isFinal(err) {
				m.stats.failures.Add(1)
			}
			return nil, err
		}
		e.err, e.negative = err, true
	} else {
		e.v = v
	}
	m.p.times(&e.span, e.ties, now, e.negative)
	m.p.arrive(e, e.span, e.cost, now)
	return e, nil
}

// run runs load within the hard timeout. A panic becomes an error: it belongs to all who wait.
func (m *Memo[K, V]) run(ctx context.Context, k K, load Loader[K, V]) (v V, err error) {
	defer func() {
		if p := recover(); p != nil {
			m.c.log.ErrorContext(ctx, "cache: a loader panicked", "namespace", m.p.Namespace, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("cache: the loader of %s panicked: %v", m.p.Namespace, p)
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, m.p.HardTimeout, ErrTimeout)
	defer cancel()
	if load == nil {
		return v, fmt.Errorf("cache: %s has no loader: use GetWith", m.p.Namespace)
	}
	return load(ctx, k)
}

// timeout ends f when its loader doesn't.
func (m *Memo[K, V]) timeout(ctx context.Context, f *flight[K, V], l *lease) {
	l.release(ctx)
	m.fail(f, ErrTimeout)
}

// fail ends f with err, or with a stale value that covers it.
func (m *Memo[K, V]) fail(f *flight[K, V], err error) {
	now := m.c.clock.now()
	e := f.spare.Load()
	if e == nil || m.judge(e, now) < spare {
		m.land(f, result[V]{err: err, outcome: cifra.Miss}, false)
		m.c.tell(Event{Kind: EventLoadFailed, Namespace: m.p.Namespace, Key: f.slot.key, Err: err})
		return
	}
	c := &Cause{Kind: LoadFailed, Why: err.Error()}
	rested := e.expired(now)
	rested.since = now
	rested.stale = max(rested.stale, min(rested.last, now+int64(m.p.RetryAfter))) // don't try again at each call
	rested.rest, rested.trouble = now+int64(m.p.RetryAfter), c
	m.land(f, result[V]{e: rested, err: e.err, outcome: cifra.Stale, tier: tierMemory, cause: c}, true)
	m.c.tell(Event{Kind: EventFailSafe, Namespace: m.p.Namespace, Key: f.slot.key, Err: err})
}

// isFinal reports whether err, which isn't kept, says that there is no value rather than that it can't be made.
func (m *Memo[K, V]) isFinal(err error) bool {
	return m.final != nil && m.final(err) || m.absent != nil && m.absent(err)
}

// bury ends f with a final error. What is remembered under its key, and could cover a failure, is invalidated.
func (m *Memo[K, V]) bury(ctx context.Context, f *flight[K, V], err error) {
	if f.spare.Load() != nil {
		m.invalidate(ctx, f.slot.args, m.c.how(ctx, "its loader says: "+err.Error(), nil))
	}
	m.land(f, result[V]{err: err, outcome: cifra.Miss}, false)
}

func failed(err error) string {
	if err != nil {
		return "failed"
	}
	return ""
}
