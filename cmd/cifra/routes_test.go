package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/auth"
	"cifra/web"
)

// asker is one column of the table of who gets what.
type asker struct {
	name string
	set  func(t *testing.T, r *http.Request, n int) // dresses a request up; n is another number for each
}

// bodies are what is sent where an empty object would begin something long.
var bodies = map[string]string{"/admin/retrain": `{"model":"v9"}`, "/api/v1/admin/retrain": `{"model":"v9"}`}

// TestWhoGetsWhat asks every route as everybody: nobody, users, admins, with tokens that are revoked, expired or forged, and
// from another site's page. The table of the answers is testdata/routes.golden; UPDATE_ROUTES=1 writes it anew.
func TestWhoGetsWhat(t *testing.T) {
	a := inside(t)
	routes, err := web.Routes()
	if err != nil {
		t.Fatal(err)
	}
	for _, unknown := range []string{"/nowhere", "/account/nowhere", "/admin/nowhere", "/api/nowhere", "/api/v1/admin/nowhere"} {
		routes = append(routes, web.Route{Method: http.MethodGet, Path: unknown})
	}
	askers := a.askers(t)
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", 50))
	for _, who := range askers {
		fmt.Fprintf(&b, " %9s", who.name)
	}
	b.WriteString("\n")
	n := 0
	for _, route := range routes {
		fmt.Fprintf(&b, "%-50s", route.Method+" "+route.Path)
		path := regexp.MustCompile(`:\w+|\*`).ReplaceAllString(route.Path, "1")
		for _, who := range askers {
			n++
			body := bodies[route.Path]
			if body == "" {
				body = "{}"
			}
			r := httptest.NewRequestWithContext(t.Context(), route.Method, path, strings.NewReader(body))
			r.Header.Set("Accept", "*/*")
			r.Header.Set("Content-Type", "application/json")
			r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", n>>16, n>>8&255, n&255)
			who.set(t, r, n)
			w := httptest.NewRecorder()
			a.site.ServeHTTP(w, r)
			fmt.Fprintf(&b, " %9s", strconv.Itoa(w.Code))
			if w.Code >= 500 {
				t.Errorf("%s as %s: got %d %s", route, who.name, w.Code, w.Body)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s as %s: other sites may read the answer", route, who.name)
			}
		}
		b.WriteString("\n")
	}
	golden := filepath.Join("testdata", "routes.golden")
	if os.Getenv("UPDATE_ROUTES") == "1" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("another table than %s; is that meant? Then UPDATE_ROUTES=1 go test ./cmd/cifra -run WhoGetsWhat (-want +got):\n%s", golden, diff)
	}
}

// askers are the columns. Each asks as somebody who was made for this very request, as some requests end accounts.
func (a *app) askers(t *testing.T) []asker {
	t.Helper()
	keys, err := auth.NewKeys(insideSecret, "")
	if err != nil {
		t.Fatal(err)
	}
	person := func(t *testing.T, n int, role cifra.Role) (*cifra.User, string) {
		t.Helper()
		return a.person(t, "person"+strconv.Itoa(n), role)
	}
	bearer := func(r *http.Request, token string) { r.Header.Set("Authorization", "Bearer "+token) }
	// forged is an admin's token after a change, signed anew.
	forged := func(change func(jwt.MapClaims), method jwt.SigningMethod, key any) func(*testing.T, *http.Request, int) {
		return func(t *testing.T, r *http.Request, n int) {
			t.Helper()
			_, good := person(t, n, cifra.RoleAdmin)
			claims := jwt.MapClaims{}
			if _, _, err := jwt.NewParser().ParseUnverified(good, claims); err != nil {
				t.Fatal(err)
			}
			change(claims)
			token, err := jwt.NewWithClaims(method, claims).SignedString(key)
			if err != nil {
				t.Fatal(err)
			}
			bearer(r, token)
		}
	}
	as := func(role cifra.Role) func(*testing.T, *http.Request, int) {
		return func(t *testing.T, r *http.Request, n int) {
			t.Helper()
			_, token := person(t, n, role)
			bearer(r, token)
		}
	}
	same := func(jwt.MapClaims) {}
	return []asker{
		{"nobody", func(*testing.T, *http.Request, int) {}},
		{"browser", func(_ *testing.T, r *http.Request, _ int) { r.Header.Set("Accept", "text/html") }},
		{"user", as(cifra.RoleUser)},
		{"admin", as(cifra.RoleAdmin)},
		{"personal", func(t *testing.T, r *http.Request, n int) { // an admin's personal token
			t.Helper()
			u, _ := person(t, n, cifra.RoleAdmin)
			_, secret, err := a.auth.CreateToken(cifra.WithActor(t.Context(), cifra.Actor{User: u}), "a program", 1)
			if err != nil {
				t.Fatal(err)
			}
			bearer(r, secret)
		}},
		{"foreign", func(t *testing.T, r *http.Request, n int) { // an admin's, from another site's page
			t.Helper()
			as(cifra.RoleAdmin)(t, r, n)
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}},
		{"revoked", func(t *testing.T, r *http.Request, n int) {
			t.Helper()
			_, token := person(t, n, cifra.RoleAdmin)
			if err := a.auth.Logout(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			bearer(r, token)
		}},
		{"disabled", func(t *testing.T, r *http.Request, n int) {
			t.Helper()
			u, token := person(t, n, cifra.RoleUser)
			if err := a.db.SetDisabled(t.Context(), u.ID, true, cifra.Audit{}); err != nil {
				t.Fatal(err)
			}
			bearer(r, token)
		}},
		{"expired", forged(func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Hour).Unix() }, jwt.SigningMethodHS256, keys.Token)},
		{"alg-none", forged(same, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType)},
		{"alg-other", forged(same, jwt.SigningMethodHS512, keys.Token)},
		{"key-other", forged(same, jwt.SigningMethodHS256, []byte(strings.Repeat("x", 32)))},
		{"no-exp", forged(func(c jwt.MapClaims) { delete(c, "exp") }, jwt.SigningMethodHS256, keys.Token)},
		{"aud-other", forged(func(c jwt.MapClaims) { c["aud"] = "another" }, jwt.SigningMethodHS256, keys.Token)},
	}
}
