package cache

import (
	"fmt"
	"sync/atomic"
	"time"
)

// storm notices memory that is far too small for what is asked: it displaces entries before they can be of use.
type storm struct {
	began atomic.Int64 // of the window
	n     atomic.Int64 // displaced in it
	told  atomic.Int64 // when it was last told
}

const (
	stormWindow = 10 * time.Second
	stormRest   = time.Minute // no second word about it before
	stormFrom   = 100         // entries at least, however small the memory
)

// displaced notes that an entry was displaced, and tells where half of what L1 may hold was within stormWindow.
func (m *Memo[K, V]) displaced() {
	s, now := &m.storm, m.c.clock.roughly()
	began := s.began.Load()
	if now-began > int64(stormWindow) && s.began.CompareAndSwap(began, now) {
		s.n.Store(0)
		began = now
	}
	n := s.n.Add(1)
	if n < int64(max(stormFrom, m.p.Entries/2)) {
		return
	}
	last := s.told.Load()
	if last != 0 && now-last < int64(stormRest) || !s.told.CompareAndSwap(last, now) {
		return
	}
	took := time.Duration(now - began)
	m.c.log.Warn("cache: memory is too small for what is asked", "namespace", m.p.Namespace, "displaced", n, "within", took)
	e := Event{Kind: EventEvictions, Namespace: m.p.Namespace, Why: fmt.Sprintf("%d entries displaced", n), Took: took}
	go m.c.tell(e) // the memory waits for this
}
