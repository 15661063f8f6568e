package cache

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/bradfitz/gomemcache/memcache"
)

// own changes the item of s if id holds its lease.
func (b *memcachedBack) own(s *slot, id string, change func(memLease, *memcache.Item, []byte)) (bool, error) {
	it, err := b.calm.Get(s.key)
	if errors.Is(err, memcache.ErrCacheMiss) {
		return false, nil
	} else if err != nil {
		return false, b.sorted(err)
	}
	l, value := cutLease(it.Value)
	if l.id != id {
		return false, nil
	}
	change(l, it, value)
	err = b.swap(b.calm, it, false)
	if errors.Is(err, errMoved) {
		return false, nil
	}
	return err == nil, err
}

// move begins the generation under key anew, by n; with keep only if it is missing or below floor.
// It returns the generation that is there at last.
func (b *memcachedBack) move(m *memcache.Client, key string, n *notice, floor int64, expiry int32, keep bool) (bump, error) {
	for range casTries {
		it, err := m.Get(key)
		missing := errors.Is(err, memcache.ErrCacheMiss)
		if missing {
			it = &memcache.Item{Key: key}
		} else if err != nil {
			return bump{}, b.sorted(err)
		}
		old, known := parseBump(string(it.Value))
		if keep && known && old.cur >= floor {
			return old, nil // another has made it meanwhile
		}
		n.follow(old, known, floor, b.c.clock.now())
		if n.pure && known { // before the flush: once that is done, it can be taken back or nothing has changed
			if err := b.keepUndo(key, n, old); err != nil {
				return bump{}, err
			}
		}
		it.Value, it.Expiration = []byte(n.bump().String()), expiry
		if err := b.swap(m, it, missing); !errors.Is(err, errMoved) {
			return n.bump(), err
		}
	}
	return bump{}, errMoved
}

// keepUndo keeps for a while that n replaces old.
func (b *memcachedBack) keepUndo(key string, n *notice, old bump) error {
	text := strconv.FormatInt(n.cur, 10) + " " + old.String()
	return b.sorted(b.calm.Set(&memcache.Item{Key: key + undoSuffix, Value: []byte(text), Expiration: b.expiry(true, UndoFor)}))
}

// undo takes the flush back that n names, if it is the last one of the generation under key.
func (b *memcachedBack) undo(key string, n *notice, floor int64) error {
	was, err := b.calm.Get(key + undoSuffix)
	if errors.Is(err, memcache.ErrCacheMiss) {
		return ErrUndo
	} else if err != nil {
		return b.sorted(err)
	}
	of, text, _ := strings.Cut(string(was.Value), " ")
	old, ok := parseBump(text)
	if !ok || of != strconv.FormatInt(n.Undo, 10) {
		return ErrUndo
	}
	it, err := b.calm.Get(key)
	if err != nil && !errors.Is(err, memcache.ErrCacheMiss) {
		return b.sorted(err)
	} else if err != nil {
		return ErrUndo
	}
	now, ok := parseBump(string(it.Value))
	if !ok || now.cur != n.Undo {
		return ErrUndo
	}
	n.number(now.back(old, b.c.clock.now(), floor, n.By, n.Why))
	it.Value = []byte(n.bump().String())
	if err := b.swap(b.calm, it, false); errors.Is(err, errMoved) {
		return ErrUndo
	} else if err != nil {
		return err
	}
	_ = b.calm.Delete(key + undoSuffix) // it names a flush that is over, so it does no harm
	return nil
}

// errMoved is what swap returns when somebody else was faster.
var errMoved = errors.New("cache: changed by another at the same time")

func (b *memcachedBack) swap(m *memcache.Client, it *memcache.Item, add bool) error {
	write := m.CompareAndSwap
	if add {
		write = m.Add
	}
	err := write(it)
	if errors.Is(err, memcache.ErrCASConflict) || errors.Is(err, memcache.ErrNotStored) || errors.Is(err, memcache.ErrCacheMiss) {
		return errMoved
	}
	return b.sorted(err)
}

// memLease is a lease as it stands before a value.
type memLease struct {
	id    string
	until int64
	stamp string
}

func (l memLease) before(value []byte) []byte {
	return append(fmt.Appendf(nil, "L%s%020d%s\n", l.id, l.until, l.stamp), value...)
}

func cutLease(b []byte) (memLease, []byte) {
	const head = 1 + 16 + 20
	if len(b) < head+1 || b[0] != 'L' {
		return memLease{}, b
	}
	stamp, value, ok := bytes.Cut(b[head:], []byte("\n"))
	until, err := strconv.ParseInt(string(b[17:head]), 10, 64)
	if !ok || err != nil {
		return memLease{}, b
	}
	return memLease{string(b[1:17]), until, string(stamp)}, value
}
