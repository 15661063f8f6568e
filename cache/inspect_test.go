package cache_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"cifra/cache"
	"cifra/cache/cachetest"
)

// TestInspectorOfManyEntries: the first page of 50,000 entries takes 200 ms at most, in memory or in Redis.
func TestInspectorOfManyEntries(t *testing.T) {
	entries := 5_000
	if cachetest.Full() {
		entries = 50_000
	}
	w := cachetest.NewWorld(t, cachetest.Backend{URL: cachetest.Service(t, "TEST_REDIS_URL"), Shared: true})
	p := cache.Policy{Namespace: "x", TTL: time.Hour, Entries: entries}
	load := func(_ context.Context, k int) (int, error) { return k, nil }
	ca, cb := w.Open("a"), w.Open("b")
	m := cache.NewMemo(ca, p, load)
	cache.NewMemo(cb, p, load)
	for k := range entries {
		if _, _, err := m.Get(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]*cache.Cache{"in memory": ca, "in Redis": cb} {
		first, last := time.Hour, time.Duration(0)
		for range 5 {
			var page cache.Page
			took := timed(func() { page, _ = c.Page(t.Context(), "x", "", 50) })
			if len(page.Entries) != 50 {
				t.Fatalf("%s: got %d entries on the first page, want 50", name, len(page.Entries))
			}
			first, last = min(first, took), max(last, took)
		}
		if first > cachetest.Promised(200*time.Millisecond) {
			t.Errorf("%s: the first page of %d took %v at best, want 200 ms at most", name, entries, first)
		}
		var n cache.Count
		counting := timed(func() { n, _ = c.Count(t.Context(), "x") })
		if !n.More && n.Backend < entries*99/100 { // on a busy machine Redis may be too late for a fill
			t.Errorf("%s: counted %+v, want %d", name, n, entries)
		}
		figure(t, "inspector, first page of %d %s: %v to %v; counting %v", entries, name, first, last, counting)
	}
}

// TestInspectorShowsNothingOfOthers: whatever other programs keep on the same Redis, however like ours its keys look and
// whatever its type, is neither listed nor counted, nor does it keep ours from being listed.
func TestInspectorShowsNothingOfOthers(t *testing.T) {
	const own = 40
	r := cachetest.StartRedis(t)
	load := func(_ context.Context, k int) (int, error) { return k, nil }
	p := cache.Policy{Namespace: "x", TTL: time.Hour}
	ca := open(t, r.URL(), "a")
	m, other := cache.NewMemo(ca, p, load), cache.NewMemo(ca, cache.Policy{Namespace: "xy", TTL: time.Hour}, load)
	want := map[string]bool{}
	for k := range own {
		_, info, err := m.Get(t.Context(), k)
		if _, _, err2 := other.Get(t.Context(), k); err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		want[info.Key()] = true
	}
	for n := range 500 {
		for _, like := range []string{"session:%d", "x:%d", "p:x:%d", "{p:x:%d", "{q:x}:%d", "{px}:%d", "q{p:x}:%d", "{P:X}:%d"} {
			r.Do("SET", fmt.Sprintf(like, n), "not ours")
		}
	}
	// Under keys that could be ours: a text, an envelope cut short, and things that aren't strings.
	ours, _ := r.Do("GET", slices.Sorted(maps.Keys(want))[0]).(string)
	r.Do("SET", "{p:x}:text", "not ours")
	r.Do("SET", "{p:x}:short", ours[:len(ours)/2])
	r.Do("RPUSH", "{p:x}:list", "not ours")
	r.Do("HSET", "{p:x}:hash", "not", "ours")

	cb := open(t, r.URL(), "b") // has nothing in memory: all that it lists comes from Redis
	cache.NewMemo(cb, p, load)
	cache.NewMemo(cb, cache.Policy{Namespace: "xy", TTL: time.Hour}, load)
	for name, c := range map[string]*cache.Cache{"who made them": ca, "another": cb} {
		got := map[string]bool{}
		for cursor := ""; ; {
			page, err := c.Page(t.Context(), "x", cursor, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entries {
				got[e.Key] = true
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s lists %s, want the %d entries of x alone", name, strings.Join(slices.Sorted(maps.Keys(got)), " "), own)
		}
		if n, err := c.Count(t.Context(), "x"); err != nil || n.Backend != own {
			t.Errorf("%s counts %+v, %v, want %d", name, n, err, own)
		}
	}
}
