package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cifra/e2e/harness"
)

// TestRedisGoesAndComesBack kills the cache in the middle of use. Every request is still answered, the page says what
// is the matter, and nobody has to restart anything.
func TestRedisGoesAndComesBack(t *testing.T) {
	t.Parallel()
	redis := harness.StartRedis(t)
	s := serve(t, "CIFRA_CACHE_URL="+redis.URL)
	p := chrome.Open(t, s.URL, harness.NoScript)

	ask := func(salt uint8) harness.Exchange {
		t.Helper()
		p.Goto("/")
		p.Choose(fileField, harness.Photograph(t, harness.Seven, 280, salt))
		got := p.Loads("sending", harness.ClickOn(send))
		if got.Status != http.StatusOK || p.Text(digit) != "7" {
			t.Errorf("got %d and %q, want 200 and 7", got.Status, p.Text(digit))
		}
		posts := p.Exchanges(http.MethodPost, "/predict")
		return posts[len(posts)-1]
	}
	ask(0)
	if got := ask(0).Header["x-cache"]; got != "HIT" {
		t.Errorf("with Redis, the second time: got %s, want HIT", got)
	}
	if p.Count(".banner.warning") != 0 {
		t.Errorf("with Redis: got the warning %q, want none", p.Text(".banner.warning"))
	}

	redis.Kill()
	for i := range uint8(5) {
		ask(10 + i)
	}
	p.Goto("/")
	if p.Count(".banner.warning") != 1 {
		t.Error("without Redis: got no warning, want one on the page")
	}
	for _, v := range axe.Violations(p) {
		t.Errorf("accessibility of the warning: %s", v)
	}
	for _, page := range []string{"/", "/login", "/docs/", "/readyz"} {
		if got := p.Goto(page); got.Status != http.StatusOK {
			t.Errorf("without Redis: got %d for %s, want 200", got.Status, page)
		}
	}
	if got := harness.Eval[string](p, `document.body.innerText`); !strings.Contains(got, `"degraded"`) {
		t.Errorf("/readyz: got %s, want degraded", got)
	}

	redis.Start()
	back := time.Now()
	p.Goto("/")
	for p.Count(".banner.warning") != 0 {
		if time.Since(back) > 10*time.Second {
			t.Fatal("the page still warns, 10 s after Redis came back")
		}
		p.Goto("/")
	}
	t.Logf("used again %v after it came back", time.Since(back).Round(10*time.Millisecond))
	ask(200)
	if redis.Keys() == 0 {
		t.Error("Redis is back, but nothing was written there")
	}
	if got := ask(200).Header["x-cache"]; got != "HIT" {
		t.Errorf("with Redis again, the second time: got %s, want HIT", got)
	}
}
