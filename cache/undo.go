package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// UndoFor is how long the flush of a pure namespace may be taken back.
const UndoFor = 30 * time.Second

// ErrUndo is returned where a flush can't be taken back: its namespace is not pure, it was too long ago, another
// flush of the namespace came after it, or it was never told to the back end.
var ErrUndo = errors.New("cache: this flush can't be taken back")

// Undo takes back the flush of a pure namespace (see [Policy]) whose receipt had the number gen: what was remembered
// before it is remembered again, and so is what was made since. It does so on every instance, whichever of them
// flushed. [ErrUndo] where it can't, [ErrNamespace] where there is no such namespace; another error says that
// the back end can't be reached, and nothing has changed.
func (c *Cache) Undo(ctx context.Context, namespace string, gen int64, why string, hows ...How) (Receipt, error) {
	s, ok := c.space(namespace)
	switch {
	case !ok:
		return Receipt{}, ErrNamespace
	case !s.policy().Pure || gen == 0:
		return Receipt{}, ErrUndo
	}
	h := c.how(ctx, why, hows)
	ctx = context.WithoutCancel(ctx)
	n := notice{Kind: noticeNamespace, NS: namespace, By: h.by, Why: h.why, Undo: gen, At: c.clock.now()}
	if c.back == nil {
		if !c.undos.take(&n, namespace, bump{cur: s.generation().cur()}, 0, n.At) {
			return Receipt{}, ErrUndo
		}
		return c.finish(&n, nil), nil
	}
	n.From, n.Ref = c.id, c.peer.expect()
	live, err := c.link.invalidate(ctx, &n, c.floor(&n))
	if err != nil {
		c.peer.dismiss(n.Ref)
		if !errors.Is(err, ErrUndo) {
			err = fmt.Errorf("cache: the flush is not taken back: %w", err)
		}
		return Receipt{}, err
	}
	return c.finish(&n, live), nil
}

// undos keeps what the last flushes of pure namespaces replaced, where no server does.
type undos struct {
	mu sync.Mutex
	m  map[string]undo // guarded by mu
}

type undo struct {
	of    int64 // the number of the flush
	old   bump
	until int64
}

// keep notes under key that n replaced old.
func (u *undos) keep(n *notice, key string, old bump, now int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.m == nil {
		u.m = map[string]undo{}
	}
	u.m[key] = undo{of: n.cur, old: old, until: now + int64(UndoFor)}
}

// take gives n the numbers that take back its flush, once, if that is the one under key and made now, the
// current generation.
func (u *undos) take(n *notice, key string, now bump, floor, at int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	x, ok := u.m[key]
	if !ok || x.of != n.Undo || now.cur != n.Undo || at > x.until {
		return false
	}
	delete(u.m, key)
	n.number(now.back(x.old, at, floor, n.By, n.Why))
	return true
}
