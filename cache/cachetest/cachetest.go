// Package cachetest holds what every back end of the cache must do: one suite, run over each of them.
package cachetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cifra/cache"
)

// Backend is one back end under test.
type Backend struct {
	URL    string
	Shared bool // several caches on URL see one store
	Deaf   bool // it tells nothing by itself: instances learn of invalidations by polls
}

// Service returns the address of a server that a test needs, from the environment variable name.
// Where it isn't set the test is skipped, or fails if CIFRA_REQUIRE_SERVICES asks for all.
func Service(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		Missing(t, name+" is not set")
	}
	return v
}

// Missing skips the test for want of something, or fails it if CIFRA_REQUIRE_SERVICES asks for all.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CIFRA_REQUIRE_SERVICES") == "1" {
		t.Fatalf("%s, and CIFRA_REQUIRE_SERVICES=1", what)
	}
	t.Skipf("%s: run make test, which starts what is needed", what)
}

// Full reports whether the tests are to run at full size.
func Full() bool { return os.Getenv("CIFRA_PROVE") == "1" }

// Promised is how long something may take that is promised within d: d itself at full size, which wants a quiet
// machine, and ten times as long elsewhere, so that no test fails because its machine is busy.
func Promised(d time.Duration) time.Duration {
	if Full() {
		return d
	}
	return 10 * d
}

// Clock is a clock that tests move.
type Clock struct{ ns atomic.Int64 }

// NewClock returns a clock that stands at a fixed moment.
func NewClock() *Clock {
	c := new(Clock)
	c.ns.Store(time.Date(2026, 5, 4, 14, 3, 11, 0, time.UTC).UnixNano())
	return c
}

// Now tells the time.
func (c *Clock) Now() time.Time { return time.Unix(0, c.ns.Load()).UTC() }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.ns.Add(int64(d)) }

// World is some instances of the cache on one back end, with one clock.
type World struct {
	t      testing.TB
	b      Backend
	Prefix string
	Clock  *Clock
	events sync.Map // of cache.EventKind: *atomic.Int64

	mu   sync.Mutex
	open []*cache.Cache
}

// NewWorld returns a world with a key prefix of its own.
func NewWorld(t testing.TB, b Backend) *World {
	t.Helper()
	r := make([]byte, 6)
	_, _ = rand.Read(r)
	return &World{t: t, b: b, Prefix: "t" + hex.EncodeToString(r), Clock: NewClock()}
}

// Open returns a new instance, closed when the test ends.
func (w *World) Open(name string) *cache.Cache {
	w.t.Helper()
	c, err := cache.New(w.t.Context(), cache.Options{
		URL: w.b.URL, Prefix: w.Prefix, Instance: name, Now: w.Clock.Now,
		OnEvent: func(e cache.Event) { w.counter(e.Kind).Add(1) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close() })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = append(w.open, c)
	return c
}

func (w *World) counter(k cache.EventKind) *atomic.Int64 {
	n, _ := w.events.LoadOrStore(k, new(atomic.Int64))
	return n.(*atomic.Int64) //nolint:forcetypeassert // nothing else is stored
}

// Events returns how often k was told by any instance.
func (w *World) Events(k cache.EventKind) int64 { return w.counter(k).Load() }

// Advance moves the clock of all instances, and lets them look after their back end as they do
// twice a second.
func (w *World) Advance(d time.Duration) {
	w.Clock.Advance(d)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.open {
		_ = c.Sync(context.Background()) // a back end that is away is part of some tests
	}
}

// Settle lets every instance learn what was invalidated, where it must ask for that.
func (w *World) Settle() {
	if w.b.Deaf {
		w.Advance(0)
	}
}

// Gate is a loader's door: a test sees that a load has begun, and lets it go on.
type Gate struct {
	began, open chan struct{}
}

// NewGate returns a closed gate.
func NewGate() *Gate { return &Gate{make(chan struct{}, 1000), make(chan struct{})} }

// Pass is called by the loader: it waits until the gate is open.
func (g *Gate) Pass() {
	g.began <- struct{}{}
	<-g.open
}

// Began waits until a loader has arrived.
func (g *Gate) Began() { <-g.began }

// Open lets all loaders pass, now and later.
func (g *Gate) Open() { close(g.open) }

// Eventually waits until ok, looking each millisecond; it fails the test after ten seconds.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited 10 s in vain until %s", what)
		}
	}
}
