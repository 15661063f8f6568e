package cache

import (
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// clock tells the time that all instances share, in nanoseconds since 1970. Freshness is decided by it,
// so that every instance sees a value expire at the same moment.
//
// It is the process's monotonic clock, which no change of the wall clock moves, plus the distance to
// the back end's clock, which polls measure: two machines whose wall clocks differ agree nevertheless.
type clock struct {
	given  func() time.Time // a test's clock, taken as it is
	base   time.Time
	start  int64
	offset atomic.Int64 // the back end's clock less ours
	coarse *otter.CoarseClock
}

// coarseness is how far roughly lags behind.
const coarseness = 5 * time.Millisecond

func newClock(given func() time.Time) *clock {
	base := time.Now() //nolint:forbidigo // the one place where the cache reads the process's clock
	return &clock{given: given, base: base, start: base.UnixNano()}
}

// now costs some 40 ns, most of it in reading the processor's counter.
func (c *clock) now() int64 {
	if c.given != nil {
		return c.given().UnixNano()
	}
	return c.start + int64(time.Since(c.base)) + c.offset.Load()
}

// rough makes roughly cheap: a goroutine reads the time now and then, until it is stopped.
func (c *clock) rough() {
	if c.given == nil {
		c.coarse = otter.NewCoarseClock(coarseness)
	}
}

func (c *clock) stop() {
	if c.coarse != nil {
		c.coarse.Stop()
	}
}

// roughly is now, or up to coarseness before. It costs as much as reading a variable: for hits in memory,
// of which reading the processor's counter would take a third.
func (c *clock) roughly() int64 {
	if c.coarse == nil {
		return c.now()
	}
	return c.coarse.NowNano() + c.offset.Load()
}

// follow sets the clock by the back end's: there it was theirs (in microseconds) when here it was ours.
func (c *clock) follow(theirs, ours int64) {
	if c.given == nil {
		c.offset.Add(theirs*1000 - ours)
	}
}
