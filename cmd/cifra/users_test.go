package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cifra"
)

var userPath = regexp.MustCompile(`/admin/users/\d+`)

// TestUsersPage goes through what an admin does with somebody else's account, on pages and as a program.
func TestUsersPage(t *testing.T) {
	r := start(t, "CIFRA_ADMIN_USERNAME=root", "CIFRA_ADMIN_PASSWORD=a long passphrase")
	credentials := func(name, password string) url.Values {
		return url.Values{"username": {name}, "password": {password}}
	}
	root, ana := r.browser(), r.browser()
	root.send(http.MethodPost, "/login", credentials("root", "a long passphrase"))
	ana.send(http.MethodPost, "/register", credentials("ana", "a long passphrase"))
	list := root.send(http.MethodGet, "/admin/users?name=AN", nil)
	where := userPath.FindString(string(list.body))
	if where == "" {
		t.Fatalf("got %d, want a list with ana:\n%s", list.status, list.body)
	}
	form := func(what string, values url.Values, want string) {
		t.Helper()
		got := root.send(http.MethodPost, where+"/"+what, values)
		if got.status != http.StatusSeeOther || got.header.Get("Location") != where+"?done="+want {
			t.Fatalf("%s: got %d to %q\n%s", what, got.status, got.header.Get("Location"), got.body)
		}
	}
	isIn := func(b *browser) bool { return b.send(http.MethodGet, "/account", nil).status == http.StatusOK }

	form("sessions/end", url.Values{}, "sessions")
	if isIn(ana) {
		t.Error("ana is signed in, after her sessions were ended")
	}
	ana.send(http.MethodPost, "/login", credentials("ana", "a long passphrase"))
	form("role", url.Values{"role": {"admin"}}, "role")
	if isIn(ana) {
		t.Error("ana's session went on with another role than it began with")
	}
	token := r.login("ana")
	asAna := func(path string) int {
		return r.do(http.MethodGet, path, nil, "Authorization", "Bearer "+token).status
	}
	if got := asAna("/api/v1/admin/users"); got != http.StatusOK {
		t.Errorf("ana, an admin: got %d", got)
	}
	form("role", url.Values{"role": {"user"}}, "role")
	if got := asAna("/api/v1/admin/users"); got != http.StatusForbidden {
		t.Errorf("ana, no admin any more: got %d, want 403", got)
	}
	form("disabled", url.Values{"disabled": {"true"}}, "disabled")
	if got := asAna("/api/v1/predictions"); got != http.StatusUnauthorized {
		t.Errorf("ana, disabled: got %d, want 401", got)
	}
	form("disabled", url.Values{"disabled": {"false"}}, "disabled")

	for range 10 {
		r.postJSON("/api/v1/login", `{"username":"ana","password":"wrong"}`)
	}
	if got := r.postJSON("/api/v1/login", `{"username":"ana","password":"a long passphrase"}`); got.status != http.StatusTooManyRequests {
		t.Errorf("after ten failures: got %d, want 429", got.status)
	}
	if page := root.send(http.MethodGet, where, nil); !strings.Contains(string(page.body), where+"/lockout") {
		t.Errorf("the page does not offer to lift the lockout:\n%s", page.body)
	}
	form("lockout", url.Values{}, "lockout")
	r.login("ana")

	made := root.send(http.MethodPost, where+"/reset", url.Values{})
	address := regexp.MustCompile(`/reset\?code=[A-Z2-7]+`).FindString(string(made.body))
	if address == "" || made.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d, want an address on a page that nobody stores:\n%s", made.status, made.body)
	}
	fresh := r.browser()
	if got := fresh.send(http.MethodGet, address, nil); got.status != http.StatusOK || got.header.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("the address: got %d, want a form", got.status)
	}
	code := strings.TrimPrefix(address, "/reset?code=")
	if got := fresh.send(http.MethodPost, "/reset", url.Values{"code": {code}, "password": {"password"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a common password: got %d, want the form again", got.status)
	}
	if got := fresh.send(http.MethodPost, "/reset", url.Values{"code": {code}, "password": {"another passphrase"}}); got.status != http.StatusSeeOther || !isIn(fresh) {
		t.Errorf("got %d, want ana signed in", got.status)
	}
	if got := fresh.send(http.MethodPost, "/reset", url.Values{"code": {code}, "password": {"a third passphrase"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("the code again: got %d, want it refused", got.status)
	}

	self := userPath.FindString(string(root.send(http.MethodGet, "/admin/users?name=root", nil).body))
	for what, values := range map[string]url.Values{"role": {"role": {"user"}}, "disabled": {"disabled": {"true"}}, "reset": {}} {
		if got := root.send(http.MethodPost, self+"/"+what, values); got.status != http.StatusUnprocessableEntity {
			t.Errorf("one's own %s: got %d, want it refused", what, got.status)
		}
	}
	if got := root.send(http.MethodPost, where+"/role", url.Values{"role": {"emperor"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a role that there is not: got %d", got.status)
	}
	book := string(root.send(http.MethodGet, "/admin/audit/export?username=root", nil).body)
	for _, action := range []cifra.Action{cifra.ActionRole, cifra.ActionDisable, cifra.ActionEnable, cifra.ActionSessionsEnd, cifra.ActionLift, cifra.ActionResetMake} {
		if !strings.Contains(book, ","+string(action)+",") {
			t.Errorf("the audit has no %s", action)
		}
	}
	if strings.Contains(book, code) {
		t.Error("the code is in the audit")
	}
}

func TestUsersOfTheAPI(t *testing.T) {
	a := inside(t)
	root, token := a.person(t, "root", cifra.RoleAdmin)
	ana, _ := a.person(t, "ana", cifra.RoleUser)
	anaPath := "/api/v1/admin/users/" + id(ana)
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		want                     string // a part of the answer
	}{
		{"a list", "GET", "/api/v1/admin/users?role=user", "", 200, `"username":"ana","role":"user","disabled":false`},
		{"one", "GET", anaPath, "", 200, `"sessions":0,"lockout":0`},
		{"nobody", "GET", "/api/v1/admin/users/999", "", 404, ""},
		{"a role by name", "PATCH", "/api/v1/admin/users", `{"username":"ANA","role":"admin"}`, 200, `"role":"admin"`},
		{"several things by id", "PATCH", anaPath, `{"role":"user","disabled":true,"sessions":0,"lockout":0}`, 200, `"disabled":true`},
		{"a code", "PATCH", anaPath, `{"disabled":false,"reset":true}`, 200, `"reset":{"code":"`},
		{"nothing", "PATCH", anaPath, `{}`, 200, `"role":"user"`},
		{"nobody named", "PATCH", "/api/v1/admin/users", `{"role":"user"}`, 400, `"id"`},
		{"an unknown name", "PATCH", "/api/v1/admin/users", `{"username":"nobody","role":"user"}`, 404, ""},
		{"oneself", "PATCH", "/api/v1/admin/users/" + id(root), `{"role":"user"}`, 409, ""},
		{"a role that there is not", "PATCH", anaPath, `{"role":"emperor"}`, 422, `"role"`},
		{"half the sessions", "PATCH", anaPath, `{"sessions":1}`, 422, `"sessions"`},
		{"a state that there is not", "GET", "/api/v1/admin/users?state=asleep", "", 422, ""},
		{"a cursor that nobody gave out", "GET", "/api/v1/admin/users?after=!", "", 400, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := asked(t, a, tt.method, tt.path, tt.body, token)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got %d %s, want %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
	first := asked(t, a, "GET", anaPath, "", token)
	if again := asked(t, a, "GET", anaPath, "", token, "If-None-Match", first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("asked again: got %d %s, want 304", again.Code, again.Body)
	}
}
