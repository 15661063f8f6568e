package cache

import "time"

// State is how the back end does.
type State string

// The states.
const (
	Up       State = "up"       // it answers; a cache without a back end is always up
	Degraded State = "degraded" // it answers, but takes no writes
	Down     State = "down"     // it isn't asked: it can't be reached, or has not heard yet what was invalidated meanwhile
)

// Status is how a cache does just now, for a readiness check or a page.
type Status struct {
	Backend string    // "memory", "redis", …
	State   State     //
	Since   time.Time // when State began
	Err     error     // what failed last, while State isn't Up
	Hearing bool      // invalidations of other instances arrive as they happen, not by polls
	Pending int       // invalidations that the back end hasn't heard of
}

// Status tells how the cache does just now.
func (c *Cache) Status() Status {
	s := Status{Backend: tierMemory, State: Up}
	if c.back == nil {
		s.Since = time.Unix(0, c.link.since).UTC()
		return s
	}
	s.Backend = c.back.tier()
	switch {
	case c.link.open.Load():
		s.State = Down
	case c.link.mute.Load():
		s.State = Degraded
	}
	c.peer.mu.Lock()
	s.Hearing = c.peer.hearing
	c.peer.mu.Unlock()
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	s.Since = time.Unix(0, c.link.since).UTC()
	s.Pending = len(c.link.backlog)
	if s.State != Up {
		s.Err = c.link.err
	}
	return s
}
