package cache

import (
	"sync/atomic"
	"time"
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

	coarse atomic.Int64 // our clock up to coarseness ago; 0 while nobody asks for it
	asked  atomic.Bool  // roughly was called since coarse was last set
}

const (
	coarseness = 5 * time.Millisecond   // how far roughly lags behind
	unasked    = 100 * time.Millisecond // how long coarse is set anew though nobody asks
)

func newClock(given func() time.Time) *clock {
	base := time.Now() //nolint:forbidigo // the one place where the cache reads the process's clock
	return &clock{given: given, base: base, start: base.UnixNano()}
}

// now costs some 40 ns, most of it in reading the processor's counter.
func (c *clock) now() int64 {
	if c.given != nil {
		return c.given().UnixNano()
	}
	return c.ours() + c.offset.Load()
}

func (c *clock) ours() int64 { return c.start + int64(time.Since(c.base)) }

// roughly is now, or up to coarseness before. It costs as much as reading a variable: for hits in memory,
// of which reading the processor's counter would take a third. The variable is set anew only as long as
// somebody asks: a program that has nothing to do must not wake 200 times a second.
func (c *clock) roughly() int64 {
	if !c.asked.Load() { // written once in a while, so that all cores may hold it
		c.asked.Store(true)
	}
	if t := c.coarse.Load(); t != 0 {
		return t + c.offset.Load()
	}
	if c.given == nil && c.coarse.CompareAndSwap(0, c.ours()) {
		c.tick(unasked)
	}
	return c.now()
}

// tick sets coarse, now and each coarseness, until nobody has asked for as long as left.
func (c *clock) tick(left time.Duration) {
	switch {
	case c.asked.Swap(false):
		left = unasked
	case left <= 0:
		c.coarse.Store(0)
		return
	}
	c.coarse.Store(c.ours())
	time.AfterFunc(coarseness, func() { c.tick(left - coarseness) })
}

// follow sets the clock by the back end's: there it was theirs (in microseconds) when here it was ours.
func (c *clock) follow(theirs, ours int64) {
	if c.given == nil {
		c.offset.Add(theirs*1000 - ours)
	}
}
