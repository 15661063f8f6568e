package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestHeavyTwice is the cache lab's first promise: the same question twice is computed once, and every answer can be
// checked, in JSON and in the headers.
func TestHeavyTwice(t *testing.T) {
	r := start(t, "CIFRA_HEAVY_DELAY=300ms", "CIFRA_DEMO=true")
	path := "/api/v1/operations/heavy?input=" + url.QueryEscape("ñandú/тест 🔢")
	for _, tt := range []struct {
		name, source, xcache string
		cached               bool
		atLeast, atMost      float64 // ms
	}{
		{"computed", "computation", "MISS", false, 300, 60_000},
		{"remembered", "cache", "HIT", true, 0, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.do(http.MethodGet, path, nil)
			m := got.json(t)
			p, _ := m["provenance"].(map[string]any)
			data, _ := m["data"].(map[string]any)
			if got.status != http.StatusOK || m["source"] != tt.source || m["cached"] != tt.cached || data["input"] != "ñandú/тест 🔢" {
				t.Fatalf("got %d %s, want 200, source %s", got.status, got.body, tt.source)
			}
			if took, _ := p["took_ms"].(float64); took < tt.atLeast || took > tt.atMost {
				t.Errorf("it took %v ms, want %v to %v", took, tt.atLeast, tt.atMost)
			}
			if key, _ := p["key"].(string); !strings.Contains(key, "heavy") {
				t.Errorf("got the key %q, want that of heavy: the demo shows keys", key)
			}
			if h := got.header; h.Get("X-Cache") != tt.xcache || !strings.Contains(h.Get("Server-Timing"), "l1;dur=") {
				t.Errorf("got headers %v, want X-Cache %s and the steps", h, tt.xcache)
			}
		})
	}
}

// TestLabRefusals walks what the lab's calls refuse.
func TestLabRefusals(t *testing.T) {
	r := start(t, "CIFRA_HEAVY_DELAY=0s")
	for _, tt := range []struct {
		name, path string
		want       int
	}{
		{"no input", "/api/v1/operations/heavy", http.StatusBadRequest},
		{"an empty input", "/api/v1/operations/heavy?input=", http.StatusBadRequest},
		{"no UTF-8", "/api/v1/operations/heavy?input=%ff", http.StatusBadRequest},
		{"one byte too many", "/api/v1/operations/heavy?input=" + strings.Repeat("x", 1025), http.StatusUnprocessableEntity},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.do(http.MethodGet, tt.path, nil)
			if got.status != tt.want {
				t.Errorf("got %d %s, want %d", got.status, got.body, tt.want)
			}
			if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
				t.Errorf("got Content-Type %s, want a problem document", kind)
			}
		})
	}
}
