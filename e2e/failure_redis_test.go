package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"cifra/e2e/harness"
)

// TestRedisInTrouble breaks Redis in every way under a steady load: no request fails, and it is used again without a
// restart of anything.
func TestRedisInTrouble(t *testing.T) {
	t.Parallel()
	if missing != nil {
		t.Skip(missing)
	}
	redis := harness.StartRedis(t)
	network := harness.NewProxy(t, redis.Addr())
	app := harness.StartInstance(t, program, t.TempDir(), asAdmin("CIFRA_CACHE_URL=redis://"+network.Addr+"/0")...)
	l := startLoad(t, app.URL)
	answers := 25
	if proving() {
		answers = 2000
	}
	nobody, err := harness.FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.until(answers)
	for _, trouble := range []struct {
		name       string
		always     bool // not only with CIFRA_PROVE=1
		begin, end func()
	}{
		{"killed", true, redis.Kill, redis.Start},
		{"reset", false, network.Cut, network.Heal},
		{"paused", true, redis.Pause, redis.Continue},
		{"unreachable, and nobody says so", false, network.Pause, network.Heal},
		{"slow", true, func() { network.Delay(300 * time.Millisecond) }, network.Heal},
		{"full", true, func() {
			redis.Do("CONFIG", "SET", "maxmemory-policy", "noeviction")
			redis.Do("CONFIG", "SET", "maxmemory", "1")
		}, func() { redis.Do("CONFIG", "SET", "maxmemory", "0") }},
		{"read-only", true, func() { redis.Do("REPLICAOF", "127.0.0.1", nobody) }, func() { redis.Do("REPLICAOF", "NO", "ONE") }},
		{"flapping", false, func() {
			for range 3 {
				redis.Kill()
				l.until(5)
				redis.Start()
				l.until(5)
			}
		}, func() {}},
	} {
		if !trouble.always && !proving() {
			continue
		}
		calm := time.Now()
		l.until(answers)
		began := time.Now()
		trouble.begin()
		l.until(answers)
		ended := time.Now()
		trouble.end()
		used := untilReady(t, app.URL, "cache")
		l.until(5)
		for _, what := range []string{"read", "write"} {
			during := l.between(what, began, time.Now())
			t.Logf("%s: %s of %s, p99 %s (before: %s); used again after %s", trouble.name, outcomes(during), what,
				quantile(during, .99), quantile(l.between(what, calm, began), .99), used.Sub(ended).Round(10*time.Millisecond))
			for _, a := range during {
				if a.status/100 != 2 {
					t.Errorf("%s: got a %s that failed with %d, %v; want none", trouble.name, what, a.status, a.err)
					break
				}
			}
		}
	}
	l.check(app.URL, signIn(t, app.URL, "admin"))
}

// untilReady waits until /readyz says that a part is well, and returns when that was.
func untilReady(t *testing.T, url, part string) time.Time {
	t.Helper()
	l := &load{t: t, web: &http.Client{Timeout: 5 * time.Second}}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); ; <-tick.C {
		_, b, err := l.send(t.Context(), url, ask{method: http.MethodGet, path: "/readyz"})
		var state struct {
			Parts map[string]struct {
				State string `json:"state"`
			} `json:"parts"`
		}
		if err == nil && json.Unmarshal(b, &state) == nil && state.Parts[part].State == "ok" {
			return time.Now()
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("half a minute later /readyz still says %s, %v", b, err)
		}
	}
}
