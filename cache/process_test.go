package cache_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cifra/cache"
	"cifra/cache/cachetest"
)

// TestStampedeOfProcesses lets several processes ask for one cold key at once, a thousand callers in all.
// Each child counts its loads in Redis; there must be one.
func TestStampedeOfProcesses(t *testing.T) {
	if url := os.Getenv("CIFRA_TEST_CHILD"); url != "" {
		stampede(t, url)
		return
	}
	for _, processes := range []int{2, 4} {
		t.Run(strconv.Itoa(processes), func(t *testing.T) {
			r := cachetest.StartRedis(t)
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for n := range processes {
				cmd := exec.CommandContext(t.Context(), exe, "-test.run", "^TestStampedeOfProcesses$", "-test.v")
				cmd.Env = append(os.Environ(), "CIFRA_TEST_CHILD="+r.URL(), "CIFRA_TEST_CALLERS="+strconv.Itoa(1000/processes),
					"CIFRA_TEST_NAME="+strconv.Itoa(n), "CIFRA_TEST_CHILDREN="+strconv.Itoa(processes))
				wg.Go(func() {
					out, err := cmd.CombinedOutput()
					if err != nil {
						t.Errorf("%v\n%s", err, out)
					}
					for sc := bufio.NewScanner(strings.NewReader(string(out))); sc.Scan(); {
						if _, line, ok := strings.Cut(sc.Text(), "child: "); ok {
							t.Log(line)
						}
					}
				})
			}
			wg.Wait()
			if got := r.Do("GET", "loads"); got != "1" {
				t.Errorf("got %v loads, want 1", got)
			}
		})
	}
}

// stampede is what a child does: it waits until all children are there, then asks.
func stampede(t *testing.T, url string) {
	env := func(name string) string { return os.Getenv("CIFRA_TEST_" + name) }
	callers, _ := strconv.Atoi(env("CALLERS"))
	children, _ := strconv.Atoi(env("CHILDREN"))
	rdb := cachetest.Client(t, url)
	m := cache.NewMemo(open(t, url, "child"+env("NAME")), cache.Policy{Namespace: "x", TTL: time.Hour},
		func(ctx context.Context, _ int) (int64, error) {
			<-time.After(200 * time.Millisecond) // what it costs
			return rdb.Incr(ctx, "loads").Result()
		})
	rdb.Incr(t.Context(), "ready")
	cachetest.Eventually(t, "all children are there", func() bool {
		n, _ := rdb.Get(t.Context(), "ready").Int()
		return n >= children
	})
	var wg sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[string]int{}
	for range callers {
		wg.Go(func() {
			v, i, err := m.Get(t.Context(), 1)
			if v != 1 || err != nil {
				t.Errorf("got %v, %s (%s), %v, want 1", v, i.Outcome, i.Reason(), err)
			}
			mu.Lock()
			outcomes[string(i.Outcome)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	fmt.Printf("child: %s: %v\n", env("NAME"), outcomes) //nolint:forbidigo // to the parent
}
