package cache

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// lease is the right to make one key's value, among all instances, for as long as it is renewed.
// Whoever invalidates the key takes it away, and with it the right to store what was made.
type lease struct {
	c     *Cache
	slot  *slot
	id    string
	nonce uint64 // of the fill
	held  bool   // in the back end; without one, the flight alone guards the key

	mu    sync.Mutex
	renew *time.Timer // guarded by mu; nil once the lease was given back
}

// lease takes the lease for f's key. It returns nil where there is no more need for it: another
// instance made the value meanwhile, and f has ended with it.
func (m *Memo[K, V]) lease(ctx context.Context, f *flight[K, V]) *lease {
	l := &lease{c: m.c, slot: &f.slot, nonce: rand.Uint64()} //nolint:gosec // tells fills apart, guards nothing
	if m.c.back == nil || m.p.Local || f.alone {
		return l
	}
	l.id = randomHex(8)
	trace := wishOf(ctx).or().trace
	until := m.c.clock.now() + int64(m.p.HardTimeout)
	for pause, failures := firstPause, 0; ; {
		step := trace.step("lease")
		b := m.c.link.await(f.slot.key)     // before asking, or the news may pass unheard
		patient := f.awaited || !f.degraded // the back end has just answered: what is late is this busy machine
		r, err := m.c.link.acquire(ctx, &f.slot, l.id, f.seen, patient)
		switch {
		case err != nil:
			m.c.link.hush(f.slot.key, b)
			step("unreachable")
			f.degraded = true
			if failures++; failures > 1 || !f.awaited || errors.Is(err, errOpen) {
				return l
			}
		case r.won:
			m.c.link.hush(f.slot.key, b)
			step("won")
			m.c.learn(&f.slot, r.gens)
			l.hold(ctx)
			return l
		case nonceOf(r.value) != f.seen:
			m.c.link.hush(f.slot.key, b)
			if m.settle(f, r, step) {
				return nil
			}
			continue
		default:
			f.awaited = true
		}
		select {
		case <-b.rung:
		case <-time.After(pause):
		}
		m.c.link.hush(f.slot.key, b)
		step("waited")
		pause = min(pause*3/2, lastPause)
		if m.c.clock.now() > until {
			m.fail(f, ErrTimeout)
			return nil
		}
	}
}

// While another instance makes the value, this one is woken when it is there. Where the notice is
// lost it asks by itself, first after firstPause, then less often.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 250 * time.Millisecond
)

// hold keeps the lease from ending while the loader runs.
func (l *lease) hold(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = true
	l.renew = time.AfterFunc(leaseRenew, func() { l.again(ctx) })
}

func (l *lease) again(ctx context.Context) {
	mine, err := l.c.link.renew(ctx, l.slot, l.id)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.renew != nil && (mine || err != nil) {
		l.renew.Reset(leaseRenew)
	}
}

// end stops the renewing, and reports whether there is a lease to give back.
func (l *lease) end() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.renew == nil {
		return false
	}
	l.renew.Stop()
	l.renew = nil
	return true
}

// release gives the lease back without a value, so that another may try.
func (l *lease) release(ctx context.Context) {
	if l.end() {
		_ = l.c.link.release(ctx, l.slot, l.id) // else it ends by itself
	}
}

// fill stores e in the back end and gives the lease back. kept says whether L1 may keep e: not if its
// key was invalidated while it was made. reached is false where the back end can't be told.
func (m *Memo[K, V]) fill(ctx context.Context, f *flight[K, V], l *lease, e *entry[V]) (kept, reached bool) {
	if f.doomed.Load() {
		l.release(ctx)
		return false, true
	}
	if !l.held {
		return true, m.c.back == nil || m.p.Local || f.alone
	}
	step := wishOf(ctx).or().trace.step("fill")
	value, err := m.seal(e, &f.slot)
	if err != nil { // JSON can't hold it: this instance keeps it for itself
		m.c.log.WarnContext(ctx, "cache: a value that can't travel", "error", err)
		l.release(ctx)
		step("failed")
		return true, true
	}
	e.bytes = len(value)
	l.end()
	mine, err := m.c.link.fill(ctx, &f.slot, l.id, value, m.keep(e))
	switch {
	case err != nil:
		step("unreachable")
		_ = m.c.link.release(ctx, l.slot, l.id)
		return true, false
	case !mine:
		step("refused")
		m.c.tell(Event{Kind: EventLateFill, Namespace: m.p.Namespace, Key: f.slot.key})
		m.lost(f, e)
		return false, true
	}
	step("")
	return true, true
}

// lost notes in L1 that a value was made but couldn't be kept, for whoever asks next.
func (m *Memo[K, V]) lost(f *flight[K, V], e *entry[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !f.doomed.Load() { // else it is known why
		m.set(f.k, epitaph[V](e.span, e.meta, e.nonce, &Cause{Kind: LeaseLost, At: m.c.clock.now()}))
	}
}

// nonceOf returns what tells the fill in an envelope from another, whatever the bytes are.
func nonceOf(value []byte) string {
	if len(value) < 4 {
		return ""
	}
	return string(value[4:min(12, len(value))])
}
