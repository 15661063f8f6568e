package cache

import (
	"bytes"
	"context"
	"errors"
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
		floor := s.gens[i].cur()
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

func (b *memcachedBack) invalidate(_ context.Context, n *notice, floor int64) ([]string, error) {
	var err error
	switch {
	case n.Kind == noticeKey:
		err = b.forget(n, valueKeyOf(b.c.root, n))
	case n.Undo != 0:
		err = b.undo(genKeyOf(b.c.root, n), n, floor)
	default:
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
