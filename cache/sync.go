package cache

import (
	"context"
	"time"
)

// meet sees to it that the count of a scope is known before anything of it comes into L1, where
// nothing but the count tells what other instances invalidate.
func (c *Cache) meet(ctx context.Context, scope string) {
	if c.back == nil {
		return
	}
	c.peer.mu.Lock()
	_, known := c.peer.seen[scope]
	hearing := c.peer.hearing
	c.peer.mu.Unlock()
	if !known && !hearing {
		_ = c.Sync(detached(ctx)) // the link has it
	}
}

// Sync asks the back end at once what this instance may have missed, and makes up for it. It does so by
// itself twice a second.
func (c *Cache) Sync(ctx context.Context) error {
	if c.back == nil {
		return nil
	}
	p := c.peer
	p.syncing.Lock()
	defer p.syncing.Unlock()

	scopes := []string{""}
	for _, s := range c.spaceList() {
		scopes = append(scopes, s.policy().Namespace)
	}
	heard, before := p.standing(scopes), c.clock.now()
	seqs, theirs, err := c.back.poll(within(ctx, pollBudget), scopes)
	c.link.note(err)
	if err != nil {
		return err
	}
	if ours := (before + c.clock.now()) / 2; theirs != 0 && abs(theirs*1000-ours) > int64(2*time.Millisecond) {
		c.clock.follow(theirs, ours)
	}
	c.link.noteWrite(c.back.enrol(within(ctx, pollBudget), true))
	if err := p.catchUp(ctx); err != nil {
		return err
	}
	p.compare(scopes, heard, seqs)
	c.trusted.Store(c.clock.now() + int64(maxAdrift))
	return nil
}

// catchUp tells the back end what it has not heard of, empties L1 after an outage and ends it.
func (p *peers) catchUp(ctx context.Context) error {
	if !p.c.link.open.Load() {
		return nil
	}
	p.c.link.paying.Store(true) // or a busy instance would owe more as fast as it pays
	defer p.c.link.paying.Store(false)
	if err := p.pay(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	clear(p.seen)
	p.mu.Unlock()
	p.resync("", "the back end is there again")
	for range catchUpRounds { // what was under way is owed since
		if p.c.link.mend() {
			return nil
		}
		if err := p.pay(ctx); err != nil {
			return err
		}
	}
	return nil // the next poll goes on
}

const catchUpRounds = 10

// pay tells the back end what it has not heard of.
func (p *peers) pay(ctx context.Context) error {
	for _, n := range p.c.link.owed() {
		told := n
		_, err := p.c.back.invalidate(within(ctx, tellBudget), &told, p.c.floor(&n))
		p.c.link.noteWrite(err)
		if err != nil {
			return err
		}
		p.c.link.paid(n)
		p.c.apply(&told)
	}
	return nil
}

// standing returns what was heard of each scope so far, -1 for nothing.
func (p *peers) standing(scopes []string) []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]int64, len(scopes))
	for i, scope := range scopes {
		last, known := p.seen[scope]
		if !known {
			last = -1
		}
		list[i] = last
	}
	return list
}

// compare looks for invalidations that were counted in the back end but not heard here. before is what
// was heard before the poll: a count below it began anew, with a store that lost what it had.
func (p *peers) compare(scopes []string, before, seqs []int64) {
	after := p.standing(scopes)
	for i := range scopes {
		if seqs[i] > after[i] && after[i] >= 0 { // it may be on its way
			time.Sleep(pollGrace) //nolint:forbidigo // what is awaited may never come, and nothing tells when it does
			after = p.standing(scopes)
			break
		}
	}
	p.mu.Lock()
	var missed []string
	for i, scope := range scopes {
		known := after[i] >= 0
		if known && (seqs[i] > after[i] || seqs[i] < before[i]) || !known && !p.hearing {
			missed = append(missed, scope)
			p.seen[scope] = seqs[i]
		} else if !known {
			p.seen[scope] = max(seqs[i], p.seen[scope])
		}
	}
	p.mu.Unlock()
	for _, scope := range missed {
		p.resync(scope, "the count differs")
	}
}
