package cache_test

import (
	"context"
	"testing"
	"time"

	"cifra/cache"
	"cifra/cache/cachetest"
)

func TestMemory(t *testing.T) { cachetest.Run(t, cachetest.Backend{URL: "memory://"}) }

func TestRedis(t *testing.T) {
	cachetest.Run(t, cachetest.Backend{URL: cachetest.Service(t, "TEST_REDIS_URL"), Shared: true})
}

func TestMemcached(t *testing.T) {
	addr := cachetest.Service(t, "TEST_MEMCACHED_ADDR")
	cachetest.Run(t, cachetest.Backend{URL: "memcached://" + addr, Shared: true, Deaf: true})
}

func TestFiles(t *testing.T) { cachetest.Run(t, cachetest.Backend{URL: "file://" + t.TempDir()}) }

func TestHitAllocatesNothing(t *testing.T) {
	type value struct {
		Digit int
		Probs [10]float32
	}
	c, err := cache.New(t.Context(), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m := cache.NewMemo(c, cache.Policy{Namespace: "x", TTL: time.Hour},
		func(context.Context, string) (value, error) { return value{}, nil },
		cache.Tags[string, value](func(k string) []string { return []string{"a:" + k, "b:" + k} }))
	ctx := t.Context()
	if _, _, err := m.Get(ctx, "k"); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { _, _, _ = m.Get(ctx, "k") }); n != 0 {
		t.Errorf("got %v allocations for a hit with two tags, want 0", n)
	}
}
