package cache

import "time"

// CauseKind sorts the reasons why a value was not given fresh from a tier.
type CauseKind string

// The causes.
const (
	Cold        CauseKind = "cold"        // never seen here, and the back end has nothing
	Expired     CauseKind = "expired"     // its time to live had passed
	Flushed     CauseKind = "flushed"     // everything, or its namespace, was flushed
	TagBumped   CauseKind = "tag"         // one of its tags was invalidated
	Invalidated CauseKind = "invalidated" // its key was
	Evicted     CauseKind = "evicted"     // a tier had no room for it
	Schema      CauseKind = "schema"      // its type, or the policy's version, is another one now
	LeaseLost   CauseKind = "lease-lost"  // made, but not kept: its lease had ended
	Unreachable CauseKind = "unreachable" // the back end can't be reached: the breaker is open, or opening
	Skipped     CauseKind = "skipped"     // the caller asked to stay out of the cache
	Early       CauseKind = "early"       // refreshed before it expired, since it costs so much
	LoadFailed  CauseKind = "load-failed" // stale, since the loader failed
	LoadSlow    CauseKind = "load-slow"   // stale, since the loader was slow
)

// Cause is why a value was not given fresh from a tier.
type Cause struct {
	Kind CauseKind
	Of   string // what was flushed: "cache", "namespace", or the tag
	By   string // who did it
	Why  string // for what, or the loader's error
	At   int64  // when, in nanoseconds since 1970; 0 where it isn't known
}

// String puts c in words: "namespace flushed by ana 14:03:11: DELETE /api/v1/cache/heavy".
func (c *Cause) String() string {
	s := string(c.Kind)
	switch c.Kind {
	case Flushed:
		s = c.Of + " flushed"
	case TagBumped:
		s = "tag " + c.Of + " bumped"
	case Schema:
		s = "schema changed"
	case LeaseLost:
		s = "lease lost"
	case Unreachable:
		s = "back end unreachable"
	case LoadFailed:
		s = "loader failed"
	case LoadSlow:
		s = "loader slow"
	case Cold, Expired, Invalidated, Evicted, Skipped, Early:
	}
	if c.By != "" {
		s += " by " + c.By
	}
	if c.At != 0 {
		s += " " + time.Unix(0, c.At).UTC().Format(time.TimeOnly)
	}
	if c.Why != "" {
		s += ": " + c.Why
	}
	return s
}

// cause says why e, which judge did not find fresh, isn't; e may be nil.
func (m *Memo[K, V]) cause(e *entry[V], s *slot, now int64) *Cause {
	switch {
	case e == nil:
		return &Cause{Kind: Cold}
	case e.gone != nil:
		return e.gone
	case !m.c.all.holds(e.all):
		return m.c.all.blame(Flushed, "cache")
	case !m.gen.holds(e.ns):
		return m.gen.blame(Flushed, "namespace")
	}
	for i, t := range e.tags {
		if !t.of.holds(t.at) && i < len(s.tags) {
			return t.of.blame(TagBumped, s.tags[i])
		}
	}
	if now >= e.fresh {
		return &Cause{Kind: Expired}
	}
	return &Cause{Kind: Early}
}

// blame returns the flush that made g's current generation as a cause.
func (g *generation) blame(k CauseKind, of string) *Cause {
	b := g.now.Load()
	if b == nil {
		return &Cause{Kind: k, Of: of}
	}
	return &Cause{Kind: k, Of: of, At: b.cur * 1000, By: b.by, Why: b.why}
}
