package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"

	"cifra"
)

// Loader makes the value for a key. Its context is not its caller's: it lives on when the caller leaves,
// keeps the caller's values, and ends with the policy's hard timeout.
type Loader[K comparable, V any] func(ctx context.Context, k K) (V, error)

// Memo is a function whose results are remembered. Make it with [NewMemo]; it is safe for concurrent use.
type Memo[K comparable, V any] struct {
	c      *Cache
	p      Policy
	load   Loader[K, V]
	tags   func(K) []string
	absent func(error) bool
	final  func(error) bool
	weigh  func(K, V) uint32
	schema uint64
	gen    generation
	prefix string        // of its keys on the wire
	values string        // of its values' keys: prefix and a colon
	gens   []*generation // of a key without tags: everything, namespace
	keys   []any         // of gens, on the wire

	l1    memory[K, V]
	hit   func(K) *entry[V] // l1.GetIfPresent
	stats counters
	storm storm
	met   sync.Once // with the other instances

	setting atomic.Bool // an entry goes into L1 just now

	mu      sync.Mutex
	flights map[K]*flight[K, V]        // loads under way that others may join, guarded by mu
	alone   map[*flight[K, V]]struct{} // loads under way that nobody may join, guarded by mu
	swept   atomic.Int64
}

// NewMemo remembers the results of load by the policy p. A nil load is for memos that are only asked by
// [Memo.GetWith].
//
// K may be a boolean, an integer, text, or a struct or array of those: its JSON is the key on the wire.
// NewMemo panics where p makes no sense, K is no such type, or p's namespace is taken: these are
// mistakes in the program, not in what it is given.
func NewMemo[K comparable, V any](c *Cache, p Policy, load Loader[K, V], options ...Option[K, V]) *Memo[K, V] {
	p, err := p.complete(c.ttl)
	if err != nil {
		panic(err)
	}
	if err := checkKey(reflect.TypeFor[K]()); err != nil {
		panic(fmt.Errorf("cache: policy %q: %w", p.Namespace, err))
	}
	m := &Memo[K, V]{
		c: c, p: p, load: load,
		schema:  schemaOf(reflect.TypeFor[V](), p.Version),
		prefix:  nsPrefixOf(c.root, p.Namespace),
		flights: map[K]*flight[K, V]{}, alone: map[*flight[K, V]]struct{}{},
	}
	m.values = m.prefix + ":"
	m.gens, m.keys = []*generation{&c.all, &m.gen}, []any{c.allKey, m.prefix + genSuffix}
	for _, o := range options {
		o(m)
	}
	m.l1, m.hit = newMemory(m)
	if err := c.add(m); err != nil {
		panic(err)
	}
	return m
}

// Get returns the value for k, remembered or made by the memo's loader, and where it came from.
// The error is the loader's, or that of ctx where the caller left before the value was there.
func (m *Memo[K, V]) Get(ctx context.Context, k K) (v V, i Info, err error) {
	e, now, fresh := m.remembered(ctx, k)
	if !fresh {
		return m.ask(ctx, k, m.load, e)
	}
	e.describe(&i, cifra.HitL1, tierMemory, now)
	if e.negative {
		err = e.err
	}
	return e.v, i, err
}

// GetWith is Get with a loader of this call's own, for loaders that need what is not in the key, such
// as the bytes of an upload. All loaders of one key must make the same value: one runs for all.
func (m *Memo[K, V]) GetWith(ctx context.Context, k K, load Loader[K, V]) (v V, i Info, err error) {
	e, now, fresh := m.remembered(ctx, k)
	if !fresh {
		return m.ask(ctx, k, load, e)
	}
	e.describe(&i, cifra.HitL1, tierMemory, now)
	if e.negative {
		err = e.err
	}
	return e.v, i, err
}

// remembered returns what L1 has for k, nil for nothing, and whether it may be given with nothing more
// to be done: the caller asks for no trace, and it needs no refresh.
func (m *Memo[K, V]) remembered(ctx context.Context, k K) (e *entry[V], now int64, ok bool) {
	e = m.hit(k)
	if e == nil || wishOf(ctx) != nil {
		return e, 0, false
	}
	now = m.c.clock.roughly()
	if now >= e.early || !m.current(e) || !m.believed(e, now) {
		return e, now, false
	}
	e.hits.Add(1)
	return e, now, true
}

// tierMemory is what Info calls L1.
const tierMemory = "memory"

// set puts e into L1. m.mu is held.
func (m *Memo[K, V]) set(k K, e *entry[V]) {
	m.setting.Store(true)
	defer m.setting.Store(false)
	m.l1.Set(k, e)
}

// slot is where k lives: its keys on the wire, and the generations it belongs to.
func (m *Memo[K, V]) slot(k K) (slot, error) {
	key, err := arguments(m.values, k) // in one piece: an answer from the back end makes no more of it
	if err != nil {
		return slot{}, err
	}
	s := slot{
		ns: m.p.Namespace, key: key, args: key[len(m.values):],
		gens: m.gens, keys: m.keys, life: m.p.life() + m.p.HardTimeout + afterlife,
	}
	if short := safe(s.args); short != s.args {
		s.key, s.hash = m.values+short, true
	}
	if m.tags == nil {
		return s, nil
	}
	s.tags = m.tags(k)
	if len(s.tags) > maxTags {
		return slot{}, fmt.Errorf("cache: %d tags for %s; at most %d", len(s.tags), s.key, maxTags)
	}
	s.gens = append(make([]*generation, 0, 2+len(s.tags)), m.gens...)
	s.keys = append(make([]any, 0, 2+len(s.tags)), m.keys...)
	for _, t := range s.tags {
		s.gens = append(s.gens, m.c.tags.get(t))
		s.keys = append(s.keys, tagKeyOf(m.c.root, t))
	}
	return s, nil
}

// maxTags bounds the tags of one entry.
const maxTags = 32

// seal puts e into an envelope for s.
func (m *Memo[K, V]) seal(e *entry[V], s *slot) ([]byte, error) {
	l := letter{span: e.span, meta: e.meta, schema: m.schema, nonce: e.nonce, last: e.last, all: e.all, ns: e.ns}
	for _, t := range e.tags {
		l.tags = append(l.tags, t.at)
	}
	if s.hash {
		l.flags, l.args = l.flags|flagHashed, s.args
	}
	if e.negative {
		l.flags |= flagNegative
		l.payload = sealError(e.err)
		return l.seal(), nil
	}
	var err error
	if l.payload, err = json.Marshal(e.v); err != nil {
		return nil, fmt.Errorf("cache: %s: value: %w", s.key, err)
	}
	return l.seal(), nil
}

// unseal reads the entry in an envelope for s. Where there is none that means anything here,
// it returns one that says why, or nil where nothing is known.
func (m *Memo[K, V]) unseal(b []byte, s *slot) *entry[V] {
	var l letter
	if len(b) == 0 {
		return nil
	}
	err := l.open(b)
	switch {
	case err != nil, l.flags&flagHashed != 0 && l.args != s.args:
		m.c.tell(Event{Kind: EventForeign, Namespace: s.ns, Key: s.key, Err: errForeign})
		return nil
	case l.flags&flagTomb != 0:
		return tombstone[V](l)
	case l.schema != m.schema, len(l.tags) != len(s.tags):
		return epitaph[V](l.span, l.meta, l.nonce, &Cause{Kind: Schema})
	}
	e := &entry[V]{span: l.span, ties: &ties{meta: l.meta, last: l.last, nonce: l.nonce, all: l.all, ns: l.ns, bytes: l.bytes}}
	e.gen = max(l.all, l.ns)
	e.key = s.key
	e.tags = s.stamps(l.tags)
	if l.flags&flagNegative != 0 {
		e.err, e.negative = openError(l.payload), true
		return e
	}
	if err := json.Unmarshal(l.payload, &e.v); err != nil {
		m.c.tell(Event{Kind: EventForeign, Namespace: s.ns, Key: s.key, Err: err})
		return epitaph[V](l.span, l.meta, l.nonce, &Cause{Kind: Schema})
	}
	return e
}
