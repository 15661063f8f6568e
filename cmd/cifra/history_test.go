package main

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// browser keeps the cookies of one person between requests, as browsers do.
type browser struct {
	*running
	cookies map[string]string
}

func (r *running) browser() *browser { return &browser{r, map[string]string{}} }

func (b *browser) send(method, path string, form url.Values) answer {
	b.t.Helper()
	var cookies []string
	for name, value := range b.cookies {
		cookies = append(cookies, name+"="+value)
	}
	headers := []string{"Accept", "text/html", "Cookie", strings.Join(cookies, "; ")}
	var got answer
	if form == nil {
		got = b.do(method, path, nil, headers...)
	} else {
		got = b.do(method, path, strings.NewReader(form.Encode()), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
	}
	b.take(got)
	return got
}

// take keeps the cookies of an answer.
func (b *browser) take(a answer) {
	for _, ck := range (&http.Response{Header: a.header}).Cookies() {
		b.cookies[ck.Name] = ck.Value
		if ck.MaxAge < 0 {
			delete(b.cookies, ck.Name)
		}
	}
}

// draws uploads a picture with the page's form and returns the address of the answer.
func (b *browser) draws(name string, content []byte) string {
	b.t.Helper()
	body, kind := multipartBody(b.t, name, content)
	var cookies []string
	for n, v := range b.cookies {
		cookies = append(cookies, n+"="+v)
	}
	got := b.do(http.MethodPost, "/predict", body, "Content-Type", kind, "Accept", "text/html", "Cookie", strings.Join(cookies, "; "))
	b.take(got)
	if got.status != http.StatusSeeOther {
		b.t.Fatalf("drawing: got %d %s, want 303", got.status, got.body)
	}
	return got.header.Get("Location")
}

// TestHistoryOfAGuest goes a guest's way: what they did is in their history, follows them into an account, can be
// exported, shared, and deleted for good.
func TestHistoryOfAGuest(t *testing.T) {
	r := start(t)
	b, stranger := r.browser(), r.browser()
	result := b.draws("=seven.png", crossedSeven(t))
	if got := b.send(http.MethodGet, "/history", nil); !strings.Contains(string(got.body), result) {
		t.Errorf("the guest's history does not hold %s:\n%s", result, got.body)
	}
	if got := stranger.send(http.MethodGet, "/history", nil); got.status != http.StatusOK || strings.Contains(string(got.body), result) {
		t.Errorf("a stranger's history: got %d, want an empty one", got.status)
	}
	credentials := url.Values{"username": {"ana"}, "password": {"a long passphrase"}}
	if got := b.send(http.MethodPost, "/register", credentials); got.status != http.StatusSeeOther {
		t.Fatalf("register: got %d %s", got.status, got.body)
	}
	if got := b.send(http.MethodGet, "/history?digit=7&model=v2&source=model&from=2020-01-01", nil); !strings.Contains(string(got.body), result) {
		t.Errorf("ana's history does not hold what the guest did")
	}
	if got := b.send(http.MethodGet, "/history?digit=3", nil); strings.Contains(string(got.body), result) {
		t.Error("a 7 is among the threes")
	}
	for _, query := range []string{"digit=12", "digit=x", "source=magic", "from=yesterday", "after=%21", "per_page=0", "said=perhaps"} {
		if got := b.send(http.MethodGet, "/history?"+query, nil); got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest {
			t.Errorf("?%s: got %d, want it refused", query, got.status)
		}
	}

	rows, err := csv.NewReader(strings.NewReader(string(b.send(http.MethodGet, "/history/export.csv", nil).body))).ReadAll()
	if err != nil || len(rows) != 2 || "/r/"+rows[1][0] != result || rows[1][10] != "'=seven.png" {
		t.Errorf("CSV: got %v, %v, want one row whose file name is no formula", rows, err)
	}
	list, _ := b.send(http.MethodGet, "/history/export.json", nil).json(t)["items"].([]any)
	if len(list) != 1 {
		t.Errorf("JSON: got %v, want one item", list)
	}

	if got := stranger.send(http.MethodGet, result, nil); got.status != http.StatusNotFound {
		t.Errorf("not shared: got %d for a stranger, want 404", got.status)
	}
	b.send(http.MethodPost, result+"/share", url.Values{"shared": {"true"}})
	got := stranger.send(http.MethodGet, result, nil)
	if got.status != http.StatusOK || strings.Contains(string(got.body), "seven.png") || strings.Contains(string(got.body), ">ana<") {
		t.Errorf("shared: got %d for a stranger, want the answer without the names", got.status)
	}
	if got := stranger.send(http.MethodPost, result+"/delete", url.Values{}); got.status != http.StatusNotFound {
		t.Errorf("a stranger deletes it: got %d, want 404", got.status)
	}
	b.send(http.MethodPost, result+"/share", url.Values{"shared": {"false"}})
	if got := stranger.send(http.MethodGet, result, nil); got.status != http.StatusNotFound {
		t.Errorf("not shared any more: got %d for a stranger, want 404", got.status)
	}

	gone := b.send(http.MethodPost, "/history/delete", url.Values{"id": {strings.TrimPrefix(result, "/r/")}, "filter": {"digit=7"}})
	if where := gone.header.Get("Location"); gone.status != http.StatusSeeOther || where != "/history?deleted=1&digit=7" {
		t.Errorf("deleting: got %d to %s", gone.status, where)
	}
	if got := b.send(http.MethodGet, result, nil); got.status != http.StatusNotFound {
		t.Errorf("a deleted one: got %d, want 404", got.status)
	}
	b.draws("a.png", crossedSeven(t))
	if m := r.upload("/api/v2/predict", r.login("ana"), "b.png", crossedSeven(t)).json(t); m["cached"] != true {
		t.Errorf("got %v, want the second one from the cache", m)
	}
	if got := b.send(http.MethodPost, "/history/delete", url.Values{"all": {"true"}}); got.header.Get("Location") != "/history?deleted=2" {
		t.Errorf("deleting all: got %d to %s", got.status, got.header.Get("Location"))
	}
	if m := r.upload("/api/v2/predict", r.login("ana"), "b.png", crossedSeven(t)).json(t); m["cached"] != false {
		t.Errorf("got %v, want the deleted picture forgotten by the cache", m)
	}
}

// login returns a token for an account that was made with the tests' password.
func (r *running) login(name string) string {
	r.t.Helper()
	token, _ := r.postJSON("/api/v1/login", `{"username":"`+name+`","password":"a long passphrase"}`).json(r.t)["access_token"].(string)
	if token == "" {
		r.t.Fatalf("%s can't sign in", name)
	}
	return token
}

func TestPredictionsOfTheAPI(t *testing.T) {
	r := start(t)
	ana, eve := r.register("ana"), r.register("eve")
	as := func(token string) []string { return []string{"Authorization", "Bearer " + token} }
	var ids []string
	for _, api := range []string{"v1", "v2", "v2"} {
		id, _ := r.upload("/api/"+api+"/predict", ana, "seven.png", crossedSeven(t)).json(t)["id"].(string)
		ids = append(ids, id)
	}
	first := r.do(http.MethodGet, "/api/v1/predictions?per_page=2", nil, as(ana)...).json(t)
	items, _ := first["items"].([]any)
	next, _ := first["next"].(string)
	if len(items) != 2 || next == "" || items[0].(map[string]any)["id"] != ids[2] {
		t.Fatalf("got %v, want the newest two and where to go on", first)
	}
	last := r.do(http.MethodGet, "/api/v1/predictions?per_page=1000&after="+next, nil, as(ana)...).json(t)
	if items, _ = last["items"].([]any); len(items) != 1 || last["next"] != nil {
		t.Errorf("got %v, want the last one", last)
	}
	one := "/api/v1/predictions/" + ids[1]
	for _, tt := range []struct {
		name, method, path, token, body string
		want                            int
	}{
		{"one's own", http.MethodGet, one, ana, "", http.StatusOK},
		{"somebody else's", http.MethodGet, one, eve, "", http.StatusNotFound},
		{"nobody asks", http.MethodGet, one, "", "", http.StatusUnauthorized},
		{"sharing somebody else's", http.MethodPatch, one, eve, `{"shared":true}`, http.StatusNotFound},
		{"sharing without saying so", http.MethodPatch, one, ana, `{}`, http.StatusBadRequest},
		{"sharing one's own", http.MethodPatch, one, ana, `{"shared":true}`, http.StatusOK},
		{"a shared one", http.MethodGet, one, eve, "", http.StatusOK},
		{"deleting somebody else's", http.MethodDelete, one, eve, "", http.StatusNotFound},
		{"deleting one's own", http.MethodDelete, one, ana, "", http.StatusNoContent},
		{"a deleted one", http.MethodGet, one, ana, "", http.StatusNotFound},
		{"deleting it again", http.MethodDelete, one, ana, "", http.StatusNotFound},
		{"a digit that there is not", http.MethodGet, "/api/v1/predictions?digit=12", ana, "", http.StatusUnprocessableEntity},
		{"a page size that is no number", http.MethodGet, "/api/v1/predictions?per_page=x", ana, "", http.StatusBadRequest},
		{"a broken cursor", http.MethodGet, "/api/v1/predictions?after=x", ana, "", http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Content-Type", "application/json"}
			if tt.token != "" {
				headers = append(headers, as(tt.token)...)
			}
			if got := r.do(tt.method, tt.path, strings.NewReader(tt.body), headers...); got.status != tt.want {
				t.Errorf("got %d %s, want %d", got.status, got.body, tt.want)
			}
		})
	}
}
