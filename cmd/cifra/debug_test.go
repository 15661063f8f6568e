package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestMetricsTellWhatHappened(t *testing.T) {
	r := start(t, "CIFRA_DEBUG_ADDR=127.0.0.1:0", "CIFRA_ADMIN_USERNAME=root", "CIFRA_ADMIN_PASSWORD=a long passphrase")
	token := r.register("ana")
	for range 2 {
		if got := r.upload("/api/v2/predict", token, "seven.png", crossedSeven(t)); got.status != http.StatusOK {
			t.Fatalf("got %d %s, want 200", got.status, got.body)
		}
	}
	r.do(http.MethodGet, "/no/such/page/of/theirs", nil)
	found := regexp.MustCompile(`metrics and pprof" addr=(\S+)`).FindStringSubmatch(r.out.String())
	if found == nil {
		t.Fatalf("the log doesn't say where the metrics are:\n%s", r.out)
	}
	site, debug := r.base, "http://"+found[1]
	r.base = debug
	got := r.do(http.MethodGet, "/metrics", nil)
	for _, want := range []string{
		`cifra_predictions_total{api="v2",model="v2-`, `source="cache"} 1`, `source="model"} 1`,
		`cifra_http_request_seconds_count{method="POST",route="/api/v2/predict",status="200"} 2`,
		`cifra_cache_requests_total{namespace="predict",outcome="hit-l1"} 1`,
		`cifra_model_serving{api="v1",model="v1-`, `cifra_pool_connections{state="open"}`, "go_goroutines",
	} {
		if !strings.Contains(string(got.body), want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
	if strings.Contains(string(got.body), "/no/such") {
		t.Error("a path that a client made up became a label")
	}
	if got := r.do(http.MethodGet, "/debug/pprof/cmdline", nil); got.status != http.StatusOK {
		t.Errorf("pprof: got %d, want 200", got.status)
	}

	r.base = site
	if got := r.do(http.MethodGet, "/debug/pprof/", nil); got.status != http.StatusNotFound {
		t.Errorf("pprof on the site: got %d, want 404", got.status)
	}
	login := r.postJSON("/api/v1/login", `{"username":"root","password":"a long passphrase"}`)
	admin, _ := login.json(t)["access_token"].(string)
	for _, tt := range []struct {
		name, token string
		want        int
	}{
		{"a stranger", "", http.StatusUnauthorized},
		{"a user", token, http.StatusForbidden},
		{"an admin", admin, http.StatusOK},
	} {
		var headers []string
		if tt.token != "" {
			headers = []string{"Authorization", "Bearer " + tt.token}
		}
		if got := r.do(http.MethodGet, "/metrics", nil, headers...); got.status != tt.want {
			t.Errorf("/metrics as %s: got %d, want %d", tt.name, got.status, tt.want)
		}
	}
}
