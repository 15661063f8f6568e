package cache

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Page is a part of what the cache holds of a namespace.
type Page struct {
	Entries []Entry
	Next    string // asks for the next part; "": there is none
}

// ErrCursor is returned for a cursor that no [Page] gave.
var ErrCursor = errors.New("cache: not a cursor")

// scanner is a back end that can list what it has, in no order. A step may bring nothing although there is more.
type scanner interface {
	// scan returns some keys that begin with prefix, and where to go on; 0: nowhere.
	scan(ctx context.Context, prefix string, cursor uint64) (keys []string, next uint64, err error)
	// heads returns the first headLen bytes of the values of keys, "" for what isn't there.
	heads(ctx context.Context, keys []string) ([]string, error)
}

// headLen is as much of an envelope as says whether it is of use.
const headLen = headerLen + 16

// How long listing may take. Longer, and a page tells where to go on, a count that there is more.
const (
	pageBudget  = 150 * time.Millisecond
	countBudget = time.Second
)

// Page lists what the cache holds of a namespace and is still of use, from cursor on ("" for the beginning), limit
// entries at most: first what is in this instance's memory, newest first, then what the back end alone has, where that
// can be listed, in no order. A page may have fewer than limit although there is more.
// [ErrNamespace] where there is no such namespace, [ErrCursor] for a cursor that isn't one.
func (c *Cache) Page(ctx context.Context, namespace, cursor string, limit int) (Page, error) {
	s, ok := c.space(namespace)
	if !ok {
		return Page{}, ErrNamespace
	}
	at, err := parseMark(cursor)
	if err != nil {
		return Page{}, err
	}
	limit = max(limit, 1)
	var p Page
	if !at.back {
		var more bool
		if p.Entries, more = s.list(at, limit); more {
			last := p.Entries[len(p.Entries)-1]
			p.Next = mark{made: last.Made.UnixNano(), key: last.Key}.String()
		}
		at = mark{back: true}
	}
	sc, ok := c.listable(s)
	if !ok {
		return p, nil
	}
	err = c.withTiers(ctx, s, sc, p.Entries)
	if err == nil && p.Next == "" {
		if len(p.Entries) >= limit {
			p.Next = at.String()
		} else {
			err = c.pageOfBack(ctx, s, sc, &p, at, limit)
		}
	}
	if err != nil {
		c.log.WarnContext(ctx, "cache: the back end can't be listed", "error", err)
	}
	return p, nil
}

// listable returns c's back end if it can list what it has of s just now.
func (c *Cache) listable(s space) (scanner, bool) {
	sc, ok := c.back.(scanner)
	return sc, ok && !c.link.open.Load() && !s.policy().Local
}

// withTiers says of entries in memory whether the back end has them too.
func (c *Cache) withTiers(ctx context.Context, s space, sc scanner, list []Entry) error {
	if err := s.learn(ctx); err != nil {
		return err
	}
	keys := make([]string, len(list))
	for i, e := range list {
		keys[i] = e.Key
	}
	heads, err := sc.heads(within(ctx, tellBudget), keys)
	c.link.note(err)
	now := c.clock.now()
	for i, head := range heads {
		if s.lives(head, now) {
			list[i].Tiers = append(list[i].Tiers, c.back.tier())
		}
	}
	return err
}

// pageOfBack adds to p what the back end alone has, from at on.
func (c *Cache) pageOfBack(ctx context.Context, s space, sc scanner, p *Page, at mark, limit int) error {
	late := time.NewTimer(pageBudget)
	defer late.Stop()
	prefix := nsPrefixOf(c.root, s.policy().Namespace) + ":"
	for {
		keys, next, err := c.living(ctx, s, sc, prefix, at.scan)
		if err != nil {
			return err
		}
		for i := min(at.skip, len(keys)); i < len(keys); i++ {
			if len(p.Entries) >= limit {
				p.Next = mark{back: true, scan: at.scan, skip: i}.String()
				return nil
			}
			if e, ok := c.entryAt(ctx, s, prefix, keys[i]); ok {
				p.Entries = append(p.Entries, e)
			}
		}
		if next == 0 {
			return nil
		}
		at = mark{back: true, scan: next}
		select {
		case <-late.C:
			p.Next = at.String()
			return nil
		default:
		}
	}
}

// living makes one step of a scan, and returns the keys whose values are of use.
func (c *Cache) living(ctx context.Context, s space, sc scanner, prefix string, from uint64) ([]string, uint64, error) {
	keys, next, err := sc.scan(within(ctx, tellBudget), prefix, from)
	if err == nil {
		var heads []string
		if heads, err = sc.heads(within(ctx, tellBudget), keys); err == nil {
			now, i := c.clock.now(), -1
			keys = slices.DeleteFunc(keys, func(string) bool { i++; return !s.lives(heads[i], now) })
		}
	}
	c.link.note(err)
	return keys, next, err
}

// entryAt looks into the entry that the back end has under key, unless it is in memory too.
func (c *Cache) entryAt(ctx context.Context, s space, prefix, key string) (Entry, bool) {
	args := key[len(prefix):]
	if strings.HasPrefix(args, "#") {
		l, err := s.envelope(ctx, key)
		if err != nil || l == nil {
			return Entry{}, false
		}
		args = l.args
	}
	if s.holds(args) {
		return Entry{}, false
	}
	e, _ := s.inspect(ctx, args)
	return e, e.State != "gone"
}

// Count is how many entries of a namespace are of use.
type Count struct {
	Memory  int  // in this instance's memory
	Backend int  // in the back end, those in memory too among them; -1 where it can't be counted
	More    bool // the back end has more than could be counted within a second
}

// Count says what a flush of the namespace would remove. [ErrNamespace] where there is no such namespace.
func (c *Cache) Count(ctx context.Context, namespace string) (Count, error) {
	s, ok := c.space(namespace)
	if !ok {
		return Count{}, ErrNamespace
	}
	n := Count{Backend: -1}
	sc, ok := c.listable(s)
	ok = ok && s.learn(ctx) == nil
	list, _ := s.list(mark{}, 0)
	n.Memory = len(list)
	if !ok {
		return n, nil
	}
	late := time.NewTimer(countBudget)
	defer late.Stop()
	prefix := nsPrefixOf(c.root, namespace) + ":"
	n.Backend = 0
	for cursor := uint64(0); ; {
		keys, next, err := c.living(ctx, s, sc, prefix, cursor)
		if err != nil {
			n.More = true
			return n, nil // the link has it; what was counted so far is there
		}
		if n.Backend += len(keys); next == 0 {
			return n, nil
		}
		cursor = next
		select {
		case <-late.C:
			n.More = true
			return n, nil
		default:
		}
	}
}
