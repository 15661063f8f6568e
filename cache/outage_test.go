package cache_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/cache/cachetest"
)

// real is a world whose clock is the machine's.
func open(t *testing.T, url, name string) *cache.Cache {
	t.Helper()
	c, err := cache.New(t.Context(), cache.Options{URL: url, Prefix: "p", Instance: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func numbers(n *atomic.Int64) cache.Loader[int, int64] {
	return func(context.Context, int) (int64, error) { return n.Add(1), nil }
}

// timed returns how long f took.
func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

func TestFrozenRedis(t *testing.T) {
	r := cachetest.StartRedis(t)
	c := open(t, r.URL(), "a")
	var n atomic.Int64
	p := cache.Policy{Namespace: "x", TTL: time.Hour}
	m := cache.NewMemo(c, p, numbers(&n))
	p.Namespace, p.TTL, p.StaleFor = "stale", time.Millisecond, time.Hour
	old := cache.NewMemo(c, p, numbers(&n))
	for k := range 3 {
		_, _, _ = m.Get(t.Context(), k)
		_, _, _ = old.Get(t.Context(), k)
	}
	r.Freeze()
	frozen := time.Now()
	var info cache.Info
	var err error
	first := timed(func() { _, info, err = m.Get(t.Context(), 100) })
	if err != nil || !info.Degraded && info.Reason() != "back end unreachable" {
		t.Errorf("got %+v, %v, want a value in spite of it", info, err)
	}
	if first > cachetest.Promised(150*time.Millisecond) {
		t.Errorf("the first call took %v, want 150 ms", first)
	}
	if v, i, err := m.Get(t.Context(), 1); err != nil || i.Outcome != cifra.HitL1 || v == 0 {
		t.Errorf("got %s, %v, want the value in memory", i.Outcome, err)
	}
	worst := time.Duration(0)
	for k := 101; c.Status().State == cache.Up; k++ {
		worst = max(worst, timed(func() { _, _, err = m.Get(t.Context(), k) }))
		if err != nil {
			t.Fatal(err)
		}
	}
	after := time.Hour
	for k := range 100 {
		after = min(after, timed(func() { _, info, err = m.Get(t.Context(), 1000+k) }))
		if err != nil || !info.Degraded || info.Reason() != "back end unreachable" {
			t.Fatalf("got %+v, %v, want a degraded miss", info, err)
		}
	}
	if cachetest.Full() { // five seconds in all, asked all the time
		for k := 2000; time.Since(frozen) < 5*time.Second; k++ {
			if _, i, err := m.Get(t.Context(), k); err != nil || !i.Degraded {
				t.Fatalf("got %+v, %v, want a degraded miss", i, err)
			}
		}
	}
	took := timed(func() { _, info, err = old.Get(t.Context(), 1) })
	if err != nil || info.Outcome != cifra.Stale {
		t.Errorf("got %s, %v, want the stale value", info.Outcome, err)
	}
	if after > cachetest.Promised(time.Millisecond) {
		t.Errorf("with the breaker open a call took %v at best, want 1 ms at most", after)
	}
	r.Thaw()
	healed := timed(func() {
		cachetest.Eventually(t, "the cache is up", func() bool { return c.Status().State == cache.Up })
	})
	if healed > cachetest.Promised(2*time.Second) {
		t.Errorf("healing took %v, want 2 s at most", healed)
	}
	if _, i, _ := m.Get(t.Context(), 1); i.Degraded || i.Outcome != cifra.HitL2 {
		t.Errorf("got %+v, want a hit in Redis", i)
	}
	figure(t, "Redis frozen: the first call %v (want 150 ms), until the breaker opened %v at worst, then %v (want 1 ms); stale in %v; healed in %v (want 2 s)",
		first, worst, after, took, healed)
}

func TestKilledRedis(t *testing.T) {
	r := cachetest.StartRedis(t)
	a, b := open(t, r.URL(), "a"), open(t, r.URL(), "b")
	var n atomic.Int64
	p := cache.Policy{Namespace: "x", TTL: time.Hour}
	ma, mb := cache.NewMemo(a, p, numbers(&n)), cache.NewMemo(b, p, numbers(&n))
	for k := range 10 {
		_, _, _ = ma.Get(t.Context(), k)
		_, _, _ = mb.Get(t.Context(), k)
	}
	r.Kill()
	for k := range 100 {
		if _, _, err := ma.Get(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	rec := ma.Invalidate(t.Context(), 1)
	if !rec.Pending {
		t.Errorf("got %+v, want a receipt that says pending", rec)
	}
	if v, i, err := ma.Get(t.Context(), 1); err != nil || v <= 10 {
		t.Errorf("got %v, %s, %v, want a value made after the invalidation", v, i.Outcome, err)
	}
	if s := a.Status(); s.State != cache.Down || s.Pending != 1 || s.Err == nil {
		t.Errorf("got %+v, want it down, with one invalidation to tell", s)
	}
	r.Start()
	for _, c := range []*cache.Cache{a, b} {
		cachetest.Eventually(t, "both are up", func() bool { return c.Status().State == cache.Up && c.Status().Hearing })
	}
	if s := a.Status(); s.Pending != 0 {
		t.Errorf("got %+v, want nothing pending", s)
	}
	va, _, _ := ma.Get(t.Context(), 1)
	vb, i, err := mb.Get(t.Context(), 1)
	if va != vb || err != nil {
		t.Errorf("got %v and %v (%s), %v, want one value again", va, vb, i.Outcome, err)
	}
}

func TestInvalidationDuringAnOutageReachesTheOthers(t *testing.T) {
	r := cachetest.StartRedis(t)
	a := open(t, r.URL(), "a")
	var n atomic.Int64
	p := cache.Policy{Namespace: "x", TTL: time.Hour}
	ma := cache.NewMemo(a, p, numbers(&n))
	old, _, _ := ma.Get(t.Context(), 1)
	r.Freeze()
	ma.Invalidate(t.Context(), 1)
	r.Thaw()
	cachetest.Eventually(t, "the cache is up", func() bool { return a.Status().State == cache.Up })
	if v, i, err := ma.Get(t.Context(), 1); v == old || err != nil {
		t.Errorf("got %v, %s, %v: what was invalidated while Redis was away has come back", v, i.Outcome, err)
	}
	mb := cache.NewMemo(open(t, r.URL(), "b"), p, numbers(&n))
	if v, i, err := mb.Get(t.Context(), 1); v == old || err != nil {
		t.Errorf("another instance got %v, %s, %v", v, i.Outcome, err)
	}
}

// TestHealsWhileMuchIsInvalidated: what is owed to the back end must not keep growing faster than it is paid.
func TestHealsWhileMuchIsInvalidated(t *testing.T) {
	r := cachetest.StartRedis(t)
	c := open(t, r.URL(), "a")
	var n atomic.Int64
	m := cache.NewMemo(c, cache.Policy{Namespace: "x", TTL: time.Hour}, numbers(&n))
	_, _, _ = m.Get(t.Context(), 1)
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			tick := time.NewTicker(2 * time.Millisecond)
			defer tick.Stop()
			for k := 0; ctx.Err() == nil; k++ {
				<-tick.C
				m.Invalidate(ctx, 2*k+w)
			}
		})
	}
	defer writers.Wait()
	defer cancel()
	r.Kill()
	cachetest.Eventually(t, "the cache stops asking", func() bool { return c.Status().State == cache.Down })
	r.Start()
	cachetest.Eventually(t, "the cache asks again", func() bool { return c.Status().State == cache.Up })
}

func TestStartWithoutRedis(t *testing.T) {
	r := cachetest.StartRedis(t)
	r.Kill()
	var c *cache.Cache
	if took := timed(func() { c = open(t, r.URL(), "a") }); took > cachetest.Promised(2*time.Second) {
		t.Errorf("opening took %v, want no waiting for what isn't there", took)
	}
	var n atomic.Int64
	m := cache.NewMemo(c, cache.Policy{Namespace: "x", TTL: time.Hour}, numbers(&n))
	if v, i, err := m.Get(t.Context(), 1); v != 1 || err != nil || !i.Degraded {
		t.Errorf("got %v, %+v, %v, want a value, degraded", v, i, err)
	}
	r.Start()
	cachetest.Eventually(t, "the cache is up", func() bool { return c.Status().State == cache.Up })
	if _, i, err := m.Get(t.Context(), 2); err != nil || i.Degraded {
		t.Errorf("got %+v, %v, want all well", i, err)
	}
}

func TestFlushLeavesForeignKeys(t *testing.T) {
	r := cachetest.StartRedis(t)
	c := open(t, r.URL(), "a")
	keys := 2_000
	if cachetest.Full() {
		keys = 100_000
	}
	var n atomic.Int64
	m := cache.NewMemo(c, cache.Policy{Namespace: "x", TTL: time.Hour, Entries: 10}, numbers(&n))
	pipe := r.Client.Pipeline()
	send := func() {
		if _, err := pipe.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for k := range keys {
		pipe.Set(t.Context(), "session:"+strconv.Itoa(k), "v", 0)
		pipe.Set(t.Context(), "{p:other}:"+strconv.Itoa(k), "v", 0)
		pipe.Set(t.Context(), "pq:"+strconv.Itoa(k), "v", 0)
		_, _, _ = m.Get(t.Context(), k)
		if k%1000 == 999 {
			send()
		}
	}
	best := time.Hour
	for range 20 {
		best = min(best, m.Flush(t.Context(), "test").Took)
	}
	if best > time.Millisecond {
		t.Errorf("flushing %d entries took %v at best, want 1 ms at most", keys, best)
	}
	c.Flush(t.Context(), "test")
	c.InvalidateTag(t.Context(), "t", "test")
	m.Invalidate(t.Context(), 1)
	for _, prefix := range []string{"session:", "{p:other}:", "pq:"} {
		for _, k := range []int{0, 1, keys / 2, keys - 1} {
			if got := r.Do("GET", prefix+strconv.Itoa(k)); got != "v" {
				t.Errorf("%s%d is gone", prefix, k)
			}
		}
	}
	if _, i, _ := m.Get(t.Context(), keys-1); i.Outcome != cifra.Miss {
		t.Errorf("got %s, want a miss after the flush", i.Outcome)
	}
	figure(t, "flush of %d entries beside %d foreign keys: %v (want 1 ms), no foreign key touched", keys, 3*keys, best)
}
