package cache

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// backend is the store behind the memory, shared by instances. Its methods give errors freely:
// [Cache] asks it only through [link], which counts them.
//
// What absent means: a value that isn't there is an empty string, never an error. A generation that
// isn't there is "": nothing can be believed that depends on it.
type backend interface {
	// tier names it in Info: "redis".
	tier() string
	// read returns the value of s and its generations, in one round trip.
	read(ctx context.Context, s *slot) (reply, error)
	// acquire makes every missing generation of s anew and takes the lease of s for id, unless
	// another holds it, or the value is another one than that of the fill seen: then reply says which.
	acquire(ctx context.Context, s *slot, id, seen string) (reply, error)
	// renew keeps the lease for another leaseTime. It returns false where id doesn't hold it.
	renew(ctx context.Context, s *slot, id string) (bool, error)
	// fill stores the value for life and gives the lease back, waking who waits. It returns false, and
	// stores nothing, where id doesn't hold the lease.
	fill(ctx context.Context, s *slot, id string, value []byte, life time.Duration) (bool, error)
	// release gives the lease back without a value, waking who waits.
	release(ctx context.Context, s *slot, id string) error
	// invalidate does what n says, counts it in its scope's sequence, tells every instance, and
	// sets n's seq, cur and hard. A new generation's number is above floor. It returns who lives.
	invalidate(ctx context.Context, n *notice, floor int64) (live []string, err error)
	// poll says where the sequences stand and what time it is there, in microseconds; 0: it has no clock.
	poll(ctx context.Context, scopes []string) (seqs []int64, now int64, err error)
	// enrol says that this instance lives, for instanceLife from now on; or that it ends.
	enrol(ctx context.Context, alive bool) error
	// listen hands notices to hear until ctx ends or the connection breaks. It calls joined once
	// nothing can be missed any more. Back ends that can't tell return errDeaf at once.
	listen(ctx context.Context, joined func(), hear func(*notice)) error
	// ack tells the instance that sent n that this one has applied it.
	ack(ctx context.Context, n *notice) error
	close() error
}

// slot is where one key lives.
type slot struct {
	ns   string
	key  string // of the value, on the wire
	args string // the arguments in full
	hash bool   // the key holds a hash of them
	tags []string
	gens []*generation // everything, namespace, tags
	keys []any         // of gens, on the wire: strings, as go-redis takes them
	life time.Duration // how long it may matter to anyone
	room [6]any        // for the command that reads it: that of a key with two tags
}

// genKeys returns the keys of s's generations as text.
func (s *slot) genKeys() []string {
	keys := make([]string, len(s.keys))
	for i, k := range s.keys {
		keys[i], _ = k.(string)
	}
	return keys
}

// reply is what the back end knows of a slot.
type reply struct {
	value []byte
	gens  []string // as bump.String wrote them
	won   bool     // acquire: the lease is ours
}

// stamps ties a value to the tags of s, at the given generations or, for nil, the current ones.
func (s *slot) stamps(at []int64) []stamp {
	tags := s.gens[2:]
	if len(tags) == 0 {
		return nil
	}
	st := make([]stamp, len(tags))
	for i, g := range tags {
		st[i].of = g
		if at == nil {
			st[i].at = g.cur()
		} else {
			st[i].at = at[i]
		}
	}
	return st
}

// learn takes over what the back end said of the generations. It returns false where one is missing.
func (c *Cache) learn(s *slot, gens []string) bool {
	whole := len(gens) == len(s.gens)
	for i, text := range gens {
		g := s.gens[i]
		switch old := g.cur(); {
		case old != 0 && leads(text, old): // as ever
		default:
			b, ok := parseBump(text)
			if !ok {
				whole = false
			} else if g.raise(b) && old != 0 { // what others flushed is known before their notice is here
				c.moved(g, s)
			}
		}
	}
	return whole
}

// leads reports whether text begins with n and a space.
func leads(text string, n int64) bool {
	var digits [20]byte
	d := strconv.AppendInt(digits[:0], n, 10)
	return len(text) > len(d) && text[:len(d)] == string(d) && text[len(d)] == ' '
}

// leaseTime is how long a lease lasts unless it is renewed: what a crash of its owner costs others.
const (
	leaseTime  = 3 * time.Second
	leaseRenew = time.Second
)

// errRefused is wrapped by errors of a back end that is there and answers, but doesn't do what was asked:
// it is full, or takes no writes.
var errRefused = errors.New("cache: the back end refuses")

// refusal is such an error.
type refusal struct{ err error }

func (r *refusal) Error() string   { return r.err.Error() }
func (r *refusal) Unwrap() []error { return []error{errRefused, r.err} }

// refused marks err as a refusal.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return &refusal{err}
}

// errDeaf is what listen returns where the back end has no way to tell.
var errDeaf = errors.New("cache: the back end tells nothing by itself")

// openBackend opens what rawURL names; nil for memory alone.
func openBackend(c *Cache, rawURL string) (backend, error) {
	if rawURL == "" {
		return nil, nil //nolint:nilnil // no back end is an ordinary choice
	}
	scheme, _, _ := strings.Cut(rawURL, "://") // url.Parse takes one host only
	switch scheme {
	case "memory":
		return nil, nil //nolint:nilnil // as above
	case "redis", "rediss":
		return openRedis(c, rawURL)
	case "memcached":
		return openMemcached(c, rawURL)
	case "file":
		return openFiles(c, rawURL)
	default:
		return nil, fmt.Errorf("cache: no back end %q: memory, redis, rediss, memcached or file", scheme)
	}
}
