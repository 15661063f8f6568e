package cache

import (
	"context"
	"time"

	"cifra"
)

// Receipt says what an invalidation did.
type Receipt struct {
	Seq       int64         // its number in its namespace's sequence, or in that of all; 0 without a back end
	Gen       int64         // the generation that a flush began, which names it to [Cache.Undo]; 0 for a key
	Entries   int           // what this instance had in memory of it, about
	Instances []Applied     // who was told, this one first
	Pending   bool          // the back end couldn't be told; it will be, and until then it isn't read here
	Took      time.Duration // until all had applied it, or ackBudget was over
	UndoFor   time.Duration // how long [Cache.Undo] can take it back; 0: it can't be
}

// Applied is one instance's part in a [Receipt].
type Applied struct {
	Name  string
	After time.Duration // since the invalidation began; -1: not heard of within ackBudget
}

// How is a property of an invalidation.
type How func(*how)

type how struct {
	soft    bool
	by, why string
}

// Soft makes an invalidation expire values instead of removing them: they may still be served stale while they are made
// anew, where the policy has a StaleFor, or where the loader fails, where it has a StaleIfError.
func Soft() How { return func(h *how) { h.soft = true } }

// Because says what an invalidation is for: "PUT /people/7". The next miss tells it.
func Because(why string) How { return func(h *how) { h.why = why } }

// By names who invalidates. Unless given it is the context's actor, or this instance.
func By(name string) How { return func(h *how) { h.by = name } }

func (c *Cache) how(ctx context.Context, why string, hows []How) how {
	h := how{by: cifra.ActorFrom(ctx).Name(), why: why}
	if h.by == "-" {
		h.by = c.instance
	}
	for _, f := range hows {
		f(&h)
	}
	return h
}

// Invalidate removes the value for k from every tier and every instance. After it has returned, and its
// receipt names no instance that was not heard of, no call gives a value whose loader began before.
func (m *Memo[K, V]) Invalidate(ctx context.Context, k K, hows ...How) Receipt {
	args, err := arguments("", k)
	if err != nil {
		return Receipt{} // it has no key, so it was never kept
	}
	return m.invalidate(ctx, args, m.c.how(ctx, "", hows))
}

func (m *Memo[K, V]) invalidate(ctx context.Context, args string, h how) Receipt {
	n := notice{Kind: noticeKey, NS: m.p.Namespace, Args: args, By: h.by, Why: h.why, Soft: h.soft}
	r := m.c.invalidate(ctx, n)
	r.Entries = 1
	return r
}

// Flush removes all values of the memo, by beginning a new generation: it takes the same time however
// many there are.
func (m *Memo[K, V]) Flush(ctx context.Context, why string, hows ...How) Receipt {
	h := m.c.how(ctx, why, hows)
	n := notice{Kind: noticeNamespace, NS: m.p.Namespace, By: h.by, Why: h.why, Soft: h.soft}
	entries := m.size()
	r := m.c.invalidate(ctx, n)
	r.Entries = entries
	return r
}

// FlushNamespace is [Memo.Flush] by the namespace's name; [ErrNamespace] where there is none.
func (c *Cache) FlushNamespace(ctx context.Context, name, why string, hows ...How) (Receipt, error) {
	s, ok := c.space(name)
	if !ok {
		return Receipt{}, ErrNamespace
	}
	return s.Flush(ctx, why, hows...), nil
}

// InvalidateKey is [Memo.Invalidate] by the namespace's name and the key's arguments, as canonical JSON
// or as a whole key on the wire; [ErrNamespace] where there is no such namespace.
func (c *Cache) InvalidateKey(ctx context.Context, name, key, why string, hows ...How) (Receipt, error) {
	s, ok := c.space(name)
	if !ok {
		return Receipt{}, ErrNamespace
	}
	return s.invalidate(ctx, c.argumentsOf(name, key), c.how(ctx, why, hows)), nil
}

// InvalidateTag removes all values of all namespaces that carry tag. Several at once of the same tag, by the same and
// for the same, share one invalidation, and its receipt, which began after all of them were called.
func (c *Cache) InvalidateTag(ctx context.Context, tag, why string, hows ...How) Receipt {
	h := c.how(ctx, why, hows)
	return c.turns.take(turnOf{tag, h}, func() Receipt {
		return c.invalidate(ctx, notice{Kind: noticeTag, Tag: tag, By: h.by, Why: h.why, Soft: h.soft})
	})
}

// Flush removes all values of all namespaces, and nothing else that the back end holds.
func (c *Cache) Flush(ctx context.Context, why string, hows ...How) Receipt {
	h := c.how(ctx, why, hows)
	entries := 0
	for _, s := range c.spaceList() {
		entries += s.size()
	}
	r := c.invalidate(ctx, notice{Kind: noticeAll, By: h.by, Why: h.why, Soft: h.soft})
	r.Entries = entries
	return r
}

// invalidate does n: first in the back end, if there is one, then here, and waits for the others.
func (c *Cache) invalidate(ctx context.Context, n notice) Receipt {
	ctx = context.WithoutCancel(ctx) // half an invalidation is none
	n.At = c.clock.now()
	if s, ok := c.space(n.NS); ok && n.Kind == noticeNamespace {
		n.pure = s.policy().Pure
	}
	if c.back == nil {
		c.number(&n)
		return c.finish(&n, nil)
	}
	live, pending := c.share(ctx, &n)
	r := c.finish(&n, live)
	if r.Pending = pending; pending {
		r.UndoFor = 0
	}
	return r
}

// finish does n, which has its numbers, in this instance's memory, and waits for the others of live.
func (c *Cache) finish(n *notice, live []string) Receipt {
	began := n.At
	c.apply(n)
	r := Receipt{Seq: n.seq, Gen: n.cur, Instances: []Applied{{Name: c.instance, After: time.Duration(c.clock.now() - began)}}}
	if n.pure {
		r.UndoFor = UndoFor
	}
	if n.Ref != "" {
		r.Instances = append(r.Instances, c.peer.collect(n.Ref, live, began)...)
	}
	r.Took = time.Duration(c.clock.now() - began)
	kind := EventFlushed
	switch {
	case n.Kind == noticeKey:
		kind = EventInvalidated
	case n.Undo != 0:
		kind = EventUndone
	}
	c.tell(n.event(kind, nil))
	return r
}

// share does n in the back end and tells the instances that live; pending, if that must wait.
func (c *Cache) share(ctx context.Context, n *notice) (live []string, pending bool) {
	n.From, n.Ref = c.id, c.peer.expect()
	live, err := c.link.invalidate(ctx, n, c.floor(n))
	if err == nil {
		c.peer.confirmed(n.Ref)
		return live, false
	}
	c.peer.dismiss(n.Ref)
	n.Ref = ""
	c.link.owe(*n, err)
	c.number(n)
	c.tell(n.event(EventPending, err))
	return nil, true
}

// number gives n its generation where no back end does.
func (c *Cache) number(n *notice) {
	g := c.generationOf(n)
	if g == nil {
		return
	}
	old := g.now.Load()
	n.number(g.next(c.clock.now(), how{soft: n.Soft, by: n.By, why: n.Why}))
	if n.pure && c.back == nil {
		if old == nil {
			old = new(bump) // values of before any flush have 0
		}
		c.undos.keep(n, n.NS, *old, n.At)
	}
}

// floor is the number that n's generation has here: the back end's may be behind it if it lost some.
func (c *Cache) floor(n *notice) int64 {
	if g := c.generationOf(n); g != nil {
		return g.cur()
	}
	return 0
}

// generationOf returns the generation that n moves; nil where nobody here refers to it.
func (c *Cache) generationOf(n *notice) *generation {
	switch n.Kind {
	case noticeAll:
		return &c.all
	case noticeNamespace:
		if s, ok := c.space(n.NS); ok {
			return s.generation()
		}
	case noticeTag:
		return c.tags.find(n.Tag)
	case noticeKey, noticeFill, noticeAck: // move none
	}
	return nil
}

// news reports whether n, which this instance sent, says more than it did when it was sent: a script may have
// run although its answer got lost.
func (c *Cache) news(n *notice) bool {
	g := c.generationOf(n)
	return g != nil && n.cur > g.cur()
}

// apply does n in this instance's memory.
func (c *Cache) apply(n *notice) {
	if n.Kind == noticeKey {
		if s, ok := c.space(n.NS); ok {
			s.forget(n.Args, &Cause{Kind: Invalidated, By: n.By, Why: n.Why, At: n.At}, n.Soft)
		}
		return
	}
	g := c.generationOf(n)
	if g == nil {
		return
	}
	g.raise(n.bump())
	c.moved(g, nil) // even where a read has learnt it before: its answer must not come before this is done
}

// moved cuts off what belongs to g's earlier generations, but the flight that found it out, in the slot by.
func (c *Cache) moved(g *generation, by *slot) {
	c.epoch.Add(1)
	for _, s := range c.spaceList() {
		s.outdate(g, by)
	}
}
