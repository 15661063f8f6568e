package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cifra/e2e/harness"
)

// TestOfTwoInstances tells one of two instances to stop, and later kills one, under a steady load: who stops says so before
// it is gone, ends its sockets with 1012 and its requests with an answer; the other one goes on, and nobody misses an event.
func TestOfTwoInstances(t *testing.T) {
	t.Parallel()
	db := aDatabase(t)
	redis := harness.StartRedis(t)
	env := asAdmin("CIFRA_ENV=production", secretHere, "CIFRA_RATE_LIMITS=off",
		"CIFRA_DATABASE_URL="+db.url, "CIFRA_CACHE_URL="+redis.URL)
	one := harness.StartInstance(t, program, t.TempDir(), env...)
	two := harness.StartInstance(t, program, t.TempDir(), env...)
	admin := signIn(t, one.URL, "admin")
	l := startLoad(t, one.URL, two.URL)
	ears := listen(t, admin, 20, two.URL, one.URL)
	l.until(20)

	began := time.Now()
	two.Terminate()
	said := 0
	for said == 0 { // until it says that it drains, or is gone
		res, _, err := l.send(t.Context(), two.URL, ask{method: http.MethodGet, path: "/readyz"})
		if err != nil {
			break
		}
		if res.StatusCode != http.StatusOK {
			said = res.StatusCode
		}
	}
	if said != http.StatusServiceUnavailable {
		t.Errorf("got %d from /readyz of an instance that drains, want 503", said)
	}
	l.leave(two.URL)
	<-two.Ended()
	drained := time.Since(began)
	if err := two.Stop(); err != nil {
		t.Error(err)
	}
	l.until(20)
	for _, what := range []string{"read", "write"} {
		some := l.between(what, began, time.Now())
		t.Logf("told to stop: %s of %s, p99 %s", outcomes(some), what, quantile(some, .99))
		for _, a := range some {
			if a.status/100 != 2 {
				t.Errorf("told to stop: got a %s that failed with %d, %v; want none", what, a.status, a.err)
				break
			}
		}
	}
	if got := ears.closed(websocket.StatusServiceRestart); got != 20 {
		t.Errorf("got %d sockets closed with 1012, want 20: %v", got, ears.codes)
	}
	t.Logf("drained in %s", drained.Round(10*time.Millisecond))

	two.Start()
	l.back(two.URL)
	l.until(20)
	began = time.Now()
	one.Kill()
	killed := time.Now()
	l.until(20)
	one.Start()
	l.until(20)
	for _, what := range []string{"read", "write"} {
		some := l.between(what, began, time.Now())
		t.Logf("killed: %s of %s, p99 %s", outcomes(some), what, quantile(some, .99))
		for _, a := range some { // what was under way in the killed one has no answer; the rest goes on
			if a.status/100 != 2 && (a.status != 0 || a.at.After(killed)) {
				t.Errorf("killed: got a %s that failed with %d, %v; want none", what, a.status, a.err)
				break
			}
		}
	}
	l.check(two.URL, admin)
	ears.settle()
}

// ears are admins' sockets, each of which comes back where it is thrown out and asks for what it missed.
type ears struct {
	t    *testing.T
	done sync.WaitGroup
	stop context.CancelFunc

	mu    sync.Mutex // guards what follows
	codes map[websocket.StatusCode]int
	heard []map[int64]int // by socket: how often each event
	last  []int64
}

// listen opens n sockets on the first address that takes them.
func listen(t *testing.T, token string, n int, urls ...string) *ears {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	e := &ears{t: t, stop: cancel, codes: make(map[websocket.StatusCode]int), last: make([]int64, n)}
	var open sync.WaitGroup
	for i := range n {
		e.heard = append(e.heard, map[int64]int{})
		open.Add(1)
		opened := sync.OnceFunc(open.Done)
		e.done.Go(func() {
			defer opened()
			for ctx.Err() == nil {
				for _, url := range urls {
					if err := e.hear(ctx, i, url, token, opened); !isRefused(err) {
						break
					}
				}
			}
		})
	}
	open.Wait()
	t.Cleanup(func() { cancel(); e.done.Wait() })
	return e
}

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func (e *ears) hear(ctx context.Context, i int, url, token string, opened func()) error {
	e.mu.Lock()
	since := e.last[i]
	e.mu.Unlock()
	address := "ws" + strings.TrimPrefix(url, "http") + "/api/v1/admin/events"
	if since > 0 {
		address += fmt.Sprintf("?since=%d", since)
	}
	c, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	if res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(1 << 20)
	for {
		_, b, err := c.Read(ctx)
		if err != nil {
			if ctx.Err() == nil {
				e.mu.Lock()
				e.codes[websocket.CloseStatus(err)]++
				e.mu.Unlock()
			}
			return err
		}
		var event struct {
			Seq int64 `json:"seq"`
		}
		if err := json.Unmarshal(b, &event); err != nil {
			return err
		}
		opened() // by the greeting
		if event.Seq > 0 {
			e.mu.Lock()
			e.heard[i][event.Seq]++
			e.last[i] = max(e.last[i], event.Seq)
			e.mu.Unlock()
		}
	}
}

func (e *ears) closed(code websocket.StatusCode) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.codes[code]
}

// settle waits until all have heard the same last event, and holds that none missed one or heard it twice.
func (e *ears) settle() {
	e.t.Helper()
	same := func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, l := range e.last {
			if l != e.last[0] {
				return false
			}
		}
		return true
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !same(); <-tick.C {
		if time.Since(began) > time.Minute {
			e.t.Fatalf("a minute later the sockets have not heard the same: %v", e.last)
		}
	}
	e.stop()
	e.done.Wait()
	all, first := map[int64]bool{}, int64(0) // from which on all listened
	for _, h := range e.heard {
		begin := int64(1 << 62)
		for seq := range h {
			all[seq], begin = true, min(begin, seq)
		}
		first = max(first, begin)
	}
	missed, doubled := 0, 0
	for seq := range all {
		for _, h := range e.heard {
			if h[seq] == 0 && seq >= first {
				missed++
			}
			if h[seq] > 1 {
				doubled++
			}
		}
	}
	e.t.Logf("%d sockets, %d events; %d missed, %d doubled; closed with %v", len(e.heard), len(all), missed, doubled, e.codes)
	if missed+doubled > 0 || len(all) == 0 {
		e.t.Errorf("got %d events, %d missed and %d doubled; want some, and none", len(all), missed, doubled)
	}
}
