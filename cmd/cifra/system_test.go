package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cifra"
)

// TestSystemPage holds that an admin sees what was slow, without values, who else is there, and the settings without secrets.
func TestSystemPage(t *testing.T) {
	r := start(t, "CIFRA_ADMIN_USERNAME=root", "CIFRA_ADMIN_PASSWORD=a long passphrase", "CIFRA_SLOW_REQUEST=1ns", "CIFRA_SLOW_QUERY=1ns",
		"CIFRA_SECRET="+insideSecret)
	token := r.login("root")
	got := r.do(http.MethodGet, "/api/v1/admin/system", nil, "Authorization", "Bearer "+token)
	m := got.json(t)
	slow, _ := m["slow"].(map[string]any)
	requests, _ := slow["requests"].([]any)
	queries, _ := slow["queries"].([]any)
	instances, _ := m["instances"].([]any)
	routes, _ := m["routes"].([]any)
	settings, _ := m["settings"].([]any)
	if got.status != http.StatusOK || len(requests) == 0 || len(queries) == 0 || len(instances) != 1 || len(routes) == 0 || len(settings) < 20 {
		t.Fatalf("got %d %s, want what was slow, this instance, its routes and settings", got.status, got.body)
	}
	for _, hidden := range []string{insideSecret, "a long passphrase", "'root'"} {
		if strings.Contains(string(got.body), hidden) {
			t.Errorf("%s is told:\n%s", hidden, got.body)
		}
	}
	if log := r.out.String(); !strings.Contains(log, `msg="slow request"`) || !strings.Contains(log, `msg="slow query" sql="`) {
		t.Errorf("the log has nothing that was slow:\n%.2000s", log)
	}
	for _, path := range []string{"/admin/pool-stats", "/api/v1/admin/pool-stats"} {
		stats := r.do(http.MethodGet, path, nil, "Authorization", "Bearer "+token).json(t)
		for _, field := range []string{"tamaño", "conexiones_activas", "en_uso", "overflow"} {
			if _, ok := stats[field].(float64); !ok {
				t.Errorf("%s: got %v, want a number %s", path, stats, field)
			}
		}
		if pools, _ := stats["pools"].([]any); len(pools) != 1 {
			t.Errorf("%s: got %v, want the one pool that there is", path, stats)
		}
	}
	page := r.do(http.MethodGet, "/admin/system", nil, "Authorization", "Bearer "+token, "Accept", "text/html")
	if page.status != http.StatusOK || !strings.Contains(string(page.body), "CIFRA_DATABASE_URL") {
		t.Errorf("the page: got %d", page.status)
	}
}

func TestQuantilesOfTimes(t *testing.T) {
	b := &buckets{total: 100}
	for i, bound := range []float64{.1, .2, .4} {
		b.add(i, bound, []uint64{50, 90, 98}[i])
	}
	for _, tt := range []struct {
		share float64
		want  time.Duration
	}{
		{.25, 50 * time.Millisecond},
		{.5, 100 * time.Millisecond},
		{.7, 150 * time.Millisecond},
		{.94, 300 * time.Millisecond},
		{.99, 400 * time.Millisecond}, // beyond the last bound
	} {
		if got := b.quantile(tt.share).Round(time.Microsecond); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.share, got, tt.want)
		}
	}
	if got := (&buckets{}).quantile(.5); got != 0 {
		t.Errorf("of nothing: got %s, want 0", got)
	}
}

func TestSlowLogKeepsTheLast(t *testing.T) {
	s := &slowLog{log: quiet(), requestsFrom: time.Second, queriesFrom: time.Second}
	s.request(t.Context(), cifra.SlowRequest{Took: time.Second - 1})
	for i := range slowKept + 10 {
		s.request(t.Context(), cifra.SlowRequest{Took: time.Second, Status: i})
		s.query(t.Context(), cifra.SlowQuery{Took: time.Second})
	}
	l := s.list()
	if len(l.Requests) != slowKept || len(l.Queries) != slowKept || l.Requests[0].Status != slowKept+9 || l.Requests[slowKept-1].Status != 10 {
		t.Errorf("got %d requests from %+v on, want the last %d, the newest first", len(l.Requests), l.Requests[0], slowKept)
	}
}
