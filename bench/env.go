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

// compare lets the contenders take turns, the first one before and after each other, and returns each one's median time
// for a call, the median of its ratios to the first one's turns right beside it, and its allocations. A machine's speed
// may change from one second to the next: neighbours hardly notice.
func compare(keys []string, clock int32, calls int, cs []contender) ([]row, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	times, ratios, allocs := make([][]float64, len(cs)), make([][]float64, len(cs)), make([]float64, len(cs))
	turn := func(n int) (took float64, err error) {
		if !warm(cs[n], keys, calls/10) {
			cs[n].run, cs[n].skip = nil, "lost what it was given"
			return 0, nil
		}
		took, allocs[n], err = spent(cs[n], keys, clock, calls)
		times[n] = append(times[n], took)
		return took, err
	}
	before, err := turn(0)
	if err != nil {
		return nil, err
	}
	for range rounds {
		for n := 1; n < len(cs); n++ {
			if cs[n].run == nil {
				continue
			}
			took, err := turn(n)
			after, err2 := turn(0)
			if err := errors.Join(err, err2); err != nil {
				return nil, err
			}
			ratios[n] = append(ratios[n], 2*took/(before+after))
			before = after
		}
	}
	ratios[0] = []float64{1}
	rows := []row{{"", "median", "best", "ratio", "allocations"}}
	for n, c := range cs {
		if c.run == nil {
			rows = append(rows, row{c.name, c.skip})
			continue
		}
		rows = append(rows, row{
			c.name, ns(median(times[n])), ns(slices.Min(times[n])), ratio(median(ratios[n]), 1),
			strconv.FormatFloat(allocs[n], 'f', 1, 64),
		})
	}
	return rows, nil
}

// spent returns what a call of c takes by the clock, in nanoseconds, and how often it allocates.
func spent(c contender, keys []string, clock int32, calls int) (took, allocs float64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var began, ended unix.Timespec
	if err := unix.ClockGettime(clock, &began); err != nil {
		return 0, 0, err
	}
	for i := range calls {
		c.run(keys[i*7%len(keys)])
	}
	if err := unix.ClockGettime(clock, &ended); err != nil {
		return 0, 0, err
	}
	runtime.ReadMemStats(&after)
	return float64(ended.Nano()-began.Nano()) / float64(calls), float64(after.Mallocs-before.Mallocs) / float64(calls), nil
}

// median sorts list and returns its middle.
func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
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
