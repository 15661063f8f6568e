package auth

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cifra/cache/cachetest"
)

// redisClient returns a client of the test's Redis and a prefix of its own in it.
func redisClient(t *testing.T) (client redis.UniversalClient, prefix string) {
	t.Helper()
	o, err := RedisOptions(cachetest.Service(t, "TEST_REDIS_URL"))
	if err != nil {
		t.Fatal(err)
	}
	client = redis.NewUniversalClient(o)
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
func ageRedis(t *testing.T, client redis.UniversalClient, names []string, d time.Duration) {
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
