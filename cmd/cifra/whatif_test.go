package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"cifra/lab/upstream"
)

// trouble is what /api/v1/lab/whatif answers.
type trouble struct {
	Cut     bool    `json:"redis_cut"`
	Latency int     `json:"redis_latency_ms"`
	Gone    bool    `json:"upstream_gone"`
	LeftMS  float64 `json:"left_ms"`
	By      *string `json:"by"`
	CanCut  bool    `json:"can_cut"`
	Cache   struct {
		Backend string `json:"backend"`
		State   string `json:"state"`
	} `json:"cache"`
}

func (r *running) trouble() trouble {
	r.t.Helper()
	var now trouble
	got := r.do(http.MethodGet, "/api/v1/lab/whatif", nil)
	if err := json.Unmarshal(got.body, &now); err != nil || got.status != http.StatusOK {
		r.t.Fatalf("got %d %s", got.status, got.body)
	}
	return now
}

// eventually waits until something is true of an instance, which asks for something each time.
func (r *running) eventually(what string, is func(trouble) bool) {
	r.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); ; {
		r.do(http.MethodGet, "/api/v1/people/1", nil)
		if is(r.trouble()) {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			r.t.Fatalf("%s: still not, got %+v", what, r.trouble())
		}
	}
}

// TestWhatIfRedisIsCutOff: at one instance Redis is cut off, and both do without it, say so on every page, and go on
// answering; brought back, they use it again. Who did it is in the book.
func TestWhatIfRedisIsCutOff(t *testing.T) {
	a, b := twins(t, "CIFRA_HEAVY_DELAY=0s", "CIFRA_ADMIN_USERNAME=ana", "CIFRA_ADMIN_PASSWORD=a long passphrase")
	ana := []string{"Authorization", "Bearer " + a.login("ana"), "Content-Type", "application/json"}
	if now := a.trouble(); now.Cut || !now.CanCut || now.By != nil || now.Cache.State != "up" || now.Cache.Backend != "redis" {
		t.Errorf("before: got %+v, want no trouble", now)
	}
	if got := a.do(http.MethodPost, "/api/v1/lab/whatif", strings.NewReader(`{"redis_cut":true}`), ana...); got.status != http.StatusOK {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	for _, r := range []*running{a, b} {
		r.eventually("the breaker opens", func(now trouble) bool { return now.Cut && now.Cache.State == "down" })
		if now := r.trouble(); now.By == nil || *now.By != "ana" || now.LeftMS <= 0 || now.LeftMS > 60_000 {
			t.Errorf("got %+v, want it by ana, for a minute at most", now)
		}
		for _, page := range []string{"/", "/lab", "/present", "/wall", "/lab/whatif", "/login"} {
			got := r.do(http.MethodGet, page, nil, "Accept", "text/html")
			if got.status != http.StatusOK || !strings.Contains(string(got.body), "Redis is cut off.") {
				t.Errorf("%s: got %d without the banner", page, got.status)
			}
		}
		for _, path := range []string{"/api/v1/people/7", "/api/v1/operations/heavy?input=z", "/api/v1/products"} {
			if got := r.do(http.MethodGet, path, nil); got.status != http.StatusOK {
				t.Errorf("%s: got %d %s, want an answer all the same", path, got.status, got.body)
			}
		}
	}
	form := url.Values{"redis": {"ok"}, "upstream": {"ok"}, "next": {"/lab"}}
	got := b.do(http.MethodPost, "/lab/whatif", strings.NewReader(form.Encode()), "Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded")
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/lab" {
		t.Errorf("back to normal: got %d to %q, want back to where one was", got.status, got.header.Get("Location"))
	}
	for _, r := range []*running{a, b} {
		r.eventually("the breaker closes", func(now trouble) bool { return !now.Cut && now.Cache.State == "up" })
		if page := r.do(http.MethodGet, "/lab/whatif", nil, "Accept", "text/html"); strings.Contains(string(page.body), "Redis is cut off.") ||
			!strings.Contains(string(page.body), "is asked again") {
			t.Errorf("afterwards: got %s, want no banner, and the recovery told", page.body)
		}
	}
	lines := a.do(http.MethodGet, "/api/v1/admin/audit?action=what_if", nil, ana...).json(t)["items"]
	if list, _ := lines.([]any); len(list) != 2 {
		t.Errorf("got %v in the book, want both", lines)
	}
}

// TestWhatIfTheOtherServiceIsGone: cold it is a 503, and nothing else suffers. Without Redis there is none to be cut off from.
func TestWhatIfTheOtherServiceIsGone(t *testing.T) {
	service := httptest.NewServer(upstream.New())
	t.Cleanup(service.Close)
	r := start(t, "CIFRA_DEMO=true", "CIFRA_UNIVERSITIES_URL="+service.URL+"/search")
	send := func(body string) answer {
		t.Helper()
		return r.do(http.MethodPost, "/api/v1/lab/whatif", strings.NewReader(body), "Content-Type", "application/json")
	}
	ask := func(country string) int {
		t.Helper()
		return r.do(http.MethodGet, "/api/v1/universities?country="+country, nil).status
	}
	if got := ask("Spain"); got != http.StatusOK {
		t.Fatalf("before: got %d", got)
	}
	if got := send(`{"upstream_gone":true}`); got.status != http.StatusOK || got.json(t)["upstream_gone"] != true {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	if got := ask("Chile"); got != http.StatusServiceUnavailable {
		t.Errorf("cold and gone: got %d, want 503", got)
	}
	if got := ask("Spain"); got != http.StatusOK {
		t.Errorf("remembered and gone: got %d, want 200", got)
	}
	page := r.do(http.MethodGet, "/lab/whatif", nil, "Accept", "text/html")
	if page.status != http.StatusOK || !strings.Contains(string(page.body), "The other service is gone.") {
		t.Errorf("the page: got %d %s", page.status, page.body)
	}
	if got := send(`{}`); got.status != http.StatusOK || ask("Chile") != http.StatusOK {
		t.Errorf("back: got %d %s, want the service there again", got.status, got.body)
	}
	for _, tt := range []struct {
		body string
		want int
	}{
		{`{"redis_cut":true}`, http.StatusUnprocessableEntity},
		{`{"redis_latency_ms":5000}`, http.StatusUnprocessableEntity},
		{`{"redis_cut":"yes"}`, http.StatusBadRequest},
	} {
		if got := send(tt.body); got.status != tt.want {
			t.Errorf("%s: got %d %s, want %d", tt.body, got.status, got.body, tt.want)
		}
	}
	form := r.do(http.MethodPost, "/lab/whatif", strings.NewReader("redis=cut&upstream=ok"), "Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded")
	if form.status != http.StatusUnprocessableEntity || !strings.Contains(string(form.body), "no Redis here") {
		t.Errorf("cutting off what isn't there: got %d %s", form.status, form.body)
	}
}

// TestWhatIfIsForDemosAlone holds the door of everything that a show has.
func TestWhatIfIsForDemosAlone(t *testing.T) {
	r := start(t, "CIFRA_ADMIN_USERNAME=ana", "CIFRA_ADMIN_PASSWORD=a long passphrase")
	ana := []string{"Authorization", "Bearer " + r.login("ana"), "Content-Type", "application/json"}
	for _, call := range []string{
		"GET /api/v1/lab/whatif", "POST /api/v1/lab/whatif", "GET /lab/whatif", "POST /lab/whatif", "GET /wall", "GET /wall/live", "GET /wall/1/drawing", "POST /wall/1/hide",
	} {
		method, path, _ := strings.Cut(call, " ")
		if got := r.do(method, path, strings.NewReader(`{"upstream_gone":true}`), ana...); got.status != http.StatusForbidden {
			t.Errorf("%s: got %d %s, want 403 even for an admin", call, got.status, got.body)
		}
	}
	if page := r.do(http.MethodGet, "/lab", nil, "Accept", "text/html"); strings.Contains(string(page.body), "/lab/whatif") {
		t.Error("the lab leads to what isn't there")
	}
	if page := r.do(http.MethodGet, "/", nil, "Accept", "text/html"); strings.Contains(string(page.body), `name="wall"`) {
		t.Error("the page asks for the wall while no show is on")
	}
}
