package cache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cifra/cache"
	"cifra/cache/cachetest"
)

func TestEvictionByRedis(t *testing.T) {
	r := cachetest.StartRedis(t, "--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru")
	var source atomic.Int64
	p := cache.Policy{Namespace: "x", TTL: time.Hour, Entries: 20}
	load := func(_ context.Context, k int) (string, error) {
		noise := make([]byte, 3000)                                         // what can't be packed
		_, _ = rand.NewChaCha8([32]byte{byte(k), byte(k >> 8)}).Read(noise) // never fails
		return fmt.Sprintf("%d %x", source.Load(), noise), nil
	}
	tags := cache.Tags[int, string](func(k int) []string { return []string{fmt.Sprintf("t:%d", k%50)} })
	a := cache.NewMemo(open(t, r.URL(), "a"), p, load, tags)
	cb := open(t, r.URL(), "b")
	b := cache.NewMemo(cb, p, load, tags)
	for round := range 3 {
		for k := range 1500 {
			for _, m := range []*cache.Memo[int, string]{a, b} {
				if _, _, err := m.Get(t.Context(), k); err != nil {
					t.Fatal(err)
				}
			}
		}
		now := source.Add(1)
		cb.InvalidateTag(t.Context(), "t:7", "test")
		for k := 7; k < 1500; k += 50 {
			if v, i, err := a.Get(t.Context(), k); err != nil || !strings.HasPrefix(v, strconv.FormatInt(now, 10)+" ") {
				t.Fatalf("round %d: key %d: got %.10s, %s, %v: a dead value", round, k, v, i.Outcome, err)
			}
		}
	}
	if !strings.Contains(fmt.Sprint(r.Do("INFO", "stats")), "evicted_keys:") || strings.Contains(fmt.Sprint(r.Do("INFO", "stats")), "evicted_keys:0\r") {
		t.Error("nothing was evicted: the test shows nothing")
	}
}
