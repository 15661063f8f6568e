package main

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

// service returns where a server that the test needs is; see cachetest.Service.
func service(t *testing.T, name string) string {
	t.Helper()
	address := os.Getenv(name)
	if address == "" && os.Getenv("CIFRA_REQUIRE_SERVICES") == "1" {
		t.Fatalf("%s is not set, and CIFRA_REQUIRE_SERVICES=1", name)
	}
	if address == "" {
		t.Skipf("%s is not set: run make test, which starts what is needed", name)
	}
	return address
}

// TestOldCacheVariables runs the program with the old systems' settings: what one process has made, another one finds
// where they say.
func TestOldCacheVariables(t *testing.T) {
	memcached := func(t *testing.T) []string {
		t.Helper()
		return []string{"CACHE_TYPE=MemcachedCache", "CACHE_MEMCACHED_SERVERS=" + service(t, "TEST_MEMCACHED_ADDR")}
	}
	for _, tt := range []struct {
		name, tier string
		settings   func(*testing.T) []string
		together   bool // both processes run at a time
	}{
		{"CACHE_MEMCACHED_SERVERS", "memcached", memcached, true},
		{"MEMCACHED_HOST and MEMCACHED_PORT", "memcached", func(t *testing.T) []string {
			t.Helper()
			host, port, _ := strings.Cut(service(t, "TEST_MEMCACHED_ADDR"), ":")
			return []string{"MEMCACHED_HOST=" + host, "MEMCACHED_PORT=" + port}
		}, true},
		{"CACHE_REDIS_URL", "redis", func(t *testing.T) []string {
			t.Helper()
			return []string{"CACHE_TYPE=RedisCache", "CACHE_REDIS_URL=" + service(t, "TEST_REDIS_URL")}
		}, true},
		{"CACHE_DIR, after a restart", "file", func(t *testing.T) []string {
			t.Helper()
			return []string{"CACHE_TYPE=FileSystemCache", "CACHE_DIR=" + t.TempDir()}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := tt.settings(t)
			seven := crossedSeven(t)
			ask := func(r *running, name string) answer {
				t.Helper()
				got := r.upload("/api/v1/predict", r.register(name), "seven.png", seven)
				if got.status != http.StatusOK {
					t.Fatalf("got %d %s, want 200", got.status, got.body)
				}
				return got
			}
			first := start(t, settings...)
			ask(first, "ana")
			if !tt.together {
				if err := first.stop(); err != nil {
					t.Fatal(err)
				}
			}
			got := ask(start(t, settings...), "ben")
			if status := got.header.Get("Cache-Status"); !strings.HasPrefix(status, "cifra-"+tt.tier+"; hit") {
				t.Errorf("got %s, want a hit in %s", status, tt.tier)
			}
		})
	}
}

// TestDefaultTimeout: policies that name no time of their own have the old systems' default.
func TestDefaultTimeout(t *testing.T) {
	for _, tt := range []struct {
		name, setting string
		seconds       float64
	}{
		{"unless it is set", "CIFRA_ENV=development", 300},
		{"the old systems' name", "CACHE_DEFAULT_TIMEOUT=77", 77},
		{"ours", "CIFRA_CACHE_TTL=78s", 78},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, "CIFRA_DEMO=true", tt.setting)
			got := r.do(http.MethodGet, "/api/v1/people/42", nil)
			p, ok := got.json(t)["provenance"].(map[string]any)
			if !ok {
				t.Fatalf("got %d %s, want a person", got.status, got.body)
			}
			if ttl, _ := p["ttl_ms"].(float64); ttl <= (tt.seconds-5)*1000 || ttl > tt.seconds*1000 {
				t.Errorf("got a time to live of %v ms, want %v s", p["ttl_ms"], tt.seconds)
			}
		})
	}
}
