package cache

import (
	"context"
	"encoding/binary"
	"slices"
)

// list returns what is of use in L1 after the given place, newest first; limit entries at most, or for 0 as many empty
// ones as there are.
func (m *Memo[K, V]) list(after mark, limit int) (list []Entry, more bool) {
	type found struct {
		mark
		k K
		e *entry[V]
	}
	var all []found
	now := m.c.clock.now()
	newest := func() { slices.SortFunc(all, func(a, b found) int { return a.before(b.mark) }) }
	n := 0
	for k, e := range m.l1.All() {
		if m.judge(e, now) <= dead {
			continue
		}
		f := found{mark{made: e.made, key: e.key}, k, e}
		if after.made != 0 && after.before(f.mark) >= 0 {
			continue
		}
		if n++; limit == 0 {
			continue
		}
		if all = append(all, f); len(all) >= 4*limit+1000 { // a page needs no order among fifty thousand
			newest()
			all = all[:limit]
		}
	}
	if limit == 0 {
		return make([]Entry, n), false
	}
	newest()
	if more = n > limit; more {
		all = all[:min(limit, len(all))]
	}
	for _, f := range all {
		if s, err := m.slot(f.k); err == nil {
			list = append(list, m.describe(f.e, &s, now, tierMemory))
		}
	}
	return list, more
}

// holds reports whether L1 has an entry of use under args.
func (m *Memo[K, V]) holds(args string) bool {
	k, ok := argumentsTo[K](args)
	if !ok {
		return false
	}
	x, ok := m.l1.GetEntryQuietly(k)
	return ok && m.judge(x.Value, m.c.clock.now()) > dead
}

// lives reports whether the envelope that begins with head may still be given, as far as that can be seen from it:
// not whether one of its tags was invalidated.
func (m *Memo[K, V]) lives(head string, now int64) bool {
	if len(head) < headLen || head[0] != 'C' || head[1] != 1 || head[2]&flagTomb != 0 {
		return false
	}
	at := func(i int) int64 { return int64(binary.BigEndian.Uint64([]byte(head[i : i+8]))) } //nolint:gosec // written by seal
	return now < at(44) && !m.c.all.buried(at(headerLen)) && !m.gen.buried(at(headerLen+8))
}

// learn asks the back end for the generations that every key of m belongs to.
func (m *Memo[K, V]) learn(ctx context.Context) error {
	s := m.nowhere("")
	r, err := m.c.link.read(ctx, s)
	if err == nil {
		m.c.learn(s, r.gens)
	}
	return err
}

// envelope reads what the back end has under key; nil where there is nothing of ours.
func (m *Memo[K, V]) envelope(ctx context.Context, key string) (*letter, error) {
	r, err := m.c.link.read(ctx, m.nowhere(key))
	if err != nil || len(r.value) == 0 {
		return nil, err
	}
	l := new(letter)
	if l.open(r.value) != nil {
		return nil, nil //nolint:nilnil,nilerr // bytes of somebody else are nothing to us
	}
	return l, nil
}

// nowhere is a slot that only reads: of key, or of no value.
func (m *Memo[K, V]) nowhere(key string) *slot {
	if key == "" {
		key = m.prefix + ":"
	}
	return &slot{ns: m.p.Namespace, key: key, gens: m.gens, keys: m.keys}
}
