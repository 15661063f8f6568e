package cache

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// link is the way to the back end. It counts what fails: after failuresToOpen failures in a row it is
// open, and nothing is asked until a probe succeeds; requests never serve as probes.
type link struct {
	c      *Cache
	open   atomic.Bool // nothing is asked
	mute   atomic.Bool // the last write was refused
	shaky  atomic.Bool // failures > 0
	paying atomic.Bool // it is told what it missed: what is invalidated now goes there at once

	mu       sync.Mutex
	failures int                // in a row, guarded by mu
	since    int64              // when the state last changed, guarded by mu
	err      error              // the last failure, guarded by mu
	backlog  map[debt]notice    // invalidations that the back end hasn't heard of, guarded by mu
	waiting  map[string][]*bell // who waits for another instance's fill, by key, guarded by mu
}

const failuresToOpen = 5

// How long the back end may take. A read holds up a request; what a load needs is worth more patience:
// a flat 50 ms made two instances load in 9 of 10 stampedes on a busy machine.
const (
	readBudget    = 60 * time.Millisecond
	acquireBudget = 75 * time.Millisecond
	waitBudget    = 500 * time.Millisecond
	fillBudget    = 500 * time.Millisecond
	tellBudget    = 250 * time.Millisecond
	pollBudget    = 250 * time.Millisecond
)

// errOpen is what a call gets while the back end isn't asked.
var errOpen = errors.New("cache: the back end is not asked just now")

func newLink(c *Cache) *link {
	return &link{c: c, since: c.clock.now(), backlog: map[debt]notice{}, waiting: map[string][]*bell{}}
}

// ill reports whether the back end is out of reach or refuses writes.
func (l *link) ill() bool { return l.open.Load() || l.mute.Load() }

func (l *link) read(ctx context.Context, s *slot) (reply, error) {
	if l.open.Load() {
		return reply{}, errOpen
	}
	r, err := l.c.back.read(within(ctx, readBudget), s)
	l.note(err)
	return r, err
}

// acquire has little time where the back end did not answer the read before it, and more where it did, or
// once it is clear that another instance makes the value.
func (l *link) acquire(ctx context.Context, s *slot, id, seen string, patient bool) (reply, error) {
	if l.open.Load() {
		return reply{}, errOpen
	}
	budget := acquireBudget
	if patient {
		budget = waitBudget
	}
	r, err := l.c.back.acquire(within(ctx, budget), s, id, seen)
	l.noteWrite(err)
	return r, err
}

func (l *link) renew(ctx context.Context, s *slot, id string) (bool, error) {
	if l.open.Load() {
		return false, errOpen
	}
	ok, err := l.c.back.renew(within(ctx, fillBudget), s, id)
	l.noteWrite(err)
	return ok, err
}

func (l *link) fill(ctx context.Context, s *slot, id string, value []byte, life time.Duration) (bool, error) {
	if l.open.Load() {
		return false, errOpen
	}
	ok, err := l.c.back.fill(within(ctx, fillBudget), s, id, value, life)
	l.noteWrite(err)
	return ok, err
}

func (l *link) release(ctx context.Context, s *slot, id string) error {
	if l.open.Load() {
		return errOpen
	}
	err := l.c.back.release(within(ctx, fillBudget), s, id)
	l.noteWrite(err)
	return err
}

func (l *link) invalidate(ctx context.Context, n *notice, floor int64) ([]string, error) {
	if l.open.Load() && !l.paying.Load() {
		return nil, errOpen
	}
	live, err := l.c.back.invalidate(within(ctx, tellBudget), n, floor)
	if errors.Is(err, ErrUndo) {
		l.noteWrite(nil) // an answer like any other
	} else {
		l.noteWrite(err)
	}
	return live, err
}

// note takes the result of a call into account.
func (l *link) note(err error) {
	if err == nil && !l.shaky.Load() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.failures = 0
		l.shaky.Store(false)
		return
	}
	l.err = err
	if errors.Is(err, errRefused) {
		return // it is there, and answers
	}
	l.failures++
	l.shaky.Store(true)
	if l.failures >= failuresToOpen {
		l.cut(err)
	}
}

// noteWrite is note for what writes: a back end that answers but takes no writes is muted, not cut off.
func (l *link) noteWrite(err error) {
	l.note(err)
	if refused := errors.Is(err, errRefused); refused != l.mute.Load() && (refused || err == nil) {
		l.mu.Lock()
		l.since = l.c.clock.now()
		l.mu.Unlock()
		l.mute.Store(refused)
	}
}

// cut stops the asking. l.mu is held.
func (l *link) cut(err error) {
	if l.open.Swap(true) {
		return
	}
	l.since = l.c.clock.now()
	l.c.log.Warn("cache: the back end is not asked any more", "error", err)
	go l.c.tell(Event{Kind: EventDown, Err: err})
}

// mend lets the asking begin again, after everything missed was made up for. It returns false where something is
// owed again already.
func (l *link) mend() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = 0
	l.shaky.Store(false)
	if len(l.backlog) > 0 {
		return false
	}
	if !l.open.Swap(false) {
		return true
	}
	now := l.c.clock.now()
	took := time.Duration(now - l.since)
	l.since, l.err = now, nil
	l.c.log.Info("cache: the back end is asked again", "after", took)
	go l.c.tell(Event{Kind: EventUp, Took: took})
	return true
}

// debt is what an invalidation is about: of several that are owed, the last one does for all.
type debt struct {
	kind          noticeKind
	ns, args, tag string
	soft          bool
	undo          int64
}

func (n *notice) debt() debt { return debt{n.Kind, n.NS, n.Args, n.Tag, n.Soft, n.Undo} }

// owe keeps n for later: the back end couldn't be told. Until it was, nothing is read from there,
// since it may still have what n removed.
func (l *link) owe(n notice, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n.seq, n.cur, n.hard, n.from = 0, 0, 0, 0
	l.backlog[n.debt()] = n
	if len(l.backlog) > maxBacklog {
		clear(l.backlog)
		all := notice{Kind: noticeAll, By: n.By, Why: "too many invalidations during an outage"}
		l.backlog[all.debt()] = all
	}
	l.err = err
	l.cut(err)
}

const maxBacklog = 10_000

// owed returns what the back end hasn't been told.
func (l *link) owed() []notice {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.backlog))
}

// paid forgets n, unless what it is about was invalidated again meanwhile.
func (l *link) paid(n notice) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.backlog[n.debt()] == n {
		delete(l.backlog, n.debt())
	}
}

// bell wakes one who waits for another instance's fill.
type bell struct{ rung chan struct{} }

// await returns a bell that rings when the key's value is there, or its maker gave up.
func (l *link) await(key string) *bell {
	b := &bell{make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[key] = append(l.waiting[key], b)
	return b
}

// ring wakes all who wait for key.
func (l *link) ring(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.waiting[key] {
		close(b.rung)
	}
	delete(l.waiting, key)
}

// hush forgets b, which nobody listens to any more.
func (l *link) hush(key string, b *bell) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := slices.DeleteFunc(l.waiting[key], func(x *bell) bool { return x == b })
	if l.waiting[key] = left; len(left) == 0 {
		delete(l.waiting, key)
	}
}

// within is ctx without its end, but with a deadline that needs no timer: it bounds reading and writing on
// a connection. A caller who leaves must not break a connection that others use next.
func within(ctx context.Context, d time.Duration) context.Context {
	return &deadline{ctx, time.Now().Add(d)} //nolint:forbidigo // a deadline for the network is of real time
}

type deadline struct {
	context.Context
	at time.Time
}

func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }
func (d *deadline) Done() <-chan struct{}       { return nil }
func (d *deadline) Err() error                  { return nil }
