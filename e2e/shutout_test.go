package e2e

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"cifra/e2e/harness"
)

const browsersForm = "application/x-www-form-urlencoded"

// TestWhoIsShutOutIsRefusedEverywhere: instances believe for a second who somebody is; whoever signs out, or is shut out by
// an admin, is nevertheless refused by the other instance from the answer on. Where it can't be told, since Redis is gone,
// that is a second later.
func TestWhoIsShutOutIsRefusedEverywhere(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	status := func(at *harness.Server, method, path, token, kind, body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, at.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if kind != "" {
			req.Header.Set("Content-Type", kind)
		}
		if kind == browsersForm {
			req.Header.Set("Accept", "text/html")
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	mine := func(at *harness.Server, token string) int {
		t.Helper()
		return status(at, "GET", "/api/v1/predictions", token, "", "")
	}
	believed := func(token string) {
		t.Helper()
		for _, at := range []*harness.Server{f.one, f.two, f.two} {
			if got := mine(at, token); got != http.StatusOK {
				t.Fatalf("before anything was taken away: got %d, want %d", got, http.StatusOK)
			}
		}
	}
	refused := func(what, token string) {
		t.Helper()
		for _, at := range []*harness.Server{f.two, f.one} {
			if got := mine(at, token); got != http.StatusUnauthorized {
				t.Fatalf("%s: got %d after the answer, want %d", what, got, http.StatusUnauthorized)
			}
		}
	}

	for range 20 {
		token := signInAs(f, f.one, "leo")
		believed(token)
		if got := status(f.one, "POST", "/api/v1/logout", token, "", ""); got != http.StatusNoContent {
			t.Fatalf("signing out: got %d, want %d", got, http.StatusNoContent)
		}
		refused("signed out", token)
	}

	// A browser's session.
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client.Jar = jar
	form := url.Values{"username": {"leo"}, "password": {password}}.Encode()
	for range 5 {
		if got := status(f.one, "POST", "/login", "", browsersForm, form); got != http.StatusSeeOther {
			t.Fatalf("signing in: got %d, want %d", got, http.StatusSeeOther)
		}
		at, err := url.Parse(f.one.URL)
		if err != nil {
			t.Fatal(err)
		}
		cookies := jar.Cookies(at)
		believed("")
		if got := status(f.one, "POST", "/logout", "", "", ""); got != http.StatusNoContent {
			t.Fatalf("signing out: got %d, want %d", got, http.StatusNoContent)
		}
		jar.SetCookies(at, cookies) // a thief has kept it
		refused("a browser signed out", "")
	}
	client.Jar = nil

	// An admin shuts somebody out, and lets them in again.
	admin := signInAs(f, f.one, "ana")
	type account struct {
		ID   any    `json:"id"`
		Name string `json:"username"`
	}
	list := call[struct{ Items []account }](f, f.one, "GET", "/api/v1/admin/users?name=leo", nil, "Authorization", "Bearer "+admin)
	if len(list.Items) != 1 {
		t.Fatalf("got %v, want leo", list)
	}
	change := fmt.Sprintf("/api/v1/admin/users/%v", list.Items[0].ID)
	for range 5 {
		believed(f.token)
		for _, to := range []string{`{"disabled": true}`, `{"disabled": false}`} {
			if got := status(f.one, "PATCH", change, admin, "application/json", to); got != http.StatusOK {
				t.Fatalf("%s: got %d, want %d", to, got, http.StatusOK)
			}
			if to == `{"disabled": true}` {
				refused("shut out", f.token)
			}
		}
	}

	// Without Redis nobody can be told.
	token := signInAs(f, f.one, "leo")
	believed(token)
	f.redis.Kill()
	if got := status(f.one, "POST", "/api/v1/logout", token, "", ""); got != http.StatusNoContent {
		t.Fatalf("signing out: got %d, want %d", got, http.StatusNoContent)
	}
	out := time.Now()
	for mine(f.two, token) != http.StatusUnauthorized {
		if time.Since(out) > late {
			t.Fatalf("got a token taken %s after it was ended, want a second", time.Since(out))
		}
	}
	t.Logf("without Redis the other instance refuses it %s after the answer", time.Since(out).Round(time.Millisecond))
}
