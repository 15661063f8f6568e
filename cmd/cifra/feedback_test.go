package main

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// withAdmin starts the program with an admin, and returns it with the admin's token.
func withAdmin(t *testing.T, env ...string) (*running, string) {
	t.Helper()
	r := start(t, append(env, "CIFRA_ADMIN_USERNAME=root", "CIFRA_ADMIN_PASSWORD=a long passphrase")...)
	return r, r.login("root")
}

// asJSON sends JSON with a token.
func (r *running) asJSON(method, path, token, body string, headers ...string) answer {
	r.t.Helper()
	headers = append(headers, "Content-Type", "application/json")
	if token != "" {
		headers = append(headers, "Authorization", "Bearer "+token)
	}
	return r.do(method, path, strings.NewReader(body), headers...)
}

// TestFeedbackByProgram walks what a program may say of an answer.
func TestFeedbackByProgram(t *testing.T) {
	r := start(t)
	ana, eve := r.register("ana"), r.register("eve")
	id, _ := r.upload("/api/v2/predict", ana, "seven.png", crossedSeven(t)).json(t)["id"].(string)
	about := `,"prediction_id":"` + id + `"`
	for _, tt := range []struct {
		name, token, body, key string
		want                   int
	}{
		{"it is right", ana, `{"prediction":7,"correct":true` + about + `}`, "", http.StatusCreated},
		{"it is a 1", ana, `{"prediction":7,"correct":false,"label":1,"comment":"no bar"` + about + `}`, "", http.StatusCreated},
		{"of an answer that wasn't kept", ana, `{"prediction":7,"correct":false}`, "", http.StatusCreated},
		{"by nobody", "", `{"prediction":7,"correct":false}`, "", http.StatusCreated},
		{"under a name", ana, `{"prediction":3,"correct":true}`, "one", http.StatusCreated},
		{"the same under that name", ana, `{"prediction":3,"correct":true}`, "one", http.StatusCreated},
		{"something else under that name", ana, `{"prediction":4,"correct":true}`, "one", http.StatusUnprocessableEntity},
		{"that name is another's, too", eve, `{"prediction":4,"correct":true}`, "one", http.StatusCreated},
		{"without the digit", ana, `{"correct":true}`, "", http.StatusBadRequest},
		{"without saying which", ana, `{"prediction":7}`, "", http.StatusBadRequest},
		{"no JSON", ana, `{"prediction":`, "", http.StatusBadRequest},
		{"a digit of 12", ana, `{"prediction":12,"correct":true}`, "", http.StatusUnprocessableEntity},
		{"a label of 12", ana, `{"prediction":7,"correct":false,"label":12}`, "", http.StatusUnprocessableEntity},
		{"right, and something else", ana, `{"prediction":7,"correct":true,"label":1}`, "", http.StatusUnprocessableEntity},
		{"another digit than was answered", ana, `{"prediction":2,"correct":true` + about + `}`, "", http.StatusUnprocessableEntity},
		{"somebody else's answer", eve, `{"prediction":7,"correct":true` + about + `}`, "", http.StatusNotFound},
		{"a comment of 2,001 characters", ana, `{"prediction":7,"correct":true,"comment":"` + strings.Repeat("ж", 2001) + `"}`, "", http.StatusUnprocessableEntity},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			if tt.key != "" {
				headers = []string{"Idempotency-Key", tt.key}
			}
			for _, path := range []string{"/api/v1/feedback", "/feedback"} {
				if path == "/feedback" && tt.key != "" {
					continue // it is the same name there
				}
				got := r.asJSON(http.MethodPost, path, tt.token, tt.body, headers...)
				if got.status != tt.want {
					t.Errorf("%s: got %d %s, want %d", path, got.status, got.body, tt.want)
				}
				if m := got.json(t); tt.want == http.StatusCreated && (m["msg"] == "" || m["id"] == "") {
					t.Errorf("%s: got %s, want a sentence and a number", path, got.body)
				}
			}
		})
	}
}

// TestFeedbackOnThePage: a guest's tap is told where they are, in place for the page's script, and can be taken back.
func TestFeedbackOnThePage(t *testing.T) {
	r := start(t)
	b := r.browser()
	where := b.draws("seven.png", crossedSeven(t))
	id := strings.TrimPrefix(where, "/r/")
	form := func(pairs ...string) url.Values {
		v := url.Values{"prediction_id": {id}, "prediction": {"7"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	if got := b.send(http.MethodPost, "/feedback", form("label", "1", "key", "k1")); got.status != http.StatusSeeOther || got.header.Get("Location") != where {
		t.Fatalf("got %d to %s, want back to the result", got.status, got.header.Get("Location"))
	}
	page := string(b.send(http.MethodGet, where, nil).body)
	if !strings.Contains(page, "You say that it is a 1.") || strings.Count(page, "/undo") == 0 {
		t.Error("the result doesn't tell what was said, or offers no way back")
	}
	_, rest, _ := strings.Cut(page, `action="/feedback/`)
	number, _, _ := strings.Cut(rest, "/")
	if got := b.send(http.MethodPost, "/feedback", form("label", "1", "key", "k1")); got.status != http.StatusSeeOther {
		t.Errorf("a second tap: got %d, want it to be the first one", got.status)
	}
	if got := r.browser().send(http.MethodPost, "/feedback/"+number+"/undo", url.Values{}); got.status != http.StatusNotFound {
		t.Errorf("somebody else takes it back: got %d, want 404", got.status)
	}
	if got := b.send(http.MethodPost, "/feedback/"+number+"/undo", form()); got.status != http.StatusSeeOther {
		t.Errorf("taking it back: got %d %s", got.status, got.body)
	}
	if page := string(b.send(http.MethodGet, where, nil).body); !strings.Contains(page, "Was it right?") {
		t.Error("taken back: the result doesn't ask again")
	}
}

// TestReviewAndReport: what an admin decides, what the report counts, and what the first page shows.
func TestReviewAndReport(t *testing.T) {
	r, root := withAdmin(t)
	ana := r.register("ana")
	if got := r.asJSON(http.MethodGet, "/admin/report", root, "").json(t); got["total_feedback"] != 0.0 || got["accuracy_percentage"] != 0.0 || got["msg"] == "" {
		t.Errorf("nothing was said: got %v, want zeros that say so", got)
	}
	id, _ := r.upload("/api/v2/predict", ana, "seven.png", crossedSeven(t)).json(t)["id"].(string)
	say := func(body string) string {
		t.Helper()
		number, _ := r.asJSON(http.MethodPost, "/api/v1/feedback", ana, body).json(t)["id"].(string)
		return number
	}
	wrong := say(`{"prediction":7,"correct":false,"label":1,"comment":"a one","prediction_id":"` + id + `"}`)
	unnamed := say(`{"prediction":5,"correct":false}`)
	say(`{"prediction":7,"correct":true}`)

	list := func(query string) []any {
		t.Helper()
		items, _ := r.asJSON(http.MethodGet, "/api/v1/admin/feedback"+query, root, "").json(t)["items"].([]any)
		return items
	}
	if items := list(""); len(items) != 3 || items[2].(map[string]any)["id"] != wrong {
		t.Errorf("got %v, want all three, newest first", items)
	}
	for _, tt := range []struct {
		name, id, body string
		want           int
	}{
		{"no decision", wrong, `{}`, http.StatusBadRequest},
		{"none that there is", wrong, `{"decision":"burn"}`, http.StatusUnprocessableEntity},
		{"a digit of 12", wrong, `{"decision":"accept","label":12}`, http.StatusUnprocessableEntity},
		{"nothing to accept", unnamed, `{"decision":"accept"}`, http.StatusUnprocessableEntity},
		{"none of this number", "4711", `{"decision":"accept"}`, http.StatusNotFound},
		{"no number", "x", `{"decision":"accept"}`, http.StatusNotFound},
		{"accepted as another digit", wrong, `{"decision":"accept","label":4}`, http.StatusOK},
		{"named and accepted", unnamed, `{"decision":"accept","label":6}`, http.StatusOK},
		{"taken back", unnamed, `{"decision":"reopen"}`, http.StatusOK},
		{"rejected", unnamed, `{"decision":"reject"}`, http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.asJSON(http.MethodPost, "/api/v1/admin/feedback/"+tt.id, root, tt.body); got.status != tt.want {
				t.Errorf("got %d %s, want %d", got.status, got.body, tt.want)
			}
		})
	}
	if items := list("?state=accepted"); len(items) != 1 || items[0].(map[string]any)["decided_label"] != 4.0 || items[0].(map[string]any)["decided_by"] != "root" {
		t.Errorf("got %v, want the one that was accepted, as a 4, by root", items)
	}
	if got := r.asJSON(http.MethodGet, "/api/v1/admin/feedback?state=eaten", root, ""); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown state: got %d", got.status)
	}
	drawing := "/admin/feedback/" + wrong + "/drawing"
	if got := r.do(http.MethodGet, drawing, nil, "Authorization", "Bearer "+root); got.status != http.StatusOK || !strings.HasPrefix(string(got.body), "\x89PNG") {
		t.Errorf("the drawing: got %d and %d bytes", got.status, len(got.body))
	}
	if got := r.do(http.MethodGet, "/admin/feedback/"+unnamed+"/drawing", nil, "Authorization", "Bearer "+root); got.status != http.StatusNotFound {
		t.Errorf("no drawing: got %d, want 404", got.status)
	}

	report := r.asJSON(http.MethodGet, "/admin/report", root, "")
	m := report.json(t)
	confusion, _ := m["confusion"].([]any)
	if m["total_feedback"] != 3.0 || m["correct_feedback"] != 1.0 || m["incorrect_feedback"] != 2.0 || m["accuracy_percentage"] != 33.33 || confusion[1].([]any)[7] != 1.0 {
		t.Errorf("got %s, want one of three right, and a 7 that is a 1", report.body)
	}
	tag := report.header.Get("ETag")
	if got := r.asJSON(http.MethodGet, "/admin/report", root, "", "If-None-Match", tag); tag == "" || got.status != http.StatusNotModified || len(got.body) != 0 {
		t.Errorf("the same again: got %d with %d bytes, want 304", got.status, len(got.body))
	}
	export := r.do(http.MethodGet, "/admin/report/export", nil, "Authorization", "Bearer "+root)
	lines, err := csv.NewReader(strings.NewReader(string(export.body))).ReadAll()
	if err != nil || len(lines) != 4 || fmt.Sprint(lines[0]) != "[day version model said label correct n]" {
		t.Errorf("as CSV: got %v, %v; want a head and three lines", lines, err)
	}
	for path, want := range map[string]string{
		"/admin": "a one", "/admin?part=numbers": "33.3", "/admin/report": "33.3", "/admin/feedback?show=accepted": "accepted as 4 by root",
		"/admin/feedback?show=all&said=7&label=1": "Answered 7, said to be 1.",
	} {
		got := r.do(http.MethodGet, path, nil, "Authorization", "Bearer "+root, "Accept", "text/html")
		if got.status != http.StatusOK || !strings.Contains(string(got.body), want) {
			t.Errorf("%s: got %d, want a page with %q", path, got.status, want)
		}
	}
}
