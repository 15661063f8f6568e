package main

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cifra/lab/upstream"
)

// TestTheOtherServiceIsSwitchedOff: what it said before is given all the same, marked as stale and with the reason, without
// waiting longer than the soft timeout; where it said nothing before, that is a 503, as a problem document and as a page.
func TestTheOtherServiceIsSwitchedOff(t *testing.T) {
	service := upstream.New()
	at := httptest.NewServer(service)
	t.Cleanup(at.Close)
	r := start(t, "CIFRA_UNIVERSITIES_TTL=50ms", "CIFRA_UNIVERSITIES_URL="+at.URL+"/search")
	ask := func() (outcome, reason string, took time.Duration) {
		t.Helper()
		res := r.do(http.MethodGet, "/api/v1/universities?country=Spain", nil)
		var got struct {
			Data       []struct{ Name string }
			Provenance struct {
				Outcome string  `json:"outcome"`
				Reason  string  `json:"reason"`
				TookMS  float64 `json:"took_ms"`
			}
		}
		if err := json.Unmarshal(res.body, &got); err != nil || res.status != http.StatusOK || len(got.Data) == 0 {
			t.Fatalf("got %d %s, want universities", res.status, res.body)
		}
		return got.Provenance.Outcome, got.Provenance.Reason, time.Duration(got.Provenance.TookMS * float64(time.Millisecond))
	}
	if outcome, _, _ := ask(); outcome != "miss" {
		t.Fatalf("first: got %s, want a miss", outcome)
	}
	for _, tt := range []struct {
		name, reason string
		off          func()
	}{
		{"it hangs", "loader slow", func() { service.Be(upstream.Hang) }},
		{"it fails", "500", func() { service.Be(upstream.Fail) }},
		{"it is gone", "connection refused", func() { at.CloseClientConnections(); at.Close() }},
	} {
		tt.off()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for end := time.After(time.Minute); ; {
			outcome, reason, took := ask()
			if outcome == "stale" && strings.Contains(reason, tt.reason) {
				t.Logf("%s: %s, %s, after %v (promised: %v)", tt.name, outcome, reason, took, universitiesPolicy.SoftTimeout)
				if took > 10*universitiesPolicy.SoftTimeout {
					t.Errorf("%s: it took %v", tt.name, took)
				}
				break
			}
			select {
			case <-tick.C:
			case <-end:
				t.Fatalf("%s: got %s, %q, want it stale since %s", tt.name, outcome, reason, tt.reason)
			}
		}
	}
	page := r.do(http.MethodGet, "/lab/universities?country=Spain", nil, "Accept", "text/html")
	if page.status != http.StatusOK || !strings.Contains(string(page.body), "src-stale") {
		t.Errorf("the page: got %d, want it to say that the answer is stale\n%s", page.status, page.body)
	}

	cold := r.do(http.MethodGet, "/api/v1/universities?country=Chile", nil)
	problem := cold.json(t)
	if cold.status != http.StatusServiceUnavailable || !strings.HasPrefix(cold.header.Get("Content-Type"), "application/problem+json") ||
		cold.header.Get("Retry-After") == "" || problem["status"] != 503.0 || problem["detail"] == "" {
		t.Errorf("cold: got %d %v %s, want a problem document", cold.status, cold.header, cold.body)
	}
	plain := r.do(http.MethodGet, "/lab/universities?country=Chile", nil, "Accept", "text/html")
	if detail, _ := problem["detail"].(string); plain.status != http.StatusServiceUnavailable || !strings.Contains(html.UnescapeString(string(plain.body)), detail) {
		t.Errorf("cold, the page: got %d, want it to say %q\n%s", plain.status, detail, plain.body)
	}
}
