package cache_test

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/bradfitz/gomemcache/memcache"

	"cifra/cache"
	"cifra/cache/cachetest"
)

// TestMemcachedFlushLeavesForeignKeys: sessions and counters of others in the same Memcached survive every flush.
func TestMemcachedFlushLeavesForeignKeys(t *testing.T) {
	addr := cachetest.Service(t, "TEST_MEMCACHED_ADDR")
	w := cachetest.NewWorld(t, cachetest.Backend{URL: "memcached://" + addr, Shared: true, Deaf: true})
	mc := memcache.New(addr)
	defer func() { _ = mc.Close() }()
	var foreign []string
	for n := range 100 {
		for _, prefix := range []string{"session:", w.Prefix + ":", "{" + w.Prefix + ":other}:", "{" + w.Prefix + "x}"} {
			key := prefix + strconv.Itoa(n)
			foreign = append(foreign, key)
			if err := mc.Set(&memcache.Item{Key: key, Value: []byte(key)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := w.Open("a")
	var n atomic.Int64
	m := tagged(c, &n)
	for k := range 100 {
		get(t, m, k)
	}
	rec := m.Flush(t.Context(), "test")
	m.Invalidate(t.Context(), 1)
	c.InvalidateTag(t.Context(), "t", "test", cache.Soft())
	c.Flush(t.Context(), "test")
	if rec.Pending {
		t.Errorf("got %+v, want a flush that is done", rec)
	}
	for _, key := range foreign {
		if it, err := mc.Get(key); err != nil || string(it.Value) != key {
			t.Errorf("%s: got %v, %v, want it untouched", key, it, err)
		}
	}
}
