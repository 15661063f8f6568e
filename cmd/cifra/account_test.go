package main

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var madeToken = regexp.MustCompile(`cifra_[A-Z2-7]{26}`)

// TestAccountPage goes through what somebody does with their account: another password ends the other browser, a token
// opens the API but not the account, and deleting leaves nothing.
func TestAccountPage(t *testing.T) {
	r := start(t)
	b, other := r.browser(), r.browser()
	credentials := url.Values{"username": {"ana"}, "password": {"a long passphrase"}}
	b.send(http.MethodPost, "/register", credentials)
	other.send(http.MethodPost, "/login", credentials)
	result := b.draws("seven.png", crossedSeven(t))

	page := b.send(http.MethodGet, "/account", nil)
	if page.status != http.StatusOK || strings.Count(string(page.body), `action="/account/sessions/end"`) != 3 {
		t.Fatalf("got %d, want the page with both sessions:\n%s", page.status, page.body)
	}
	if got := r.browser().send(http.MethodGet, "/account", nil); got.header.Get("Location") != "/login?next=%2Faccount" {
		t.Errorf("nobody: got %d to %s, want to the sign-in", got.status, got.header.Get("Location"))
	}

	made := b.send(http.MethodPost, "/account/tokens", url.Values{"name": {"lab"}, "days": {"30"}})
	token := madeToken.FindString(string(made.body))
	if token == "" || made.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d %s, want the token on a page that nobody stores", made.status, made.body)
	}
	if got := b.send(http.MethodGet, "/account", nil); strings.Contains(string(got.body), token) {
		t.Error("the token is shown a second time")
	}
	for _, tt := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, "/api/v1/predictions", "", http.StatusOK},
		{http.MethodGet, "/api/v1/tokens", "", http.StatusOK},
		{http.MethodPost, "/api/v1/tokens", `{"name":"another"}`, http.StatusForbidden},
		{http.MethodDelete, "/api/v1/tokens", "", http.StatusForbidden},
		{http.MethodDelete, "/api/v1/me", "", http.StatusForbidden},
		{http.MethodGet, "/account", "", http.StatusForbidden},
	} {
		got := r.do(tt.method, tt.path, strings.NewReader(tt.body), "Authorization", "Bearer "+token, "Content-Type", "application/json")
		if got.status != tt.want {
			t.Errorf("a personal token, %s %s: got %d %s, want %d", tt.method, tt.path, got.status, got.body, tt.want)
		}
	}

	for _, wrong := range []url.Values{
		{"current": {"not it"}, "password": {"another passphrase"}}, {"current": {"a long passphrase"}, "password": {"short"}},
	} {
		if got := b.send(http.MethodPost, "/account/password", wrong); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: got %d, want the form again", wrong, got.status)
		}
	}
	changed := b.send(http.MethodPost, "/account/password", url.Values{"current": {"a long passphrase"}, "password": {"another passphrase"}})
	if changed.header.Get("Location") != "/account?done=password" {
		t.Fatalf("got %d to %s, want the password changed", changed.status, changed.header.Get("Location"))
	}
	if got := other.send(http.MethodGet, "/account", nil); got.status != http.StatusSeeOther {
		t.Errorf("the other browser: got %d, want it signed out", got.status)
	}
	if got := b.send(http.MethodGet, "/account", nil); got.status != http.StatusOK {
		t.Errorf("this browser: got %d, want it signed in", got.status)
	}

	b.send(http.MethodPost, "/language", url.Values{"language": {"es"}})
	fresh := r.browser()
	fresh.send(http.MethodPost, "/login", url.Values{"username": {"ana"}, "password": {"another passphrase"}})
	if got := fresh.send(http.MethodGet, "/account", nil); !strings.Contains(string(got.body), `lang="es"`) {
		t.Error("another browser of ana's does not speak Spanish")
	}
	fresh.send(http.MethodPost, "/account/sessions/end", url.Values{"others": {"true"}})
	if got := b.send(http.MethodGet, "/account", nil); got.status != http.StatusSeeOther {
		t.Errorf("ended from elsewhere: got %d, want it signed out", got.status)
	}

	data := fresh.send(http.MethodGet, "/account/data.zip", nil)
	z, err := zip.NewReader(bytes.NewReader(data.body), int64(len(data.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	for _, want := range []string{"account.json", "predictions.json", "feedback.json", "tokens.json", "audit.json", "pictures/" + strings.TrimPrefix(result, "/r/") + ".png"} {
		if !slices.Contains(names, want) {
			t.Errorf("the archive has no %s: %v", want, names)
		}
	}

	if got := fresh.send(http.MethodPost, "/account/delete", url.Values{"confirm": {"not it"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("deleting with a wrong password: got %d, want the form again", got.status)
	}
	if got := fresh.send(http.MethodPost, "/account/delete", url.Values{"confirm": {"another passphrase"}}); got.status != http.StatusSeeOther {
		t.Fatalf("deleting: got %d %s", got.status, got.body)
	}
	if got := r.do(http.MethodGet, "/api/v1/predictions", nil, "Authorization", "Bearer "+token); got.status != http.StatusUnauthorized {
		t.Errorf("the token of a deleted user: got %d, want 401", got.status)
	}
	if m := r.upload("/api/v2/predict", r.register("eve"), "b.png", crossedSeven(t)).json(t); m["cached"] != false {
		t.Errorf("got %v, want the deleted user's picture forgotten by the cache", m)
	}
}
