package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

// memcachedBack keeps values in Memcached, which has no scripts, no clock and tells nothing by itself.
// What needs more than one step is a loop of Get and CompareAndSwap; generations and leases go by the
// instances' clocks, which should agree to a second; and L1 hears of invalidations by polling their counts.
//
// A lease stands before the value that it is to replace, under the value's own key, so that whatever else
// happens to the key makes the owner's CompareAndSwap fail:
//
//	'L' id(16) until(20 digits, ms) stamp '\n' envelope
type memcachedBack struct {
	c     *Cache
	quick *memcache.Client // holds up requests
	calm  *memcache.Client // has time
}

const casTries = 10

func openMemcached(c *Cache, rawURL string) (backend, error) {
	hosts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(rawURL, "memcached://"), "/"), ",")
	for i, h := range hosts {
		if h == "" {
			return nil, errors.New("cache: memcached://host:port is needed")
		}
		if !strings.Contains(h, ":") {
			hosts[i] = h + ":11211"
		}
	}
	client := func(d time.Duration) *memcache.Client {
		m := memcache.New(hosts...)
		m.Timeout, m.MaxIdleConns = d, 32
		return m
	}
	return &memcachedBack{c: c, quick: client(readBudget), calm: client(tellBudget)}, nil
}

func (b *memcachedBack) tier() string { return "memcached" }

func (b *memcachedBack) close() error { return errors.Join(b.quick.Close(), b.calm.Close()) }

func (b *memcachedBack) read(_ context.Context, s *slot) (reply, error) {
	items, err := b.quick.GetMulti(append([]string{s.key}, s.genKeys()...))
	if err != nil {
		return reply{}, b.sorted(err)
	}
	r := reply{gens: make([]string, len(s.keys))}
	if it := items[s.key]; it != nil {
		_, r.value = cutLease(it.Value)
	}
	for i, k := range s.genKeys() {
		if it := items[k]; it != nil {
			r.gens[i] = string(it.Value)
		}
	}
	return r, nil
}

func (b *memcachedBack) acquire(ctx context.Context, s *slot, id, seen string) (reply, error) {
	r, err := b.read(ctx, s)
	if err != nil {
		return r, err
	}
	keys := s.genKeys()
	for i, text := range r.gens {
		floor := s.gens[i].cur.Load()
		if g, ok := parseBump(text); ok && g.cur >= floor {
			continue
		}
		made, err := b.move(b.quick, keys[i], &notice{}, floor, b.expiry(i >= 2, s.life), true)
		if err != nil {
			return r, err
		}
		r.gens[i] = made.String()
	}
	stamp := stampOf(r.gens)
	for range casTries {
		it, err := b.quick.Get(s.key)
		if errors.Is(err, memcache.ErrCacheMiss) {
			it = &memcache.Item{Key: s.key}
		} else if err != nil {
			return r, b.sorted(err)
		}
		var l memLease
		l, r.value = cutLease(it.Value)
		if nonceOf(r.value) != seen || l.stamp == stamp && l.until > b.ms() {
			return r, nil
		}
		old := it.Value
		it.Value = memLease{id, b.ms() + leaseTime.Milliseconds(), stamp}.before(r.value)
		it.Expiration = b.expiry(true, s.life)
		if err = b.swap(b.quick, it, old == nil); err == nil {
			r.won = true
			return r, nil
		} else if !errors.Is(err, errMoved) {
			return r, err
		}
	}
	return r, nil // others are at it
}

func (b *memcachedBack) renew(_ context.Context, s *slot, id string) (bool, error) {
	return b.own(s, id, func(l memLease, it *memcache.Item, value []byte) {
		l.until = b.ms() + leaseTime.Milliseconds()
		it.Value, it.Expiration = l.before(value), b.expiry(true, s.life)
	})
}

func (b *memcachedBack) fill(_ context.Context, s *slot, id string, value []byte, life time.Duration) (bool, error) {
	return b.own(s, id, func(_ memLease, it *memcache.Item, _ []byte) {
		it.Value, it.Expiration = value, b.expiry(true, life)
	})
}

func (b *memcachedBack) release(_ context.Context, s *slot, id string) error {
	_, err := b.own(s, id, func(_ memLease, it *memcache.Item, value []byte) {
		it.Value, it.Expiration = value, b.expiry(true, s.life)
	})
	return err
}

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

func (b *memcachedBack) invalidate(_ context.Context, n *notice, floor int64) ([]string, error) {
	var err error
	if n.Kind == noticeKey {
		err = b.forget(n, valueKeyOf(b.c.root, n))
	} else {
		_, err = b.move(b.calm, genKeyOf(b.c.root, n), n, floor, b.expiry(n.Kind == noticeTag, tagLife), false)
	}
	if err != nil {
		return nil, err
	}
	key := seqKeyOf(b.c.root, n.scope())
	for range casTries {
		seq, err := b.calm.Increment(key, 1)
		if errors.Is(err, memcache.ErrCacheMiss) { // a new count begins above every older one
			first := strconv.FormatInt(b.c.clock.now()/1000, 10)
			err = b.calm.Add(&memcache.Item{Key: key, Value: []byte(first)})
			if err == nil || errors.Is(err, memcache.ErrNotStored) {
				continue
			}
		}
		n.seq = int64(min(seq, math.MaxInt64))
		return nil, b.sorted(err)
	}
	return nil, errMoved
}

// forget removes the value of a key, and whatever lease there is.
func (b *memcachedBack) forget(n *notice, key string) error {
	for range casTries {
		it, err := b.calm.Get(key)
		if errors.Is(err, memcache.ErrCacheMiss) {
			return nil
		} else if err != nil {
			return b.sorted(err)
		}
		_, value := cutLease(it.Value)
		if n.Soft && len(value) > softAt {
			value = bytes.Clone(value)
			value[softAt] = 1
			it.Value, it.Expiration = value, b.expiry(true, tagLife)
		} else {
			it.Value, it.Expiration = tomb(n), b.expiry(true, afterlife)
		}
		if err := b.swap(b.calm, it, false); !errors.Is(err, errMoved) {
			return err
		}
	}
	if err := b.calm.Delete(key); err != nil && !errors.Is(err, memcache.ErrCacheMiss) {
		return b.sorted(err)
	}
	return nil
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
		it.Value, it.Expiration = []byte(n.bump().String()), expiry
		if err := b.swap(m, it, missing); !errors.Is(err, errMoved) {
			return n.bump(), err
		}
	}
	return bump{}, errMoved
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

func (b *memcachedBack) poll(_ context.Context, scopes []string) ([]int64, int64, error) {
	keys := make([]string, len(scopes))
	for i, scope := range scopes {
		keys[i] = seqKeyOf(b.c.root, scope)
	}
	items, err := b.calm.GetMulti(keys)
	if err != nil {
		return nil, 0, b.sorted(err)
	}
	seqs := make([]int64, len(scopes))
	for i, k := range keys {
		if it := items[k]; it != nil {
			seqs[i], _ = strconv.ParseInt(strings.TrimSpace(string(it.Value)), 10, 64)
		}
	}
	return seqs, 0, nil
}

func (b *memcachedBack) enrol(context.Context, bool) error { return nil }

func (b *memcachedBack) ack(context.Context, *notice) error { return nil }

func (b *memcachedBack) listen(context.Context, func(), func(*notice)) error { return errDeaf }

func (b *memcachedBack) ms() int64 { return b.c.clock.now() / int64(time.Millisecond) }

// expiry is life as Memcached wants it: seconds up to a month, 0 for ever.
func (b *memcachedBack) expiry(bounded bool, life time.Duration) int32 {
	if !bounded {
		return 0
	}
	const month = 30 * 24 * 60 * 60
	return int32(min(month, int64(life/time.Second)+1)) //nolint:gosec // a month at most
}

// sorted tells a server that refuses from one that can't be reached.
func (b *memcachedBack) sorted(err error) error {
	if errors.Is(err, memcache.ErrServerError) || errors.Is(err, memcache.ErrMalformedKey) {
		return refused(err)
	}
	return err
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
