package store

import (
	"context"
	"sync"

	"cifra"
)

// maxGroup is how many callers share a call of the database at most.
const maxGroup = 64

// group has those who come while a call is on its way share the next one (group commit, as databases do it with
// their own logs). Nobody waits for company: whoever comes to an idle database is served at once, and under load
// the groups grow by themselves, so the number of calls, each a way to the database and perhaps a wait for the disk,
// grows far slower than the load. Each call begins after everybody in it came, so a read is no older for it.
type group[T any] struct {
	mu      sync.Mutex // guards waiting and busy
	waiting []*member[T]
	busy    bool // a goroutine calls

	work sync.WaitGroup
}

// member is one of those who share a call.
type member[T any] struct {
	ctx  context.Context //nolint:containedctx // the caller's: nothing is done for one who has gone
	what T
	done chan error // gets one value
}

// call serves some members. Its context has no end of its own: what it does is everybody's.
type call[T any] func(ctx context.Context, all []T) error

// do has f called with what, alone or among others, and returns how that ended, or the end of ctx. A call of f at a time.
func (g *group[T]) do(ctx context.Context, what T, f call[T]) error {
	m := &member[T]{ctx: ctx, what: what, done: make(chan error, 1)}
	g.add(m, f)
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *group[T]) add(m *member[T], f call[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, m)
	if g.busy {
		return
	}
	g.busy = true
	g.work.Go(func() {
		for ms := g.next(); ms != nil; ms = g.next() {
			f.serve(ms)
		}
	})
}

// next returns those who still wait; nil, with which the goroutine ends, where nobody does.
func (g *group[T]) next() []*member[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ms []*member[T]
	for len(g.waiting) > 0 && len(ms) < maxGroup {
		if m := g.waiting[0]; m.ctx.Err() == nil {
			ms = append(ms, m)
		}
		g.waiting[0] = nil
		g.waiting = g.waiting[1:]
	}
	if ms == nil {
		g.busy, g.waiting = false, nil
	}
	return ms
}

// serve calls f for ms together. Where that fails by the fault of one of them, it does so for each alone.
func (f call[T]) serve(ms []*member[T]) {
	all := make([]T, len(ms))
	for i, m := range ms {
		all[i] = m.what
	}
	err := f(context.WithoutCancel(ms[0].ctx), all)
	if err == nil || len(ms) == 1 || cifra.CodeOf(err) == cifra.Unavailable {
		for _, m := range ms {
			m.done <- err
		}
		return
	}
	for i, m := range ms {
		m.done <- f(context.WithoutCancel(m.ctx), all[i:i+1])
	}
}
