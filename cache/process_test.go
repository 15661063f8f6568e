package cache_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/cache/cachetest"
)

// TestStampedeOfProcesses lets several processes ask for one cold key at once, a thousand callers in all, again and
// again. Each child counts its loads in Redis, and notes when the value that it got was made; there must be one of each.
func TestStampedeOfProcesses(t *testing.T) {
	if url := os.Getenv("CIFRA_TEST_CHILD"); url != "" {
		stampede(t, url)
		return
	}
	rounds := 2
	if cachetest.Full() {
		rounds = 20
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, processes := range []int{1, 2, 4} {
		t.Run(strconv.Itoa(processes), func(t *testing.T) {
			r := cachetest.StartRedis(t)
			late := 0
			for round, counted := 0, 0; counted < rounds; round++ {
				if stampedeRound(t, exe, r, processes, round) {
					counted++
				} else if late++; late > rounds+8 {
					t.Errorf("Redis was too late in %d rounds, which is too busy a machine to tell", late)
				}
				if t.Failed() {
					return
				}
			}
			if late > 0 {
				t.Logf("%d more rounds don't count: Redis did not answer in time, which the answers said", late)
			}
			figure(t, "1,000 callers over %d processes: 1 load, in each of %d rounds", processes, rounds)
		})
	}
}

// stampedeRound reports false where somebody could not ask Redis in time. The cache then loads rather than keep its caller
// waiting, and says "degraded": there may be more than one load.
func stampedeRound(t *testing.T, exe string, r *cachetest.Redis, processes, round int) (counts bool) {
	t.Helper()
	var wg sync.WaitGroup
	for n := range processes {
		cmd := exec.CommandContext(t.Context(), exe, "-test.run", "^TestStampedeOfProcesses$", "-test.v")
		cmd.Env = append(os.Environ(), "CIFRA_TEST_CHILD="+r.URL(), "CIFRA_TEST_CALLERS="+strconv.Itoa(1000/processes),
			"CIFRA_TEST_NAME="+strconv.Itoa(n), "CIFRA_TEST_CHILDREN="+strconv.Itoa(processes), "CIFRA_TEST_ROUND="+strconv.Itoa(round))
		wg.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("round %d: %v\n%s", round, err, out)
			}
		})
	}
	wg.Wait()
	k := strconv.Itoa(round)
	if r.Do("EXISTS", "degraded"+k) != int64(0) {
		return false
	}
	if got := r.Do("GET", "loads"+k); got != "1" {
		t.Errorf("round %d: got %v loads, want 1", round, got)
	}
	for _, what := range []string{"made", "values"} {
		if got := r.Do("SCARD", what+k); got != int64(1) {
			t.Errorf("round %d: %s: got %v, want one", round, what, r.Do("SMEMBERS", what+k))
		}
	}
	return true
}

// stampede is what a child does: it waits until all children are there, then asks.
func stampede(t *testing.T, url string) {
	env := func(name string) string { return os.Getenv("CIFRA_TEST_" + name) }
	callers, _ := strconv.Atoi(env("CALLERS"))
	children, _ := strconv.Atoi(env("CHILDREN"))
	round, _ := strconv.Atoi(env("ROUND"))
	k := env("ROUND")
	rdb := cachetest.Client(t, url)
	m := cache.NewMemo(open(t, url, "child"+env("NAME")), cache.Policy{Namespace: "x", TTL: time.Hour},
		func(ctx context.Context, _ int) (int64, error) {
			<-time.After(200 * time.Millisecond) // what it costs
			return rdb.Incr(ctx, "loads"+k).Result()
		})
	rdb.Incr(t.Context(), "ready"+k)
	cachetest.Eventually(t, "all children are there", func() bool {
		n, _ := rdb.Get(t.Context(), "ready"+k).Int()
		return n >= children
	})
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			v, i, err := m.Get(t.Context(), round)
			if err != nil {
				t.Errorf("got %v, %s (%s), %v, want a value", v, i.Outcome, i.Reason(), err)
			}
			made := i.Provenance(cifra.SourceComputation).ComputedAt.Format(time.RFC3339Nano)
			all := []error{rdb.SAdd(t.Context(), "made"+k, made).Err(), rdb.SAdd(t.Context(), "values"+k, v).Err()}
			if i.Degraded {
				all = append(all, rdb.Incr(t.Context(), "degraded"+k).Err())
			}
			if err := errors.Join(all...); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
