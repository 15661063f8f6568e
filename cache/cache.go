// Package cache remembers what was expensive to make, and says of every answer where it came from.
//
// A [Cache] is one instance's view of a store that instances share: its own memory in front (L1),
// and behind it Redis, Memcached, a folder, or nothing (L2). A [Memo] is a function whose results
// the cache keeps: [NewMemo] takes a [Policy] and a loader, and [Memo.Get] returns the value with an
// [Info] that says whether it was remembered, why not if it wasn't, how old it is and what it saved.
//
// What the layer promises, with the protocol behind it, is in docs/cache.md. In short:
//
//   - one load for a key at a time, in this process and among all instances
//   - what an acknowledged invalidation removed is never served again, however late a slow loader ends
//   - flushing costs the same for ten entries and for ten million, and touches nothing that isn't ours
//   - errors of the back end never reach a caller: without it the loader runs, and Info says "degraded"
//
// Values that come out of the cache are shared between callers and must not be changed by them.
// A value that travels through a back end is JSON: what JSON leaves out is not kept.
package cache

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options says what a [Cache] stands on. The zero value is a cache in this process's memory.
type Options struct {
	// URL chooses the back end: "memory://" or "" for none, "redis://…" or "rediss://…" (several
	// addresses, separated by commas: a cluster), "memcached://host:port,…", "file:///folder" (one process).
	URL string

	// Prefix begins every key of this cache in the back end; nothing else there is ever touched.
	// "cifra" unless given. Letters, digits, '.', '_' and '-'.
	Prefix string

	// Instance names this process to people: who made a value, who applied a flush.
	// It need not be unique; "local" unless given.
	Instance string

	// TTL is how long values are fresh whose policy names no time of its own. 0: every policy must name one.
	TTL time.Duration

	// Now is a clock that all instances share, for tests. Nil is the process's monotonic clock, set by
	// the back end's, so that neither a jump of the wall clock nor a skew between machines matters.
	Now func() time.Time

	Logger  *slog.Logger // nil discards
	OnEvent func(Event)  // hears what is worth telling; must return quickly and may be called at once from many places
}

// Cache is one instance's view of the shared store. Make it with [New]; it is safe for concurrent use.
type Cache struct {
	prefix   string
	instance string
	id       string // the instance's name and a random part: unique
	clock    *clock
	log      *slog.Logger
	onEvent  func(Event)
	ttl      time.Duration                 // of policies that name none
	told     [len(eventKinds)]atomic.Int64 // events, by kind

	// epoch counts the moves of all generations together: while it stands, what was valid is valid.
	epoch atomic.Int64

	all   generation // of everything
	tags  tagSet
	turns turns  // of those who invalidate the same tag
	undos undos  // of pure namespaces, without a back end
	root  string // begins the keys on the wire that concern all: "{cifra}"

	allKey string // of all's generation, on the wire

	back backend // nil: memory only
	link *link   // the health of back
	peer *peers  // what keeps L1 coherent with other instances; nil without back

	// trusted is the moment until which L1 may be believed without asking the back end:
	// the last time this instance was known to have missed nothing, and maxAdrift.
	trusted atomic.Int64

	mu     sync.RWMutex
	spaces map[string]space // guarded by mu

	stop  context.CancelFunc
	done  sync.WaitGroup
	close func() error
}

// maxAdrift bounds how long L1 is believed while the back end can't be asked what was invalidated.
const maxAdrift = 5 * time.Second

// nameRule keeps a key on the wire within Memcached's 250 bytes, and free of what a pattern of Redis would read.
var nameRule = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{0,27}$`)

// New opens a cache. It fails only where the options make no sense: a back end that can't be reached
// just now is not an error, the cache works without it and heals when it comes.
// ctx bounds the first contact with the back end, not the life of the cache.
func New(ctx context.Context, o Options) (*Cache, error) {
	c := &Cache{
		prefix:   o.Prefix,
		instance: o.Instance,
		clock:    newClock(o.Now),
		log:      o.Logger,
		onEvent:  o.OnEvent,
		ttl:      o.TTL,
		spaces:   map[string]space{},
	}
	if c.prefix == "" {
		c.prefix = "cifra"
	}
	if c.instance == "" {
		c.instance = "local"
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if !nameRule.MatchString(c.prefix) {
		return nil, fmt.Errorf("cache: prefix %q: letters, digits, '.', '_' and '-' only", c.prefix)
	}
	c.root = "{" + c.prefix + "}"
	c.allKey = c.root + genSuffix
	c.epoch.Store(1) // an entry's 0 says that it was never checked
	c.id = c.instance + "#" + randomHex(4)
	c.link = newLink(c)
	back, err := openBackend(c, o.URL)
	if err != nil {
		return nil, err
	}
	c.start(ctx, back)
	return c, nil
}

// start puts the back end to work: it makes the first contact, and keeps L1 in step from then on.
func (c *Cache) start(ctx context.Context, back backend) {
	c.trusted.Store(1<<63 - 1)
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	c.close = sync.OnceValue(c.end)
	if back == nil {
		return
	}
	c.back = back
	c.trusted.Store(0)
	c.peer = newPeers(c)
	c.peer.start(ctx, run)
}

// Close ends the cache's work in the background and its connections. It may be called twice.
// Loads under way end by themselves.
func (c *Cache) Close() error { return c.close() }

func (c *Cache) end() error {
	c.stop()
	c.done.Wait()
	if c.back == nil {
		return nil
	}
	return c.back.close()
}

// Instance returns the name of this instance.
func (c *Cache) Instance() string { return c.instance }

// Policies returns the policy of every namespace, in the order of their names.
func (c *Cache) Policies() []Policy {
	var ps []Policy
	for _, s := range c.spaceList() {
		ps = append(ps, s.policy())
	}
	slices.SortFunc(ps, func(a, b Policy) int { return strings.Compare(a.Namespace, b.Namespace) })
	return ps
}

// space is what a [Cache] asks of a [Memo], whatever its types are.
type space interface {
	policy() Policy
	generation() *generation
	statistics() Stats
	list(after mark, limit int) (list []Entry, more bool)              // of L1, what is of use, newest first
	holds(args string) bool                                            // L1 has it, and it is of use
	lives(head string, now int64) bool                                 // of an envelope: it is of use
	learn(ctx context.Context) error                                   // what the generations are just now
	envelope(ctx context.Context, key string) (*letter, error)         // in the back end; nil for none
	inspect(ctx context.Context, args string) (Entry, json.RawMessage) // in all tiers
	size() int                                                         // entries in L1, about
	forget(args string, c *Cause, soft bool)                           // a key was invalidated
	outdate(g *generation, but *slot)                                  // g has moved: what began before is nobody's to join
	clear()                                                            // L1 may have missed something: empty it
	invalidate(ctx context.Context, args string, h how) Receipt
	Flush(ctx context.Context, why string, hows ...How) Receipt
}

// add registers s under its name, which must be free: two memos of one name would read each other's values.
func (c *Cache) add(s space) error {
	name := s.policy().Namespace
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, taken := c.spaces[name]; taken {
		return fmt.Errorf("cache: namespace %q is taken", name)
	}
	c.spaces[name] = s
	return nil
}

func (c *Cache) space(name string) (space, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	s, ok := c.spaces[name]
	return s, ok
}

// spaceList returns the namespaces that are registered now.
func (c *Cache) spaceList() []space {
	c.mu.RLock()
	defer c.mu.RUnlock()
	list := make([]space, 0, len(c.spaces))
	for _, s := range c.spaces {
		list = append(list, s)
	}
	return list
}

// ErrTimeout is what a caller gets when a loader outlives its policy's hard timeout.
var ErrTimeout = errors.New("cache: the loader took longer than its hard timeout")

// ErrNamespace is returned where an unknown namespace is named.
var ErrNamespace = errors.New("cache: no such namespace")

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
