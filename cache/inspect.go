package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Entry is what the inspector tells of one entry.
type Entry struct {
	Namespace string
	Key       string // on the wire
	Args      string // canonical JSON of the arguments; "" where the back end alone has the entry, under a hash
	Type      string // of the value
	Tiers     []string
	State     string        // "fresh", "stale", "spare" (covers a failing loader), "gone"
	Reason    string        // why it isn't fresh
	Negative  bool          // a remembered "not found"
	Bytes     int           // of its envelope; 0 where it has none
	Hits      int64         // in this instance's memory
	Age       time.Duration // since it was made
	TTL       time.Duration // until it stops being fresh; negative when it has
	Cost      time.Duration // what its loader took
	By        string        // the instance that made it
	Made      time.Time
}

// Entries lists what the cache holds of a namespace, newest first, limit at most: the first [Page], in one order.
// [ErrNamespace] where there is no such namespace.
func (c *Cache) Entries(ctx context.Context, namespace string, limit int) ([]Entry, error) {
	p, err := c.Page(ctx, namespace, "", limit)
	return newestFirst(p.Entries), err
}

func newestFirst(list []Entry) []Entry {
	slices.SortFunc(list, func(a, b Entry) int {
		if n := b.Made.Compare(a.Made); n != 0 {
			return n
		}
		return strings.Compare(a.Key, b.Key)
	})
	return list
}

// Look looks into one entry, named by its arguments or its key on the wire, without counting as a question.
// The value is its JSON; nil where there is none. [ErrNamespace] where there is no such namespace.
func (c *Cache) Look(ctx context.Context, namespace, key string) (Entry, json.RawMessage, error) {
	s, ok := c.space(namespace)
	if !ok {
		return Entry{}, nil, ErrNamespace
	}
	e, v := s.inspect(ctx, c.argumentsOf(namespace, key))
	return e, v, nil
}

func (m *Memo[K, V]) inspect(ctx context.Context, args string) (Entry, json.RawMessage) {
	k, ok := argumentsTo[K](args)
	if !ok {
		return Entry{Namespace: m.p.Namespace, Args: args, State: "gone"}, nil
	}
	s, err := m.slot(k)
	if err != nil {
		return Entry{Namespace: m.p.Namespace, Args: args, State: "gone"}, nil
	}
	now := m.c.clock.now()
	var e *entry[V]
	var tiers []string
	if m.c.back != nil && !m.p.Local {
		if r, err := m.c.link.read(ctx, &s); err == nil && len(r.value) > 0 {
			m.c.learn(&s, r.gens)
			e, tiers = m.unseal(r.value, &s), []string{m.c.back.tier()}
		}
	}
	if x, ok := m.l1.GetEntryQuietly(k); ok {
		tiers = append([]string{tierMemory}, tiers...)
		if e == nil || m.judge(x.Value, now) >= m.judge(e, now) {
			e = x.Value
		}
	}
	d := m.describe(e, &s, now, tiers...)
	if e == nil || e.gone != nil {
		return d, nil
	}
	if e.err != nil {
		return d, sealError(e.err)
	}
	v, err := json.Marshal(e.v)
	if err != nil {
		v, _ = json.Marshal(fmt.Sprintf("%+v", e.v)) // a value that can't travel still can be looked at
	}
	return d, v
}

func (m *Memo[K, V]) describe(e *entry[V], s *slot, now int64, tiers ...string) Entry {
	d := Entry{
		Namespace: s.ns, Key: s.key, Args: s.args, Type: reflect.TypeFor[V]().String(), Tiers: tiers, State: "gone",
	}
	st := m.judge(e, now)
	if st != fresh {
		d.Reason = m.cause(e, s, now).String()
	}
	if e == nil {
		return d
	}
	d.State = [...]string{none: "gone", dead: "gone", spare: "spare", stale: "stale", fresh: "fresh"}[st]
	d.Negative, d.Bytes, d.Hits, d.By = e.negative, e.bytes, e.hits.Load(), e.by
	d.Age, d.TTL, d.Cost = time.Duration(now-e.made), time.Duration(e.fresh-now), time.Duration(e.cost)
	d.Made = time.Unix(0, e.made).UTC()
	return d
}
