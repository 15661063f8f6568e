package auth

import (
	"context"
	"sync"
	"time"
)

// maxCounted bounds the memory of a MemoryCounter: some 20 MB with ten failures for each key.
const maxCounted = 50_000

// MemoryCounter is a [Counter] for one instance. It keeps at most 50,000 keys; past that, one that is not blocked
// is forgotten for each new one.
type MemoryCounter struct {
	now func() time.Time

	mu   sync.Mutex // guards keys and what they point to
	keys map[string]*counted
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

// makeRoom sees to it that one more key fits. The caller holds mu.
func (m *MemoryCounter) makeRoom(now time.Time) {
	if len(m.keys) < maxCounted {
		return
	}
	for key, c := range m.keys {
		if c.idle(now) {
			delete(m.keys, key)
		}
	}
	if len(m.keys) < maxCounted {
		return
	}
	spare := "" // any key that is not blocked; if all are, any key
	for key, c := range m.keys {
		spare = key
		if !c.blocked.After(now) {
			break
		}
	}
	delete(m.keys, spare)
}

func (c *counted) idle(now time.Time) bool {
	n := len(c.failures)
	return !c.blocked.After(now) && (n == 0 || now.Sub(c.failures[n-1]) >= FailureWindow)
}
