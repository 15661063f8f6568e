package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisClient returns a client of the test's Redis and a prefix of its own in it.
func redisClient(t *testing.T) (client *redis.Client, prefix string) {
	t.Helper()
	url := os.Getenv("TEST_REDIS_URL")
	if url == "" {
		if os.Getenv("CIFRA_REQUIRE_SERVICES") == "1" {
			t.Fatal("TEST_REDIS_URL is not set")
		}
		t.Skip("TEST_REDIS_URL is not set; make test starts a Redis")
	}
	o, err := RedisOptions(url)
	if err != nil {
		t.Fatal(err)
	}
	client = redis.NewClient(o)
	t.Cleanup(func() { _ = client.Close() })
	return client, "cifra-test-" + rand.Text() + ":"
}

func TestMemoryCounter(t *testing.T) {
	testCounter(t, func(t *testing.T) (Counter, func(key string, d time.Duration)) {
		t.Helper()
		clock := newTestClock()
		return NewMemoryCounter(clock.Now), func(_ string, d time.Duration) { clock.Advance(d) }
	})
}

func TestRedisCounter(t *testing.T) {
	client, prefix := redisClient(t)
	testCounter(t, func(t *testing.T) (Counter, func(key string, d time.Duration)) {
		t.Helper()
		c := NewRedisCounter(client)
		c.prefix = prefix + rand.Text()
		return c, func(key string, d time.Duration) { ageRedis(t, client, c.names(key), d) }
	})
}

// ageRedis makes what is kept of a key look older by d, because Redis's clock cannot be moved.
func ageRedis(t *testing.T, client *redis.Client, names []string, d time.Duration) {
	t.Helper()
	const script = `
for i, v in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do redis.call('LSET', KEYS[1], i - 1, v - ARGV[1]) end
for _, k in ipairs(KEYS) do
  local left = redis.call('PTTL', k)
  if left > 0 then redis.call('PEXPIRE', k, left - ARGV[1]) end
end
return 0`
	if err := client.Eval(t.Context(), script, names, d.Milliseconds()).Err(); err != nil {
		t.Fatal(err)
	}
}

// testCounter holds a Counter to the comments of the interface. New returns an empty one,
// and what makes a key's entries older.
func testCounter(t *testing.T, open func(t *testing.T) (c Counter, age func(key string, d time.Duration))) {
	ctx := t.Context()
	fail := func(t *testing.T, c Counter, key string, limit int) time.Duration {
		t.Helper()
		left, err := c.Fail(ctx, key, limit)
		if err != nil {
			t.Fatal(err)
		}
		return left
	}
	check := func(t *testing.T, c Counter, key string) (time.Duration, bool) {
		t.Helper()
		left, known, err := c.Check(ctx, key)
		if err != nil {
			t.Fatal(err)
		}
		return left, known
	}

	t.Run("the limit blocks, for as long as it should, and only that key", func(t *testing.T) {
		c, age := open(t)
		for i := 1; i < 5; i++ {
			if left := fail(t, c, "a", 5); left != 0 {
				t.Fatalf("failure %d: got blocked for %s, want not blocked", i, left)
			}
		}
		if left := fail(t, c, "a", 5); left != BlockTime {
			t.Fatalf("failure 5: got blocked for %s, want %s", left, BlockTime)
		}
		if left, _ := check(t, c, "b"); left != 0 {
			t.Errorf("another key: got blocked for %s, want not blocked", left)
		}
		age("a", BlockTime-time.Minute)
		left, known := check(t, c, "a")
		if !known || left <= 0 || left > time.Minute {
			t.Errorf("a minute before the end: got %s, %v, want a minute", left, known)
		}
		if again := fail(t, c, "a", 5); again > time.Minute {
			t.Errorf("a failure while blocked: got %s, want the block no longer than it was", again)
		}
		age("a", time.Minute)
		if left, _ := check(t, c, "a"); left != 0 {
			t.Errorf("after the block: got %s, want none", left)
		}
		if left := fail(t, c, "a", 5); left != 0 {
			t.Errorf("the first failure after the block: got %s, want to count from one again", left)
		}
	})

	t.Run("failures leave the window one by one", func(t *testing.T) {
		c, age := open(t)
		for range 4 {
			fail(t, c, "a", 5)
			age("a", 4*time.Minute)
		} // 4, 8, 12 and 16 minutes old now: the first has left
		if left := fail(t, c, "a", 5); left != 0 {
			t.Errorf("got blocked for %s, want four failures in the window", left)
		}
		if left := fail(t, c, "a", 5); left == 0 {
			t.Error("got not blocked, want the fifth within 15 minutes to block")
		}
	})

	t.Run("what was cleared is forgotten", func(t *testing.T) {
		c, _ := open(t)
		for range 5 {
			fail(t, c, "a", 5)
		}
		if err := c.Clear(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		if left, _ := check(t, c, "a"); left != 0 {
			t.Errorf("got blocked for %s, want not blocked", left)
		}
		for i := 1; i < 5; i++ {
			if left := fail(t, c, "a", 5); left != 0 {
				t.Fatalf("failure %d after it: got blocked for %s, want not blocked", i, left)
			}
		}
		if err := c.Clear(ctx, "never heard of"); err != nil {
			t.Errorf("an unknown key: got %v, want no error", err)
		}
	})

	t.Run("an unknown key is not known", func(t *testing.T) {
		c, _ := open(t)
		if left, known := check(t, c, "a"); left != 0 || known {
			t.Errorf("got %s, %v, want 0, false", left, known)
		}
	})

	t.Run("failures at the same time are all counted", func(t *testing.T) {
		c, _ := open(t)
		var blocked atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				left, err := c.Fail(ctx, "a", 40)
				if err != nil {
					t.Error(err)
				}
				if left > 0 {
					blocked.Add(1)
				}
			})
		}
		wg.Wait()
		if got := blocked.Load(); got != 11 {
			t.Errorf("got %d that were told of a block, want the 40th to the 50th", got)
		}
	})
}

func TestMemoryCounterIsBounded(t *testing.T) {
	clock := newTestClock()
	c := NewMemoryCounter(clock.Now)
	for range 3 {
		c.fail("victim", 3)
	}
	for range maxCounted + 1000 {
		c.fail(rand.Text(), 3)
	}
	if got := len(c.keys); got > maxCounted {
		t.Errorf("got %d keys, want %d at most", got, maxCounted)
	}
	if c.check("victim") == 0 {
		t.Error("got the block pushed out by a flood of other keys, want it kept")
	}
}

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
