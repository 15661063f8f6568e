package cache

import (
	"context"
	"time"

	"cifra"
)

// ask is Get where L1 alone doesn't settle it: e is what L1 has, nil for nothing.
func (m *Memo[K, V]) ask(ctx context.Context, k K, load Loader[K, V], e *entry[V]) (V, Info, error) {
	w, now := wishOf(ctx).or(), m.c.clock.now()
	if w.bypass {
		return m.bypass(ctx, w, k, load, now)
	}
	step := w.trace.step("l1")
	st := m.judge(e, now)
	if st == fresh && !m.believed(e, now) {
		st = spare // it may have been invalidated without our hearing of it: ask the back end
	}
	switch st {
	case fresh:
		step("hit")
		e.hits.Add(1)
		if now >= e.early {
			m.refresh(ctx, k, load, e)
		}
		return m.give(w, e, e.info(cifra.HitL1, tierMemory, now), now)
	case stale:
		step("stale")
		info := e.info(cifra.Stale, tierMemory, now)
		info.Cause = e.trouble
		if now >= e.rest {
			info.Cause = m.refresh(ctx, k, load, e)
		}
		return m.give(w, e, info, now)
	case none, dead, spare:
		step("miss")
	}

	m.met.Do(func() { m.c.meet(ctx, m.p.Namespace) })
	f, first, err := m.board(w, k, e)
	switch {
	case err != nil: // no key, no cache
		return m.bypass(ctx, w, k, load, now)
	case f == nil: // a flight has ended since L1 was asked
		e, _ = m.l1.GetIfPresent(k)
		return m.ask(ctx, k, load, e)
	}
	if first && !m.lookup(ctx, f) {
		go m.fetch(detached(ctx), f, load)
	}
	return m.wait(ctx, w, f, first, now)
}

// board returns the flight that brings k's value to who wishes w, see [Memo.join].
func (m *Memo[K, V]) board(w wish, k K, seen *entry[V]) (f *flight[K, V], first bool, err error) {
	if w.alone {
		f, err = m.solo(k)
		return f, true, err
	}
	return m.join(k, seen)
}

// refresh replaces e behind the callers' backs, unless that is under way, and says why it must.
func (m *Memo[K, V]) refresh(ctx context.Context, k K, load Loader[K, V], e *entry[V]) *Cause {
	f, first, err := m.join(k, e)
	if err != nil || f == nil { // it has just been refreshed
		return &Cause{Kind: Expired}
	}
	cause := m.cause(e, &f.slot, m.c.clock.now())
	if !first {
		return cause
	}
	f.spare.Store(f.old)
	ctx = context.WithValue(detached(ctx), wishKey{}, (*wish)(nil)) // its steps are not the caller's
	go func() {
		if !m.lookup(ctx, f) {
			m.fetch(ctx, f, load)
		}
	}()
	return cause
}

// wait waits for f: until it ends, or something may be given before, or the caller leaves.
func (m *Memo[K, V]) wait(ctx context.Context, w wish, f *flight[K, V], first bool, start int64) (V, Info, error) {
	if f.over.Load() { // the usual case where the back end had it
		return m.landed(w, f, first, start)
	}
	var slow <-chan time.Time
	if m.p.SoftTimeout > 0 {
		t := time.NewTimer(m.p.SoftTimeout)
		defer t.Stop()
		slow = t.C
	}
	step := w.trace.step("wait")
	if first {
		step = nothing // its steps are the flight's
	}
	done, offer := m.bells(f)
	for {
		select {
		case <-done:
			step("done")
			return m.landed(w, f, first, start)
		case <-offer:
			step("stale")
			e := f.spare.Load()
			now := m.c.clock.now()
			info := e.info(cifra.Stale, m.c.back.tier(), now)
			info.Cause = m.cause(e, &f.slot, now)
			return m.give(w, e, info, start)
		case <-slow:
			e := f.spare.Load()
			if e == nil {
				slow = nil // nothing to give instead
				continue
			}
			step("slow")
			info := e.info(cifra.Stale, tierMemory, m.c.clock.now())
			info.Cause = &Cause{Kind: LoadSlow}
			m.c.tell(Event{Kind: EventFailSafe, Namespace: m.p.Namespace, Key: e.key, Why: string(LoadSlow)})
			return m.give(w, e, info, start)
		case <-ctx.Done():
			step("left")
			var zero V
			return zero, Info{Outcome: cifra.Miss, ties: &ties{meta: meta{key: f.slot.key}}, Steps: w.trace.steps()}, context.Cause(ctx)
		}
	}
}

// landed gives what f brought.
func (m *Memo[K, V]) landed(w wish, f *flight[K, V], first bool, start int64) (V, Info, error) {
	r := f.res
	outcome := r.outcome
	if !first && outcome == cifra.Miss {
		outcome = cifra.Coalesced
	}
	now := m.c.clock.now()
	if r.e == nil {
		var zero V
		info := Info{Outcome: outcome, Cause: f.cause, ties: &ties{meta: meta{key: f.slot.key}}, Degraded: r.degraded || m.c.link.ill()}
		info.Took, info.Steps, info.Waiters = time.Duration(now-start), w.trace.steps(), int(f.waiters.Load())
		m.stats.count(info)
		return zero, info, r.err
	}
	info := r.e.info(outcome, r.tier, now)
	switch outcome {
	case cifra.Miss, cifra.Coalesced, cifra.Bypass:
		info.Cause, info.Tier = f.cause, ""
	case cifra.Stale:
		info.Cause = r.cause
	case cifra.HitL1, cifra.HitL2:
	}
	info.Waiters, info.Degraded = int(f.waiters.Load()), r.degraded
	return m.give(w, r.e, info, start)
}

// give completes info for an answer that began at start.
func (m *Memo[K, V]) give(w wish, e *entry[V], info Info, start int64) (V, Info, error) {
	info.Took = time.Duration(m.c.clock.now() - start)
	info.Degraded = info.Degraded || m.c.link.ill()
	info.Steps = w.trace.steps()
	m.stats.count(info)
	return e.v, info, e.err
}

// bypass runs load for this caller alone.
func (m *Memo[K, V]) bypass(ctx context.Context, w wish, k K, load Loader[K, V], start int64) (V, Info, error) {
	step := w.trace.step("loader")
	v, err := m.run(ctx, k, load)
	step(failed(err))
	now := m.c.clock.now()
	info := Info{
		Outcome: cifra.Bypass, Cause: &Cause{Kind: Skipped}, Took: time.Duration(now - start), Degraded: m.c.link.ill(),
		Steps: w.trace.steps(), made: now, ties: &ties{meta: meta{by: m.c.instance, cost: now - start}},
	}
	m.stats.count(info)
	return v, info, err
}
