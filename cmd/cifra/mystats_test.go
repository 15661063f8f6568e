package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestMyStats: a whole answer remembered by user, for programs and as a part of the page, which goes as soon as its user
// does something that changes it, and nobody else's goes with it.
func TestMyStats(t *testing.T) {
	r := start(t, "CIFRA_DEMO=true")
	ana, eve := []string{"Authorization", "Bearer " + r.register("ana")}, []string{"Authorization", "Bearer " + r.register("eve")}
	ask := func(what string, who []string, wantCache string, drawings float64) answer {
		t.Helper()
		got := r.do(http.MethodGet, "/api/v1/me/stats", nil, who...)
		if got.status != http.StatusOK || got.json(t)["drawings"] != drawings || got.header.Get("X-Cache") != wantCache {
			t.Errorf("%s: got %d %s, %s; want %v drawings, %s", what, got.status, got.body, got.header.Get("X-Cache"), drawings, wantCache)
		}
		if _, says := got.json(t)["provenance"]; says || !strings.HasPrefix(got.header.Get("Cache-Control"), "private") {
			t.Errorf("%s: got %s with %v, want a private answer that says nothing of where it came from", what, got.body, got.header)
		}
		return got
	}
	if got := r.do(http.MethodGet, "/api/v1/me/stats", nil); got.status != http.StatusUnauthorized {
		t.Errorf("nobody: got %d, want 401", got.status)
	}
	ask("ana", ana, "MISS", 0)
	ask("ana again", ana, "HIT", 0)
	ask("eve", eve, "MISS", 0)
	r.upload("/api/v2/predict", strings.TrimPrefix(ana[1], "Bearer "), "seven.png", crossedSeven(t))
	got := ask("ana has drawn", ana, "MISS", 1)
	if status := got.header.Get("Cache-Status"); !strings.Contains(status, "mystats") {
		t.Errorf("got %s, want the key", status)
	}
	again := r.do(http.MethodGet, "/api/v1/me/stats", nil, append(ana, "If-None-Match", got.header.Get("Etag"))...)
	if again.status != http.StatusNotModified || len(again.body) != 0 {
		t.Errorf("known already: got %d %s, want 304", again.status, again.body)
	}
	ask("eve's stays", eve, "HIT", 0)

	b := r.browser()
	if page := string(b.send(http.MethodGet, "/lab/mystats", nil).body); !strings.Contains(page, "/login?next=") {
		t.Errorf("a guest: got %s, want the way to sign in", page)
	}
	b.draws("seven.png", crossedSeven(t))
	credentials := url.Values{"username": {"ana"}, "password": {"a long passphrase"}}
	if got := b.send(http.MethodPost, "/login", credentials); got.status != http.StatusSeeOther {
		t.Fatalf("sign in: got %d %s", got.status, got.body)
	}
	for _, tt := range []struct{ language, want, badge string }{
		{"en", "drawings read", "database"},
		{"en", "drawings read", "from cache"},
		{"ru", "прочитано рисунков", "база данных"},
	} {
		b.cookies["language"] = tt.language
		page := string(b.send(http.MethodGet, "/lab/mystats", nil).body)
		if !strings.Contains(page, tt.want) || !strings.Contains(page, "<dd>2</dd>") {
			t.Errorf("%s: got %s, want %q, and what the guest drew counted", tt.language, page, tt.want)
		}
		if _, part, _ := strings.Cut(page, `id="answered-title"`); !strings.Contains(part, tt.badge) {
			t.Errorf("%s: got %s, want the badge %q", tt.language, part, tt.badge)
		}
	}
}
