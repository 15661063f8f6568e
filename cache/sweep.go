package cache

import (
	"time"

	"github.com/maypok86/otter/v2"
)

// sweep drops what is of no use any more from L1, once a minute at most: a value whose time is over
// must not stay in memory for as long as there is room.
func (m *Memo[K, V]) sweep(now int64) {
	last := m.swept.Load()
	if now-last < int64(time.Minute) || !m.swept.CompareAndSwap(last, now) {
		return
	}
	for k, e := range m.l1.All() {
		if now < e.made+int64(afterlife) || e.gone == nil && now < e.last {
			continue
		}
		m.mu.Lock()
		m.l1.ComputeIfPresent(k, func(x *entry[V]) (*entry[V], otter.ComputeOp) {
			if x == e {
				return nil, otter.InvalidateOp
			}
			return x, otter.CancelOp
		})
		m.mu.Unlock()
	}
}

// keep is how long e stays in the back end.
func (m *Memo[K, V]) keep(e *entry[V]) time.Duration { return time.Duration(e.last-e.made) + afterlife }

func (m *Memo[K, V]) policy() Policy          { return m.p }
func (m *Memo[K, V]) generation() *generation { return &m.gen }
func (m *Memo[K, V]) size() int               { return m.l1.EstimatedSize() }
