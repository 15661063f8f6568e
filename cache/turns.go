package cache

import "sync"

// turns has those who invalidate the same tag at the same time share one invalidation, as databases have commits
// share a write: who comes while one is under way shares the next, which begins after all of them came, so it
// covers what each of them changed. Alone nobody waits. Without it a program that sends a hundred pictures at once
// has each of them tell the whole fleet that its user's figures changed.
type turns struct {
	mu sync.Mutex
	m  map[turnOf]*queue // guarded by mu
}

// turnOf is what must be the same for a receipt to serve several.
type turnOf struct {
	tag string
	how how
}

// queue is the invalidation that is under way, and the one that waits for it, if any.
type queue struct{ now, next *turn }

// turn is one invalidation for all who share it.
type turn struct {
	over    chan struct{} // closed when it has ended
	receipt Receipt       // to be read after that
	held    bool          // it came to its end
}

// take returns what invalidate does for all who come in time for it.
func (t *turns) take(of turnOf, invalidate func() Receipt) Receipt {
	mine, before, leads := t.join(of)
	if !leads {
		<-mine.over
		if !mine.held { // the one who did it for all panicked
			return invalidate()
		}
		return mine.receipt
	}
	if before != nil {
		<-before.over
	}
	defer t.end(of, mine)
	mine.receipt = invalidate()
	mine.held = true
	return mine.receipt
}

// join returns the turn to share, the one to wait for before it, if any, and whether the caller is the one who does it.
func (t *turns) join(of turnOf) (mine, before *turn, leads bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.m[of]
	switch {
	case q == nil:
		if t.m == nil {
			t.m = map[turnOf]*queue{}
		}
		mine = &turn{over: make(chan struct{})}
		t.m[of] = &queue{now: mine}
		return mine, nil, true
	case q.next == nil:
		q.next = &turn{over: make(chan struct{})}
		return q.next, q.now, true
	default:
		return q.next, nil, false
	}
}

// end has the next turn begin.
func (t *turns) end(of turnOf, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.m[of]
	if q.now, q.next = q.next, nil; q.now == nil {
		delete(t.m, of)
	}
	close(mine.over)
}
