package cache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maypok86/otter/v2"

	"cifra"
	"cifra/cache"
	"cifra/cache/cachetest"
)

// TestRandomSchedules drives several instances at random and holds every answer against a model: the value of
// a key only ever rises, and after an acknowledged invalidation nobody who asks anew may get less than what
// it was when the invalidation began. CIFRA_SEED runs one schedule again; CIFRA_PROVE=1 runs 10,000.
func TestRandomSchedules(t *testing.T) {
	schedules := 60
	if cachetest.Full() {
		schedules = 10_000
	}
	if n, err := strconv.Atoi(os.Getenv("CIFRA_SCHEDULES")); err == nil {
		schedules = n
	}
	backends := map[string]cachetest.Backend{
		"memory": {URL: "memory://"},
		"file":   {URL: "file://" + t.TempDir()},
	}
	if url := os.Getenv("TEST_REDIS_URL"); url != "" {
		backends["redis"] = cachetest.Backend{URL: url, Shared: true}
	} else if os.Getenv("CIFRA_REQUIRE_SERVICES") == "1" {
		t.Error("TEST_REDIS_URL is not set")
	}
	for name, b := range backends {
		t.Run(name, func(t *testing.T) {
			if s, err := strconv.ParseUint(os.Getenv("CIFRA_SEED"), 10, 64); err == nil {
				schedule(t, b, s)
				return
			}
			for range schedules {
				schedule(t, b, rand.Uint64())
				if t.Failed() {
					return
				}
			}
			figure(t, "%d random schedules, no stale read after an acknowledged invalidation", schedules)
		})
	}
}

// truth is the source that loaders read: a number for each key, which only rises.
type truth [4]atomic.Int64

func schedule(t *testing.T, b cachetest.Backend, seed uint64) {
	w := cachetest.NewWorld(t, b)
	r := rand.New(rand.NewPCG(seed, 1))
	var source truth
	instances := 1
	if b.Shared {
		instances = 2 + r.IntN(2)
	}
	policy := cache.Policy{
		Namespace: "x", TTL: time.Minute, Entries: 2 + r.IntN(4),
		StaleFor: time.Duration(r.IntN(2)) * time.Minute, StaleIfError: time.Duration(r.IntN(2)) * time.Hour,
		Jitter: float64(r.IntN(2)) / 2, Early: float64(r.IntN(2)),
	}
	type instance struct {
		c *cache.Cache
		m *cache.Memo[int, int64]
	}
	list := make([]instance, instances)
	for n := range list {
		c := w.Open("i" + strconv.Itoa(n))
		list[n] = instance{c, cache.NewMemo(c, policy, func(_ context.Context, k int) (int64, error) {
			v := source[k].Load()
			if v%7 == 3 {
				return 0, fmt.Errorf("%d is a bad number", v)
			}
			return v, nil
		}, cache.Tags[int, int64](func(k int) []string { return []string{"even:" + strconv.FormatBool(k%2 == 0)} }))}
	}
	var wg sync.WaitGroup
	for range 4 {
		r := rand.New(rand.NewPCG(seed, r.Uint64()))
		wg.Go(func() {
			for range 60 {
				in, k := list[r.IntN(len(list))], r.IntN(len(source))
				switch n := r.IntN(20); {
				case n < 14:
					// Whatever was acknowledged before this moment must show.
					floor := floors(w, k).Load()
					v, i, err := in.m.Get(t.Context(), k)
					if err == nil && v < floor {
						t.Errorf("seed %d: key %d: got %d (%s, %s), want %d at least", seed, k, v, i.Outcome, i.Reason(), floor)
					}
				case n < 18:
					v := source[k].Add(1)
					invalidateSomehow(t, in.c, in.m, k, r, func() { raiseTo(floors(w, k), v) })
				case n < 19:
					w.Clock.Advance(time.Duration(r.IntN(90)) * time.Second)
				default:
					_ = in.c.Sync(t.Context())
				}
			}
		})
	}
	wg.Wait()
	for _, in := range list {
		_ = in.c.Close()
	}
	forgetFloors(w)
}

// invalidateSomehow removes key k, and calls acked once all instances have answered.
func invalidateSomehow(t *testing.T, c *cache.Cache, m *cache.Memo[int, int64], k int, r *rand.Rand, acked func()) {
	var rec cache.Receipt
	switch r.IntN(4) {
	case 0:
		rec = m.Invalidate(t.Context(), k)
	case 1:
		rec = m.Flush(t.Context(), "schedule")
	case 2:
		rec = c.InvalidateTag(t.Context(), "even:"+strconv.FormatBool(k%2 == 0), "schedule")
	default:
		rec = c.Flush(t.Context(), "schedule")
	}
	if rec.Pending {
		return
	}
	for _, i := range rec.Instances {
		if i.After < 0 {
			return
		}
	}
	acked()
}

// floors are, by world, the lowest values that may still be given.
var floorsOf sync.Map

func floors(w *cachetest.World, k int) *atomic.Int64 {
	v, _ := floorsOf.LoadOrStore(w, new(truth))
	return &v.(*truth)[k] //nolint:forcetypeassert // nothing else is stored
}

func forgetFloors(w *cachetest.World) { floorsOf.Delete(w) }

func raiseTo(a *atomic.Int64, to int64) {
	for {
		old := a.Load()
		if to <= old || a.CompareAndSwap(old, to) {
			return
		}
	}
}

// TestReadsAndWrites is the load of the specification: keys by Zipf's law, 95 % reads, two instances.
func TestReadsAndWrites(t *testing.T) {
	w := cachetest.NewWorld(t, cachetest.Backend{URL: cachetest.Service(t, "TEST_REDIS_URL"), Shared: true})
	operations := 20_000
	if cachetest.Full() {
		operations = 1_000_000
	}
	const keys = 2000
	var source, floor [keys]atomic.Int64
	load := func(_ context.Context, k int) (int64, error) { return source[k].Load(), nil }
	var list []*cache.Memo[int, int64]
	for _, name := range []string{"a", "b"} {
		list = append(list, cache.NewMemo(w.Open(name), cache.Policy{Namespace: "x", TTL: time.Hour}, load))
	}
	var hits, reads, unheard, wrong atomic.Int64
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(g)))
			z := rand.NewZipf(r, 1.1, 1, keys-1)
			for range operations / 4 {
				k, m := int(z.Uint64()), list[r.IntN(2)]
				if r.IntN(20) > 0 {
					least := floor[k].Load()
					v, i, err := m.Get(t.Context(), k)
					if err != nil || v < least {
						wrong.Add(1)
					}
					reads.Add(1)
					if i.Outcome == cifra.HitL1 || i.Outcome == cifra.HitL2 {
						hits.Add(1)
					}
					continue
				}
				v := source[k].Add(1)
				rec := m.Invalidate(t.Context(), k)
				if rec.Pending || len(rec.Instances) < 2 || rec.Instances[1].After < 0 {
					unheard.Add(1)
					continue
				}
				raiseTo(&floor[k], v)
			}
		})
	}
	wg.Wait()
	if wrong.Load() > 0 {
		t.Errorf("got %d stale reads after acknowledged invalidations, want 0", wrong.Load())
	}
	ratio, alone := float64(hits.Load())/float64(reads.Load()), otterAlone(operations, keys)
	if ratio < alone-0.01 {
		t.Errorf("got a hit ratio of %.3f, want otter's alone at least, %.3f", ratio, alone)
	}
	figure(t, "%d operations by Zipf's law: 0 stale reads; hit ratio %.4f, of otter alone %.4f; %d invalidations not heard of by both in time",
		operations, ratio, alone, unheard.Load())
}

// otterAlone returns the hit ratio that two instances would have with otter alone, under the load of TestReadsAndWrites.
func otterAlone(operations, keys int) float64 {
	list := []*otter.Cache[int, bool]{
		otter.Must(&otter.Options[int, bool]{MaximumSize: 10_000}), otter.Must(&otter.Options[int, bool]{MaximumSize: 10_000}),
	}
	hits, reads := 0, 0
	var rs [4]*rand.Rand
	var zs [4]*rand.Zipf
	for g := range rs {
		rs[g] = rand.New(rand.NewPCG(7, uint64(g)))
		zs[g] = rand.NewZipf(rs[g], 1.1, 1, uint64(keys-1))
	}
	for n := range operations {
		r := rs[n%4]
		k, o := int(zs[n%4].Uint64()), list[r.IntN(2)]
		if r.IntN(20) == 0 {
			for _, o := range list {
				o.Invalidate(k)
			}
			continue
		}
		reads++
		if _, ok := o.GetIfPresent(k); ok {
			hits++
			continue
		}
		o.Set(k, true)
	}
	return float64(hits) / float64(reads)
}
