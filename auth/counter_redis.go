package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisCounter is a [Counter] that all instances share. Only Redis's clock matters.
//
// Each key has two entries under the prefix: "{key}:failures", a list of the times of its failures, and "{key}:state",
// which is "blocked" or "cleared". The latter tells the other instances to forget what they counted for themselves.
// Both live 15 minutes at most. The prefix is the throttle's own: no flush of the cache reaches it.
type RedisCounter struct {
	client redis.UniversalClient
	prefix string
}

// RedisPrefix begins the names of the throttle's entries in Redis.
const RedisPrefix = "cifra:login:"

// NewRedisCounter returns a counter on client, which stays the caller's to close. Its timeouts must be short and heed
// contexts, as [RedisOptions] sets them: a frozen Redis may not hold up a sign-in.
func NewRedisCounter(client redis.UniversalClient) *RedisCounter {
	return &RedisCounter{client: client, prefix: RedisPrefix}
}

// RedisOptions returns the options of url ("redis://…") with timeouts that fit the throttle.
func RedisOptions(url string) (*redis.Options, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = sharedPatience, sharedPatience, sharedPatience, sharedPatience
	o.ContextTimeoutEnabled = true
	o.MaxRetries, o.DialerRetries = -1, 1
	return o, nil
}

// failScript: KEYS failures, state; ARGV limit, window and block in milliseconds. Returns the milliseconds left.
var failScript = redis.NewScript(`
if redis.call('GET', KEYS[2]) == 'blocked' then
  return redis.call('PTTL', KEYS[2])
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('RPUSH', KEYS[1], now)
while now - tonumber(redis.call('LINDEX', KEYS[1], 0)) >= tonumber(ARGV[2]) do
  redis.call('LPOP', KEYS[1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if redis.call('LLEN', KEYS[1]) < tonumber(ARGV[1]) then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], 'blocked', 'PX', ARGV[3])
return tonumber(ARGV[3])
`)

// clearScript: KEYS failures, state; ARGV the time in milliseconds for which it is known.
var clearScript = redis.NewScript(`
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], 'cleared', 'PX', ARGV[1])
return 0
`)

// checkScript: KEYS state. Returns the milliseconds left, 0 where it was cleared, -2 where nothing is known.
var checkScript = redis.NewScript(`
local state = redis.call('GET', KEYS[1])
if state == 'blocked' then
  return redis.call('PTTL', KEYS[1])
elseif state then
  return 0
end
return -2
`)

// Check is [Counter]'s.
func (c *RedisCounter) Check(ctx context.Context, key string) (time.Duration, bool, error) {
	ms, err := checkScript.Run(ctx, c.client, c.names(key)[1:]).Int64()
	if err != nil {
		return 0, false, fmt.Errorf("auth: counter: %w", err)
	}
	return time.Duration(max(0, ms)) * time.Millisecond, ms >= 0, nil
}

// Fail is [Counter]'s.
func (c *RedisCounter) Fail(ctx context.Context, key string, limit int) (time.Duration, error) {
	ms, err := failScript.Run(ctx, c.client, c.names(key), limit, FailureWindow.Milliseconds(), BlockTime.Milliseconds()).Int64()
	if err != nil {
		return 0, fmt.Errorf("auth: counter: %w", err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// Clear is [Counter]'s.
func (c *RedisCounter) Clear(ctx context.Context, key string) error {
	if err := clearScript.Run(ctx, c.client, c.names(key), BlockTime.Milliseconds()).Err(); err != nil {
		return fmt.Errorf("auth: counter: %w", err)
	}
	return nil
}

// names returns the entries of key. The braces keep both in one slot of a cluster.
func (c *RedisCounter) names(key string) []string {
	return []string{c.prefix + "{" + key + "}:failures", c.prefix + "{" + key + "}:state"}
}
