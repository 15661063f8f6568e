package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sys/unix"

	"cifra/cache"
)

// prediction has the shape of what the application remembers most.
type prediction struct {
	Digit   int         `json:"digit" msgpack:"digit"`
	Prob    float32     `json:"prob" msgpack:"prob"`
	Probs   [10]float32 `json:"probs" msgpack:"probs"`
	Version string      `json:"version" msgpack:"version"`
	Model   string      `json:"model" msgpack:"model"`
	MS      float64     `json:"ms" msgpack:"ms"`
}

var sample = prediction{5, .9, [10]float32{.01, .01, .01, .01, .02, .9, .01, .01, .01, .01}, "v2", "sha256:aabbccdd", 12.5}

// env is what the operations stand on.
type env struct {
	ctx   context.Context
	keys  []string
	url   string
	rdb   *redis.Client
	text  []byte // sample as JSON
	fresh atomic.Int64
	ends  []func()
}

func newEnv(ctx context.Context) (*env, error) {
	e := &env{ctx: ctx, url: os.Getenv("TEST_REDIS_URL"), keys: make([]string, 8192)}
	if e.url == "" {
		return nil, errors.New("TEST_REDIS_URL is not set: make bench-cache starts a Redis")
	}
	for i := range e.keys {
		e.keys[i] = "predict:v2:" + strconv.Itoa(i) + ":d41d8cd98f00b204e9800998ecf8427e"
	}
	o, err := redis.ParseURL(e.url)
	if err != nil {
		return nil, err
	}
	o.Protocol, o.PoolSize = 2, 32
	e.rdb = redis.NewClient(o)
	e.ends = append(e.ends, func() { _ = e.rdb.Close() })
	if err := e.rdb.FlushAll(ctx).Err(); err != nil { // this Redis was started for the bench
		return nil, err
	}
	if e.text, err = json.Marshal(sample); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *env) close() {
	for _, end := range slices.Backward(e.ends) {
		end()
	}
}

// open returns an instance of our cache: in memory alone, or on the given URL.
func (e *env) open(name, url string) (*cache.Cache, error) {
	c, err := cache.New(e.ctx, cache.Options{URL: url, Instance: name, Prefix: "bench"})
	if err == nil {
		e.ends = append(e.ends, func() { _ = c.Close() })
	}
	return c, err
}

// key returns one that was never used.
func (e *env) key() string { return "fresh:" + strconv.FormatInt(e.fresh.Add(1), 10) }

// contender is one side of a comparison.
type contender struct {
	name string
	run  func(k string)
	skip string // why it takes no part
}

const rounds = 15

// compare lets the contenders take turns, and returns each one's median time for a call, its ratio to the first one's,
// and its allocations.
func compare(keys []string, clock int32, calls int, cs []contender) ([]row, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	times, allocs := make([][]float64, len(cs)), make([]float64, len(cs))
	for range rounds {
		for n, c := range cs {
			if c.run == nil {
				continue
			}
			if !warm(c, keys, calls/10) {
				cs[n].run, cs[n].skip = nil, "lost what it was given"
				continue
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var began, ended unix.Timespec
			if err := unix.ClockGettime(clock, &began); err != nil {
				return nil, err
			}
			for i := range calls {
				c.run(keys[i*7%len(keys)])
			}
			if err := unix.ClockGettime(clock, &ended); err != nil {
				return nil, err
			}
			runtime.ReadMemStats(&after)
			times[n] = append(times[n], float64(ended.Nano()-began.Nano())/float64(calls))
			allocs[n] = float64(after.Mallocs-before.Mallocs) / float64(calls)
		}
	}
	rows := []row{{"", "median", "ratio", "best", "ratio", "allocations"}}
	for n, c := range cs {
		if c.run == nil {
			rows = append(rows, row{c.name, c.skip})
			continue
		}
		slices.Sort(times[n])
		median, best := times[n][len(times[n])/2], times[n][0]
		rows = append(rows, row{
			c.name, ns(median), ratio(median, times[0][len(times[0])/2]), ns(best), ratio(best, times[0][0]),
			strconv.FormatFloat(allocs[n], 'f', 1, 64),
		})
	}
	return rows, nil
}

// warm lets c run for a while, and reports whether it did what is to be measured.
func warm(c contender, keys []string, calls int) (ok bool) {
	defer func() { ok = recover() == nil }()
	for i := range calls {
		c.run(keys[i*7%len(keys)])
	}
	return true
}

func ns(v float64) string { return time.Duration(v).String() }

func ratio(v, base float64) string { return fmt.Sprintf("×%.2f", v/base) }
