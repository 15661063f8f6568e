package auth

import (
	"context"
	"sync"
	"time"
)

// maxCounted bounds the memory of a MemoryCounter: some 20 MB with ten failures for each key.
const maxCounted = 50_000

// MemoryCounter is a [Counter] for one instance. It keeps at most 50,000 keys; past that, one that is not blocked
// is forgotten for each new one. Forgetting one costs the same however many there are.
type MemoryCounter struct {
	now func() time.Time

	mu   sync.Mutex // guards keys and what they point to
	keys map[string]*counted
	seen int // calls of fail since the last sweep
}

type counted struct {
	failures []time.Time // within the window, oldest first
	blocked  time.Time   // until when; zero: not
}

// NewMemoryCounter returns an empty counter.
func NewMemoryCounter(now func() time.Time) *MemoryCounter {
	return &MemoryCounter{now: now, keys: make(map[string]*counted)}
}

// Check is [Counter]'s.
func (m *MemoryCounter) Check(_ context.Context, key string) (time.Duration, bool, error) {
	m.mu.Lock()
	_, known := m.keys[key]
	m.mu.Unlock()
	return m.check(key), known, nil
}

// Fail is [Counter]'s.
func (m *MemoryCounter) Fail(_ context.Context, key string, limit int) (time.Duration, error) {
	return m.fail(key, limit), nil
}

// Clear is [Counter]'s.
func (m *MemoryCounter) Clear(_ context.Context, key string) error {
	m.clear(key)
	return nil
}

func (m *MemoryCounter) check(key string) time.Duration {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.keys[key]; c != nil {
		return max(0, c.blocked.Sub(now))
	}
	return 0
}

func (m *MemoryCounter) fail(key string, limit int) time.Duration {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(now)
	c := m.keys[key]
	if c == nil {
		m.makeRoom(now)
		c = &counted{}
		m.keys[key] = c
	}
	if left := c.blocked.Sub(now); left > 0 {
		return left
	}
	c.failures = append(c.failures, now)
	for len(c.failures) > 0 && now.Sub(c.failures[0]) >= FailureWindow {
		c.failures = c.failures[1:]
	}
	if len(c.failures) < limit {
		return 0
	}
	c.failures, c.blocked = nil, now.Add(BlockTime)
	return BlockTime
}

func (m *MemoryCounter) clear(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.keys, key)
}

// sweep drops the keys of which nothing counts any more, once in as many failures as there may be keys.
// The caller holds mu.
func (m *MemoryCounter) sweep(now time.Time) {
	if m.seen++; m.seen < maxCounted {
		return
	}
	m.seen = 0
	for key, c := range m.keys {
		n := len(c.failures)
		if !c.blocked.After(now) && (n == 0 || now.Sub(c.failures[n-1]) >= FailureWindow) {
			delete(m.keys, key)
		}
	}
}

// makeRoom sees to it that one more key fits. The caller holds mu.
func (m *MemoryCounter) makeRoom(now time.Time) {
	if len(m.keys) < maxCounted {
		return
	}
	spare, looked := "", 0
	for key, c := range m.keys { // in random order, so a few will do
		spare = key
		if looked++; !c.blocked.After(now) || looked == 32 {
			break
		}
	}
	delete(m.keys, spare)
}
