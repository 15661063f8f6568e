package auth

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// flaky is a Counter that can be made to fail, and counts how often it is asked.
type flaky struct {
	Counter
	down  atomic.Bool
	asked atomic.Int64
}

var errDown = errors.New("connection refused")

func (f *flaky) Check(ctx context.Context, key string) (time.Duration, bool, error) {
	f.asked.Add(1)
	if f.down.Load() {
		return 0, false, errDown
	}
	return f.Counter.Check(ctx, key)
}

func (f *flaky) Fail(ctx context.Context, key string, limit int) (time.Duration, error) {
	f.asked.Add(1)
	if f.down.Load() {
		return 0, errDown
	}
	return f.Counter.Fail(ctx, key, limit)
}

func (f *flaky) Clear(ctx context.Context, key string) error {
	f.asked.Add(1)
	if f.down.Load() {
		return errDown
	}
	return f.Counter.Clear(ctx, key)
}

func TestThrottleOutlivesRedis(t *testing.T) {
	clock := newTestClock()
	shared := &flaky{Counter: NewMemoryCounter(clock.Now)}
	log := slog.New(slog.DiscardHandler)
	a, b := NewThrottle(shared, clock.Now, log), NewThrottle(shared, clock.Now, log)
	ctx := t.Context()
	blocked := func(th *Throttle) bool { return th.check(ctx, "k") != nil }

	for i := range 10 { // five on each instance
		[]*Throttle{a, b}[i%2].fail(ctx, "k", 10)
	}
	if !blocked(a) || !blocked(b) {
		t.Fatal("got a key that is not blocked, want both instances to count together")
	}

	shared.down.Store(true)
	for range 10 {
		a.fail(ctx, "alone", 10)
	}
	if a.check(ctx, "alone") == nil {
		t.Error("got not blocked while Redis is down, want the instance to count alone")
	}
	asked := shared.asked.Load()
	for range 100 {
		_ = a.check(ctx, "alone")
	}
	if got := shared.asked.Load() - asked; got != 0 {
		t.Errorf("got %d more calls in the second after a failure, want none", got)
	}

	shared.down.Store(false)
	shared.Counter = NewMemoryCounter(clock.Now) // restarted, and empty
	clock.Advance(2 * sharedPause)
	if a.check(ctx, "alone") == nil {
		t.Error("got not blocked after Redis came back empty, want the block to last")
	}
}

func TestThrottleIsLiftedEverywhere(t *testing.T) {
	clock := newTestClock()
	shared := &flaky{Counter: &tellsCleared{MemoryCounter: NewMemoryCounter(clock.Now)}}
	testLift(t, shared, clock)
}

func TestThrottleIsLiftedEverywhereThroughRedis(t *testing.T) {
	client, prefix := redisClient(t)
	c := NewRedisCounter(client)
	c.prefix = prefix
	testLift(t, &flaky{Counter: c}, newTestClock())
}

// tellsCleared is a memory counter that remembers, as Redis's does, that a key was cleared.
type tellsCleared struct {
	*MemoryCounter
	cleared sync.Map
}

func (c *tellsCleared) Check(ctx context.Context, key string) (time.Duration, bool, error) {
	left, known, err := c.MemoryCounter.Check(ctx, key)
	_, cleared := c.cleared.Load(key)
	return left, known || cleared, err
}

func (c *tellsCleared) Clear(ctx context.Context, key string) error {
	c.cleared.Store(key, true)
	return c.MemoryCounter.Clear(ctx, key)
}

func testLift(t *testing.T, shared *flaky, clock *testClock) {
	log := slog.New(slog.DiscardHandler)
	a, b := NewThrottle(shared, clock.Now, log), NewThrottle(shared, clock.Now, log)
	ctx := t.Context()
	for range NameFailures {
		a.fail(ctx, nameKey("ana"), NameFailures)
	}
	if a.NameBlocked(ctx, "ANA") == 0 || b.NameBlocked(ctx, "ana") == 0 {
		t.Fatal("got a name that is not blocked, want both instances to block it")
	}
	if err := b.LiftName(ctx, "Ana"); err != nil {
		t.Fatal(err)
	}
	if left := a.NameBlocked(ctx, "ana"); left != 0 {
		t.Errorf("got blocked for %s on the instance that counted, want it lifted", left)
	}
	shared.down.Store(true)
	if left := a.NameBlocked(ctx, "ana"); left != 0 {
		t.Errorf("got blocked for %s once Redis is down, want the instance to have forgotten it too", left)
	}
	clock.Advance(2 * sharedPause)
	if err := b.LiftName(ctx, "ana"); err == nil {
		t.Error("got no error, want to be told that other instances may still refuse")
	}
}

func TestNetworks(t *testing.T) {
	tests := []struct {
		name string
		a, b string
		same bool
	}{
		{"one IPv4 address", "203.0.113.7", "203.0.113.7", true},
		{"two IPv4 addresses", "203.0.113.7", "203.0.113.8", false},
		{"an IPv4 address in IPv6's clothes", "203.0.113.7", "::ffff:203.0.113.7", true},
		{"two IPv6 addresses of one /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"two IPv6 addresses of two /64s", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"an IPv6 address with a zone", "fe80::1%eth0", "fe80::1%eth1", true},
		{"what is no address", "", "unix socket", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := network(tt.a) == network(tt.b); got != tt.same {
				t.Errorf("got %s and %s, want the same: %v", network(tt.a), network(tt.b), tt.same)
			}
		})
	}
}

func TestFrozenRedisHoldsUpNoSignIn(t *testing.T) {
	frozen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = frozen.Close() }() // connections are taken by the kernel, and never answered
	o, err := RedisOptions("redis://" + frozen.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewUniversalClient(o)
	defer func() { _ = client.Close() }()
	throttle := NewThrottle(NewRedisCounter(client), time.Now, slog.New(slog.DiscardHandler))

	start := time.Now()
	for range NameFailures {
		_ = throttle.check(t.Context(), "k")
		throttle.fail(t.Context(), "k", NameFailures)
	}
	if took := time.Since(start); took > 5*sharedPatience {
		t.Errorf("got %s for %d failures, want one call to wait %s and the others not", took, NameFailures, sharedPatience)
	}
	if throttle.check(t.Context(), "k") == nil {
		t.Error("got not blocked, want the instance to count alone")
	}
}
