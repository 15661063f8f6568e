package cache

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// peers keeps this instance's memory in step with the others. It hears every invalidation as it
// happens; it counts them, so that one that is missed shows as a gap; and it asks the back end twice a
// second where the count stands, in case nothing is heard at all. When in doubt it empties L1.
type peers struct {
	c *Cache

	syncing sync.Mutex // one Sync at a time

	mu      sync.Mutex
	hearing bool                   // nothing passes unheard, guarded by mu
	joins   int                    // how often that began, guarded by mu
	seen    map[string]int64       // the last number of each scope, guarded by mu
	answers map[string]chan string // who applied what, by Ref, guarded by mu
	told    [64]string             // Refs of this instance's latest invalidations that the back end has confirmed, guarded by mu
	tells   int                    // how many those were, guarded by mu
}

const (
	pollEvery = 500 * time.Millisecond
	// pollGrace is how long a notice may take to arrive after the poll that counts it.
	pollGrace = 20 * time.Millisecond
	// instanceLife is how long an instance counts as alive after its last sign. It is longer than
	// maxAdrift: one that was cut off believes its memory no longer than others wait for its answer.
	instanceLife = maxAdrift + time.Second
	// ackBudget is how long an invalidation waits for the answers of the other instances.
	ackBudget = 250 * time.Millisecond
	firstMeet = 250 * time.Millisecond
)

func newPeers(c *Cache) *peers {
	return &peers{c: c, seen: map[string]int64{}, answers: map[string]chan string{}}
}

// start makes the first contact, waiting for it no longer than firstMeet, and keeps in touch until run ends.
func (p *peers) start(ctx, run context.Context) {
	joined := make(chan struct{})
	p.c.done.Go(func() { p.listen(run, sync.OnceFunc(func() { close(joined) })) })
	meet := time.NewTimer(firstMeet)
	defer meet.Stop()
	select {
	case <-joined:
	case <-meet.C:
	case <-ctx.Done():
	}
	if err := p.c.Sync(ctx); err != nil { // known from the start: no request needs to find it out
		p.c.link.mu.Lock()
		p.c.link.err = err
		p.c.link.cut(err)
		p.c.link.mu.Unlock()
	}
	p.c.done.Go(func() { p.keep(run) })
}

func (p *peers) keep(run context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-run.Done():
			_ = p.c.back.enrol(within(context.WithoutCancel(run), tellBudget), false)
			return
		case <-tick.C:
			_ = p.c.Sync(run) // the link has it
		}
	}
}

// listen hears notices for as long as run lasts, whatever becomes of the connection.
func (p *peers) listen(run context.Context, settled func()) {
	const first, last = 50 * time.Millisecond, time.Second
	for pause := first; run.Err() == nil; pause = min(2*pause, last) {
		err := p.c.back.listen(run, func() { p.joined(); settled(); pause = first }, p.hear)
		p.mu.Lock()
		p.hearing = false
		p.mu.Unlock()
		settled()
		if errors.Is(err, errDeaf) {
			return
		}
		select {
		case <-run.Done():
		case <-time.After(pause):
		}
	}
}

// joined notes that from now on nothing passes unheard; what came before may have.
func (p *peers) joined() {
	p.mu.Lock()
	p.hearing = true
	p.joins++
	again := p.joins > 1
	clear(p.seen)
	p.mu.Unlock()
	if again {
		p.resync("", "heard again")
	}
}

// hear takes one notice in.
func (p *peers) hear(n *notice) {
	switch n.Kind {
	case noticeFill:
		p.c.link.ring(n.Key)
		return
	case noticeAck:
		p.mu.Lock()
		ch := p.answers[n.Ref]
		p.mu.Unlock()
		select {
		case ch <- n.From:
		default: // nobody waits any more
		}
		return
	case noticeKey, noticeNamespace, noticeTag, noticeAll:
	}
	p.mu.Lock()
	last, known := p.seen[n.scope()]
	p.seen[n.scope()] = max(last, n.seq)
	done := n.Ref != "" && slices.Contains(p.told[:], n.Ref) // here already; what was asked since is not to suffer from it
	p.mu.Unlock()
	if known && n.seq > last+1 {
		p.resync(n.scope(), "a notice was missed")
	}
	if n.From != p.c.id || !done && p.c.news(n) {
		p.c.apply(n)
	}
	if n.Ref != "" && n.From != p.c.id {
		_ = p.c.back.ack(within(context.Background(), tellBudget), n) // the receipt will lack it
	}
}

// resync empties L1, or one namespace's part of it.
func (p *peers) resync(scope, why string) {
	for _, s := range p.c.spaceList() {
		if scope == "" || s.policy().Namespace == scope {
			s.clear()
		}
	}
	p.c.tell(Event{Kind: EventResynced, Namespace: scope, Why: why})
}

func abs(x int64) int64 { return max(x, -x) }
