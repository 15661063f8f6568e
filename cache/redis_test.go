package cache_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/cache/cachetest"
)

// tagged is a memo whose key 1 carries the tag "t", on a loader that counts.
func tagged(c *cache.Cache, n *atomic.Int64) *cache.Memo[int, int64] {
	return cache.NewMemo(c, cache.Policy{Namespace: "x", TTL: time.Hour}, numbers(n),
		cache.Tags[int, int64](func(int) []string { return []string{"t"} }))
}

func get(t *testing.T, m *cache.Memo[int, int64], k int) (int64, cache.Info) {
	t.Helper()
	v, i, err := m.Get(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return v, i
}

func TestLostGenerationsNeverBringBackTheDead(t *testing.T) {
	for _, key := range []string{"{p}!gen", "{p:x}!gen", "{p}!tag:t"} {
		t.Run(key, func(t *testing.T) {
			r := cachetest.StartRedis(t)
			var n atomic.Int64
			m := tagged(open(t, r.URL(), "a"), &n)
			old, _ := get(t, m, 1)
			dead := r.Do("GET", "{p:x}:1")
			switch key {
			case "{p}!gen":
				open(t, r.URL(), "b").Flush(t.Context(), "test")
			case "{p:x}!gen":
				m.Flush(t.Context(), "test")
			default:
				open(t, r.URL(), "b").InvalidateTag(t.Context(), "t", "test")
			}
			r.Do("DEL", key)             // evicted
			r.Do("SET", "{p:x}:1", dead) // as if a value of before had come late
			fresh := tagged(open(t, r.URL(), "c"), &n)
			for name, m := range map[string]*cache.Memo[int, int64]{"the same": m, "a new": fresh} {
				if v, i := get(t, m, 1); v == old {
					t.Errorf("%s instance got the dead value back: %s", name, i.Outcome)
				}
			}
			r.Do("DEL", key)
			third := tagged(open(t, r.URL(), "d"), &n)
			if _, i := get(t, third, 1); i.Outcome == cifra.HitL2 {
				t.Errorf("got %s for a value whose generation isn't known, want a miss", i.Outcome)
			}
			if _, i := get(t, third, 1); i.Outcome != cifra.HitL1 {
				t.Errorf("got %s, want the cache at work again", i.Outcome)
			}
		})
	}
}

func TestFlushAllByOthers(t *testing.T) {
	r := cachetest.StartRedis(t)
	var n atomic.Int64
	a, b := tagged(open(t, r.URL(), "a"), &n), tagged(open(t, r.URL(), "b"), &n)
	get(t, a, 1)
	get(t, b, 1)
	a.Flush(t.Context(), "test")
	r.Do("FLUSHALL")
	v, _ := get(t, a, 1)
	rec := a.Flush(t.Context(), "test")
	if rec.Pending || len(rec.Instances) == 0 {
		t.Errorf("got %+v, want a flush that is done", rec)
	}
	for name, m := range map[string]*cache.Memo[int, int64]{"a": a, "b": b} {
		if w, i := get(t, m, 1); w <= v {
			t.Errorf("%s: got %d (%s), want a value made after the flush", name, w, i.Outcome)
		}
	}
}

func TestLateFillIsRefused(t *testing.T) {
	r := cachetest.StartRedis(t)
	gate := cachetest.NewGate()
	m := cache.NewMemo(open(t, r.URL(), "a"), cache.Policy{Namespace: "x", TTL: time.Hour},
		func(context.Context, int) (int64, error) { gate.Pass(); return 1, nil })
	done := make(chan struct{})
	go func() { defer close(done); _, _, _ = m.Get(t.Context(), 1) }()
	gate.Began()
	r.Do("DEL", "{p:x}:1:lease") // it ended: the owner was away for too long
	gate.Open()
	<-done
	if got := r.Do("EXISTS", "{p:x}:1"); got != int64(0) {
		t.Error("a value was stored by one who no longer had the lease")
	}
	if _, i := get(t, m, 1); i.Outcome != cifra.Miss || i.Reason() == "" || !strings.HasPrefix(i.Reason(), "lease lost") {
		t.Errorf("got %s, %q, want a miss: lease lost", i.Outcome, i.Reason())
	}
}

func TestRedisThatRefusesWrites(t *testing.T) {
	for name, refuse := range map[string]struct{ on, off []any }{
		"a replica that may only read": {[]any{"REPLICAOF", "127.0.0.1", "1"}, []any{"REPLICAOF", "NO", "ONE"}},
		"full":                         {[]any{"CONFIG", "SET", "maxmemory", "1"}, []any{"CONFIG", "SET", "maxmemory", "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := cachetest.StartRedis(t)
			c := open(t, r.URL(), "a")
			var n atomic.Int64
			m := tagged(c, &n)
			get(t, m, 0)
			get(t, m, 1)
			r.Do(refuse.on...)
			for k := range 50 {
				get(t, m, k)
			}
			if _, i := get(t, m, 100); !i.Degraded || c.Status().State == cache.Up {
				t.Errorf("got %+v and %+v, want both to say degraded", i, c.Status())
			}
			old, _ := get(t, m, 1)
			m.Invalidate(t.Context(), 1)
			if v, i := get(t, m, 1); v == old {
				t.Errorf("got %d, %s after an invalidation, want another value", v, i.Outcome)
			}
			old, _ = get(t, m, 0)
			m.Flush(t.Context(), "test")
			if v, i := get(t, m, 0); v == old {
				t.Errorf("got %d, %s after a flush, want another value", v, i.Outcome)
			}
			r.Do(refuse.off...)
			cachetest.Eventually(t, "the cache is up", func() bool { return c.Status().State == cache.Up })
			fresh := tagged(open(t, r.URL(), "b"), &n)
			for k := range 2 {
				if v, i := get(t, fresh, k); v <= 2 {
					t.Errorf("key %d: got %d, %s: an invalidation was lost", k, v, i.Outcome)
				}
			}
		})
	}
}

func TestPasswordChanged(t *testing.T) {
	r := cachetest.StartRedis(t)
	c := open(t, r.URL(), "a")
	var n atomic.Int64
	m := tagged(c, &n)
	get(t, m, 1)
	admin := r.Client.Conn()
	defer func() { _ = admin.Close() }()
	if err := admin.ConfigSet(t.Context(), "requirepass", "other").Err(); err != nil {
		t.Fatal(err)
	}
	if err := admin.Do(t.Context(), "CLIENT", "KILL", "SKIPME", "yes").Err(); err != nil {
		t.Fatal(err)
	}
	for k := range 20 {
		get(t, m, k)
	}
	cachetest.Eventually(t, "it is noticed", func() bool { return c.Status().State == cache.Down })
	if s := c.Status(); s.Err == nil || strings.Contains(s.Err.Error(), "other") {
		t.Errorf("got %v, want the reason, without the password", s.Err)
	}
	if err := admin.ConfigSet(t.Context(), "requirepass", "").Err(); err != nil {
		t.Fatal(err)
	}
	cachetest.Eventually(t, "the cache is up", func() bool { return c.Status().State == cache.Up })
}

// TestDeafInstance: one instance may not subscribe at all. Polls bound how long it believes its memory.
func TestDeafInstance(t *testing.T) {
	r := cachetest.StartRedis(t)
	r.Do("ACL", "SETUSER", "deaf", "on", ">pw", "~*", "+@all", "resetchannels")
	var n atomic.Int64
	a := tagged(open(t, r.URL(), "a"), &n)
	b := tagged(open(t, strings.Replace(r.URL(), "redis://", "redis://deaf:pw@", 1), "b"), &n)
	get(t, a, 1)
	old, _ := get(t, b, 1)
	for _, how := range []string{"key", "function"} {
		if how == "key" {
			a.Invalidate(t.Context(), 1)
		} else {
			a.Flush(t.Context(), "test")
		}
		took := timed(func() {
			cachetest.Eventually(t, "the deaf instance has noticed", func() bool { v, _ := get(t, b, 1); return v != old })
		})
		if took > cachetest.Promised(time.Second) {
			t.Errorf("by %s: it took %v, want 1 s at most", how, took)
		}
		old, _ = get(t, b, 1)
	}
}

// TestSubscriptionsCutInMidFlush cuts every subscription again and again while values are flushed.
func TestSubscriptionsCutInMidFlush(t *testing.T) {
	r := cachetest.StartRedis(t)
	var source atomic.Int64
	load := func(context.Context, int) (int64, error) { return source.Load(), nil }
	p := cache.Policy{Namespace: "x", TTL: time.Hour}
	a := cache.NewMemo(open(t, r.URL(), "a"), p, load)
	b := cache.NewMemo(open(t, r.URL(), "b"), p, load)
	unheard := 0
	for round := range 40 {
		get(t, a, 1)
		get(t, b, 1)
		if round%3 == 0 {
			r.Do("CLIENT", "KILL", "TYPE", "pubsub")
		}
		v := source.Add(1)
		rec := a.Flush(t.Context(), "test")
		heard := !rec.Pending
		for _, i := range rec.Instances {
			heard = heard && i.After >= 0
		}
		if !heard {
			unheard++
			took := timed(func() {
				cachetest.Eventually(t, "it is known all the same", func() bool { w, _ := get(t, b, 1); return w >= v })
			})
			if took > cachetest.Promised(time.Second) {
				t.Errorf("round %d: it took %v, want 1 s at most", round, took)
			}
			continue
		}
		if w, i := get(t, b, 1); w < v {
			t.Errorf("round %d: got %d, %s after a receipt from all, want %d", round, w, i.Outcome, v)
		}
	}
	figure(t, "subscriptions cut in mid-flush: %d of 40 flushes not heard of in time, all known within 1 s", unheard)
}
