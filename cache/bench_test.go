package cache_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sys/unix"

	"cifra"
	"cifra/cache"
	"cifra/cache/cachetest"
)

// prediction has the shape of what the application remembers most.
type prediction struct {
	Digit   int         `json:"digit"`
	Prob    float32     `json:"prob"`
	Probs   [10]float32 `json:"probs"`
	Version string      `json:"version"`
	Model   string      `json:"model"`
	MS      float64     `json:"ms"`
}

var sample = prediction{5, .9, [10]float32{.01, .01, .01, .01, .02, .9, .01, .01, .01, .01}, "v2", "sha256:aabbccdd", 12.5}

var benchKeys = func() []string {
	keys := make([]string, 8192)
	for i := range keys {
		keys[i] = "v2:" + strconv.Itoa(i) + ":d41d8cd98f00b204e9800998ecf8427e"
	}
	return keys
}()

// BenchmarkL1 compares a hit in memory with what it stands on. The cases take turns in one run, so that
// a busy machine slows them all: their ratios to otter's GetIfPresent are what counts.
func BenchmarkL1(b *testing.B) {
	o := otter.Must(&otter.Options[string, *prediction]{MaximumSize: 100_000})
	c, err := cache.New(b.Context(), cache.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	load := func(context.Context, string) (*prediction, error) { return &sample, nil }
	plain := cache.NewMemo(c, cache.Policy{Namespace: "plain", TTL: time.Hour, Entries: 100_000}, load)
	tagged := cache.NewMemo(c, cache.Policy{Namespace: "tagged", TTL: time.Hour, Entries: 100_000}, load,
		cache.Tags[string, *prediction](func(k string) []string { return []string{"image:" + k, "user:7"} }))
	byValue := cache.NewMemo(c, cache.Policy{Namespace: "value", TTL: time.Hour, Entries: 100_000},
		func(context.Context, string) (prediction, error) { return sample, nil })
	ctx := b.Context()
	for _, put := range []func(k string){ // one after the other, as each would be alone
		func(k string) { o.Set(k, &sample) },
		func(k string) { _, _, _ = plain.Get(ctx, k) },
		func(k string) { _, _, _ = tagged.Get(ctx, k) },
		func(k string) { _, _, _ = byValue.Get(ctx, k) },
	} {
		for _, k := range benchKeys {
			put(k)
		}
	}
	compare(b, unix.CLOCK_THREAD_CPUTIME_ID, 50_000,
		contender{"otter", func(k string) { o.GetIfPresent(k) }},
		contender{"memo", func(k string) { _, _, _ = plain.Get(ctx, k) }},
		contender{"memo-2tags", func(k string) { _, _, _ = tagged.Get(ctx, k) }},
		contender{"memo-value", func(k string) { _, _, _ = byValue.Get(ctx, k) }},
	)
}

// BenchmarkL2 compares a hit in Redis with a GET whose value is decoded.
func BenchmarkL2(b *testing.B) {
	url := cachetest.Service(b, "TEST_REDIS_URL")
	o, err := redis.ParseURL(url)
	if err != nil {
		b.Fatal(err)
	}
	o.ContextTimeoutEnabled = true
	rdb := redis.NewClient(o)
	defer func() { _ = rdb.Close() }()
	w := cachetest.NewWorld(b, cachetest.Backend{URL: url, Shared: true})
	load := func(context.Context, string) (prediction, error) { return sample, nil }
	memos := map[string][2]*cache.Memo[string, prediction]{}
	writer, reader := w.Open("writer"), w.Open("reader")
	for name, tags := range map[string][]string{"x": nil, "tagged": {"image", "user:7"}} {
		p := cache.Policy{Namespace: name, TTL: time.Hour, Entries: 100_000}
		var o []cache.Option[string, prediction]
		if tags != nil {
			o = append(o, cache.Tags[string, prediction](func(string) []string { return tags }))
		}
		memos[name] = [2]*cache.Memo[string, prediction]{cache.NewMemo(writer, p, load, o...), cache.NewMemo(reader, p, load, o...)}
	}
	text, err := json.Marshal(sample)
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	const calls, all = 500, 16 * 600
	keys := make([]string, all) // the reader asks for each once: after that it has it in memory
	for i := range keys {
		keys[i] = "v2:" + strconv.Itoa(i) + ":d41d8cd98f00b204e9800998ecf8427e"
		rdb.Set(ctx, w.Prefix+keys[i], text, time.Minute)
		for _, m := range memos {
			_, _, _ = m[0].Get(ctx, keys[i])
		}
	}
	next := map[string]int{}
	hit := func(name string) func(string) {
		return func(string) {
			k := keys[next[name]%all]
			next[name]++
			if _, i, _ := memos[name][1].Get(ctx, k); i.Outcome != cifra.HitL2 {
				b.Fatalf("got %s (%s)", i.Outcome, i.Reason())
			}
		}
	}
	compare(b, unix.CLOCK_PROCESS_CPUTIME_ID, calls,
		contender{"GET+decode", func(k string) {
			data, _ := rdb.Get(ctx, w.Prefix+k).Bytes()
			var v prediction
			_ = json.Unmarshal(data, &v)
		}},
		contender{"MGET3+decode", func(k string) {
			list, _ := rdb.MGet(ctx, w.Prefix+k, "a", "b").Result()
			var v prediction
			if len(list) > 0 {
				s, _ := list[0].(string)
				_ = json.Unmarshal([]byte(s), &v)
			}
		}},
		contender{"memo", hit("x")},
		contender{"memo-2tags", hit("tagged")},
		contender{"memo-miss", func(k string) { next["miss"]++; _, _, _ = memos["x"][1].Get(ctx, k+strconv.Itoa(next["miss"])) }},
	)
}

type contender struct {
	name string
	run  func(key string)
}

// spent returns the processor time that f took: what else the machine does hardly matters to it.
func spent(b *testing.B, clock int32, f func()) time.Duration {
	b.Helper()
	var began, ended unix.Timespec
	if err := errors.Join(unix.ClockGettime(clock, &began), func() error { f(); return unix.ClockGettime(clock, &ended) }()); err != nil {
		b.Fatal(err)
	}
	return time.Duration(ended.Nano() - began.Nano())
}

// compare lets the contenders take turns, the first one before and after each other, and reports each one's median
// processor time, of the thread or of the whole process, the median of its ratios to the first one's turns right beside
// it, and its allocations. A machine's speed may change from one second to the next: neighbours hardly notice.
func compare(b *testing.B, clock int32, calls int, cs ...contender) {
	b.Helper()
	const rounds = 15
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	keys := benchKeys[:512]
	if calls > 10_000 {
		keys = benchKeys
	}
	times, ratios, allocs := make([][]float64, len(cs)), make([][]float64, len(cs)), make([]float64, len(cs))
	turn := func(n int) float64 {
		for i := range calls / 10 {
			cs[n].run(keys[i*7%len(keys)])
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		took := spent(b, clock, func() {
			for i := range calls {
				cs[n].run(keys[i*7%len(keys)])
			}
		})
		runtime.ReadMemStats(&after)
		times[n] = append(times[n], float64(took)/float64(calls))
		allocs[n] = float64(after.Mallocs-before.Mallocs) / float64(calls)
		return float64(took)
	}
	before := turn(0)
	ratios[0] = []float64{1}
	for b.Loop() {
		for range rounds {
			for n := 1; n < len(cs); n++ {
				took, after := turn(n), turn(0)
				ratios[n] = append(ratios[n], 2*took/(before+after))
				before = after
			}
		}
	}
	for n, c := range cs {
		slices.Sort(times[n])
		slices.Sort(ratios[n])
		median, ratio := times[n][len(times[n])/2], ratios[n][len(ratios[n])/2]
		b.Logf("%-14s %9.0f ns (best %.0f)  ×%.2f  %.1f allocs", c.name, median, times[n][0], ratio, allocs[n])
		b.ReportMetric(ratio, c.name+"-ratio")
	}
}
