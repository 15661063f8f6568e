package cache

import (
	"slices"
	"time"
)

// Event is something that a cache did or met, for those who watch it.
type Event struct {
	Kind      EventKind
	At        time.Time
	Instance  string
	Namespace string // "" where it concerns all
	Key       string // on the wire
	Tag       string
	By, Why   string        // who caused it, and for what
	Took      time.Duration // what it concerns: the load, the outage
	Err       error
}

// EventKind names what happened.
type EventKind string

// The kinds of events.
const (
	EventFlushed     EventKind = "flushed"     // all, or a namespace, or a tag (Tag)
	EventInvalidated EventKind = "invalidated" // one key
	EventUndone      EventKind = "undone"      // a flush was taken back
	EventPending     EventKind = "pending"     // an invalidation that couldn't be told to the back end; it is kept and told later
	EventDown        EventKind = "down"        // the back end can't be reached: the breaker is open
	EventUp          EventKind = "up"          // and reached again; Took says after how long
	EventResynced    EventKind = "resynced"    // L1 was emptied because it may have missed an invalidation
	EventLoadFailed  EventKind = "load-failed" // a loader failed
	EventFailSafe    EventKind = "fail-safe"   // a stale value covered a loader that failed or was slow
	EventLateFill    EventKind = "late-fill"   // a value was refused because its key was invalidated while it was made
	EventForeign     EventKind = "foreign"     // bytes under our key that we didn't write
	EventEvictions   EventKind = "evictions"   // memory displaced half of what it may hold within Took: it is too small
)

// eventKinds are all of them, as they are counted.
var eventKinds = [...]EventKind{
	EventFlushed, EventInvalidated, EventUndone, EventPending, EventDown, EventUp, EventResynced, EventLoadFailed,
	EventFailSafe, EventLateFill, EventForeign, EventEvictions,
}

// tell counts e, and hands it to whoever listens.
func (c *Cache) tell(e Event) {
	if n := slices.Index(eventKinds[:], e.Kind); n >= 0 {
		c.told[n].Add(1)
	}
	if c.onEvent == nil {
		return
	}
	e.At = time.Unix(0, c.clock.now()).UTC()
	e.Instance = c.instance
	c.onEvent(e)
}
