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

	coarse atomic.Int64 // our clock up to coarseness ago; 0 while nobody reads it there
	asked  atomic.Bool  // roughly was called since the reader of the time last looked
	ended  atomic.Bool
}

const (
	coarseness = 5 * time.Millisecond   // how far roughly lags behind
	unasked    = 100 * time.Millisecond // how long nobody needs to ask for the reader of the time to end
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
// of which reading the processor's counter would take a third. A goroutine reads the time for it, only as long as
// somebody asks: a program that has nothing to do must not wake 200 times a second.
func (c *clock) roughly() int64 {
	if !c.asked.Load() { // written once in a while, so that all cores may hold it
		c.asked.Store(true)
	}
	if t := c.coarse.Load(); t != 0 {
		return t + c.offset.Load()
	}
	if c.given == nil && !c.ended.Load() && c.coarse.CompareAndSwap(0, c.ours()) {
		go c.tick()
	}
	return c.now()
}

// tick reads the time until nobody has asked for it for a while.
func (c *clock) tick() {
	tick := time.NewTicker(coarseness)
	defer tick.Stop()
	for left := unasked; left > 0 && !c.ended.Load(); left -= coarseness {
		<-tick.C
		c.coarse.Store(c.ours())
		if c.asked.Swap(false) {
			left = unasked
		}
	}
	c.coarse.Store(0)
}

// stop has the reader of the time end soon. The clock goes on.
func (c *clock) stop() { c.ended.Store(true) }

// follow sets the clock by the back end's: there it was theirs (in microseconds) when here it was ours.
func (c *clock) follow(theirs, ours int64) {
	if c.given == nil {
		c.offset.Add(theirs*1000 - ours)
	}
}
