package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
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

// RedisOptions returns the options of redis://user:password@host:port/db with timeouts that fit the throttle.
// Several hosts, separated by commas, are a cluster.
func RedisOptions(address string) (*redis.UniversalOptions, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	hosts, path, _ := strings.Cut(rest, "/")
	user := ""
	if i := strings.LastIndex(hosts, "@"); i >= 0 {
		user, hosts = hosts[:i+1], hosts[i+1:]
	}
	all := strings.Split(hosts, ",")
	one, err := redis.ParseURL(scheme + "://" + user + all[0] + "/" + path)
	if err != nil {
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err // without the address: it may hold a password
		}
		return nil, fmt.Errorf("auth: the address of Redis: %w", err)
	}
	all[0] = one.Addr
	return &redis.UniversalOptions{
		Addrs: all, IsClusterMode: len(all) > 1, DB: one.DB, Username: one.Username, Password: one.Password,
		TLSConfig: one.TLSConfig, ClientName: "cifra-login",
		DialTimeout: sharedPatience, ReadTimeout: sharedPatience, WriteTimeout: sharedPatience, PoolTimeout: sharedPatience,
		ContextTimeoutEnabled: true, MaxRetries: -1, DialerRetries: 1,
	}, nil
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
