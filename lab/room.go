package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cifra"
	"cifra/cache"
)

// FlushStore keeps the book of flushes. [cifra/store.DB] is one.
type FlushStore interface {
	// AddFlush tells that the cache was flushed, with an audit row, and returns the number under which it is found again.
	AddFlush(ctx context.Context, f cifra.Flushed, a cifra.Audit) (seq int64, err error)
	// Flush returns a flush by its number, or NotFound.
	Flush(ctx context.Context, seq int64) (*cifra.Flushed, error)
	// Flushes returns the latest flushes, the latest first.
	Flushes(ctx context.Context, most int) ([]cifra.FlushLine, error)
}

// Room looks into the cache, and makes it forget.
type Room struct {
	c     *cache.Cache
	store FlushStore
	open  []string // the namespaces that are everybody's to look at and to flush
	now   func() time.Time
}

const (
	// mostEntries is how many entries of a namespace one look shows.
	mostEntries = 100
	// MaxValue is the most bytes of an entry's value that are shown.
	MaxValue = 64 << 10
)

// NewRoom returns a room of c; open are the lab's own namespaces.
func NewRoom(c *cache.Cache, store FlushStore, open []string, now func() time.Time) *Room {
	return &Room{c: c, store: store, open: open, now: now}
}

// IsOpen reports whether a flush touches only what is the lab's own.
func (r *Room) IsOpen(t cifra.FlushTarget) bool {
	switch {
	case t.All:
		return false
	case t.Tag != "":
		return t.Tag == productsTag || strings.HasPrefix(t.Tag, "sales:")
	}
	return slices.Contains(r.open, t.Namespace)
}

// Namespaces tells how each namespace does; of the lab's own alone unless all.
func (r *Room) Namespaces(all bool) []cifra.NamespaceStats {
	policies := map[string]cache.Policy{}
	for _, p := range r.c.Policies() {
		policies[p.Namespace] = p
	}
	var list []cifra.NamespaceStats
	for _, s := range r.c.Stats() {
		if !all && !slices.Contains(r.open, s.Namespace) {
			continue
		}
		p := policies[s.Namespace]
		list = append(list, cifra.NamespaceStats{
			Namespace: s.Namespace, Entries: s.Entries, TTL: p.TTL, Asked: s.Asked(), HitL1: s.HitL1, HitL2: s.HitL2, Stale: s.Stale,
			Miss: s.Miss, Coalesced: s.Coalesced, Loads: s.Loads, LoadTime: s.LoadTime, Saved: s.Saved, Pure: p.Pure,
			StaleIfError: p.StaleIfError, NegativeTTL: p.NegativeTTL, Local: p.Local, Most: p.Entries, Failures: s.Failures, Evicted: s.Evicted,
		})
	}
	return list
}

// Entries lists entries of a namespace from cursor on, "" for the beginning, the newest in memory first, some 100 at a
// time; next asks for more, "" where there is none. NotFound where there is no such namespace; Invalid for what is no cursor.
func (r *Room) Entries(ctx context.Context, namespace, cursor string) (list []cifra.CacheEntry, next string, err error) {
	page, err := r.c.Page(ctx, namespace, cursor, mostEntries)
	if errors.Is(err, cache.ErrCursor) {
		return nil, "", cifra.E(cifra.Invalid, "error.cursor").Wrap(err)
	}
	if err != nil {
		return nil, "", noNamespace(err)
	}
	list = make([]cifra.CacheEntry, 0, len(page.Entries))
	for _, e := range page.Entries {
		list = append(list, entry(e))
	}
	return list, page.Next, nil
}

// Count is how many entries of a namespace a flush would make the cache forget, in memory or in the shared cache,
// whichever has more of them. NotFound where there is no such namespace.
func (r *Room) Count(ctx context.Context, namespace string) (int, error) {
	n, err := r.c.Count(ctx, namespace)
	if err != nil {
		return 0, noNamespace(err)
	}
	return max(n.Memory, n.Backend), nil
}

// Entry looks into one entry, by its arguments or its key on the wire. Its value is JSON, cut to [MaxValue] bytes; nil
// where there is none. NotFound where there is no such namespace.
func (r *Room) Entry(ctx context.Context, namespace, key string) (cifra.CacheEntry, json.RawMessage, error) {
	e, v, err := r.c.Look(ctx, namespace, key)
	if err != nil {
		return cifra.CacheEntry{}, nil, noNamespace(err)
	}
	return entry(e), v[:min(len(v), MaxValue)], nil
}

func noNamespace(err error) error {
	if errors.Is(err, cache.ErrNamespace) {
		return cifra.E(cifra.NotFound, "error.lab.namespace").Wrap(err)
	}
	return err
}

// Flush makes the cache forget, on every instance, and writes it into the book. NotFound where there is no such namespace.
func (r *Room) Flush(ctx context.Context, t cifra.FlushTarget) (seq int64, f cifra.Flushed, err error) {
	var got cache.Receipt
	why := "flush " + t.String()
	switch {
	case t.All:
		got = r.c.Flush(ctx, why)
	case t.Tag != "":
		got = r.c.InvalidateTag(ctx, t.Tag, why)
	case t.Key != "":
		got, err = r.c.InvalidateKey(ctx, t.Namespace, t.Key, why)
	default:
		got, err = r.c.FlushNamespace(ctx, t.Namespace, why)
	}
	if err != nil {
		return 0, f, noNamespace(err)
	}
	f = r.flushed(ctx, t, got)
	seq, err = r.store.AddFlush(context.WithoutCancel(ctx), f, audit(ctx, cifra.ActionFlush, t.String(), r.now()))
	return seq, f, err
}

// Flushed returns a flush by its number, or NotFound.
func (r *Room) Flushed(ctx context.Context, seq int64) (*cifra.Flushed, error) {
	return r.store.Flush(ctx, seq)
}

// latestFlushes is how many of them a page shows.
const latestFlushes = 10

// Flushes returns the latest flushes, the latest first.
func (r *Room) Flushes(ctx context.Context) ([]cifra.FlushLine, error) {
	return r.store.Flushes(ctx, latestFlushes)
}

// Undo takes a flush of a pure namespace back. Conflict where it can't be any more.
func (r *Room) Undo(ctx context.Context, seq int64) (int64, error) {
	old, err := r.store.Flush(ctx, seq)
	if err != nil {
		return 0, err
	}
	got, err := r.c.Undo(ctx, old.Namespace, old.Gen, fmt.Sprintf("flush %d taken back", seq))
	if errors.Is(err, cache.ErrUndo) || errors.Is(err, cache.ErrNamespace) {
		return 0, cifra.E(cifra.Conflict, "error.lab.undo").Wrap(err)
	}
	if err != nil {
		return 0, cifra.E(cifra.Unavailable, "error.lab.undo.later").Retry(time.Second).Wrap(err)
	}
	f := r.flushed(ctx, old.FlushTarget, got)
	f.Undone, f.UndoMS = true, 0
	return r.store.AddFlush(context.WithoutCancel(ctx), f, audit(ctx, cifra.ActionUnflush, old.String(), r.now()))
}

func (r *Room) flushed(ctx context.Context, t cifra.FlushTarget, got cache.Receipt) cifra.Flushed {
	f := cifra.Flushed{
		FlushTarget: t, By: cifra.ActorFrom(ctx).Name(), Entries: got.Entries, Seq: got.Seq, Gen: got.Gen, TookMS: cifra.Milliseconds(got.Took),
		UndoMS: cifra.Milliseconds(got.UndoFor), At: r.now().UTC(), Instances: []cifra.FlushedOn{},
	}
	for _, i := range got.Instances {
		on := cifra.FlushedOn{Name: i.Name}
		if i.After >= 0 {
			ms := cifra.Milliseconds(i.After)
			on.AppliedMS = &ms
		}
		f.Instances = append(f.Instances, on)
	}
	return f
}
