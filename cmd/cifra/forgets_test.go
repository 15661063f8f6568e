package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"cifra/lab/upstream"
)

// remembered are things of the lab that are asked for before and after each change.
var remembered = []struct{ name, path string }{
	{"person 41", "/api/v1/people/41"},
	{"person 42", "/api/v1/people/42"},
	{"person 43", "/api/v1/people/43"},
	{"product 1", "/api/v1/products/1"},
	{"product 2", "/api/v1/products/2"},
	{"product 3", "/api/v1/products/3"},
	{"products, page 1", "/api/v1/products?page=1"},
	{"products, page 2", "/api/v1/products?page=2"},
	{"sales of 42, week", "/api/v1/sales/stats?user_id=42&period=week"},
	{"sales of 42, month", "/api/v1/sales/stats?user_id=42"},
	{"sales of 42, all", "/api/v1/sales/stats?user_id=42&period=all"},
	{"sales of 43, month", "/api/v1/sales/stats?user_id=43"},
	{"universities", "/api/v1/universities?country=Spain"},
	{"heavy operation", "/api/v1/operations/heavy?input=x"},
}

// TestWhatAChangeForgets is the table of before and after: what was changed is read from the database, with the new value,
// and everything else that was remembered still is. On two instances the reading is done by the other one.
func TestWhatAChangeForgets(t *testing.T) {
	service := httptest.NewServer(upstream.New())
	t.Cleanup(service.Close)
	env := []string{"CIFRA_DEMO=true", "CIFRA_HEAVY_DELAY=0s", "CIFRA_UNIVERSITIES_TTL=1h", "CIFRA_UNIVERSITIES_URL=" + service.URL + "/search"}
	for _, tt := range []struct {
		name  string
		start func(t *testing.T) (changes, reads *running)
	}{
		{"SQLite and memory", func(t *testing.T) (*running, *running) {
			t.Helper()
			r := start(t, env...)
			return r, r
		}},
		{"PostgreSQL and Redis, two instances", func(t *testing.T) (*running, *running) {
			t.Helper()
			a, b := twins(t, env...)
			return a, b
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changes, reads := tt.start(t)
			whatAChangeForgets(t, changes, reads)
		})
	}
}

func whatAChangeForgets(t *testing.T, changes, reads *running) {
	t.Helper()
	type read struct {
		outcome string
		body    string
	}
	ask := func() map[string]read {
		t.Helper()
		all := map[string]read{}
		for _, e := range remembered {
			got := reads.do(http.MethodGet, e.path, nil)
			var a struct {
				Provenance struct {
					Outcome string `json:"outcome"`
				} `json:"provenance"`
			}
			if err := json.Unmarshal(got.body, &a); err != nil || got.status != http.StatusOK {
				t.Fatalf("%s: got %d %s", e.path, got.status, got.body)
			}
			all[e.name] = read{a.Provenance.Outcome, string(got.body)}
		}
		return all
	}
	isHit := func(outcome string) bool { return strings.HasPrefix(outcome, "hit-") }
	for _, change := range []struct {
		name, method, path, body string
		forgotten                []string
		value                    string // of the first of them, in what is read then
	}{
		{
			"person 42 moves", http.MethodPut, "/api/v1/people/42", `{"name":"Zoe","city":"Kraków"}`,
			[]string{"person 42"},
			`"city":"Kraków"`,
		},
		{
			"product 2 has a new price", http.MethodPut, "/api/v1/products/2", `{"name":"Lined exercise book","category_id":"1","price_cents":777,"stock":1}`,
			[]string{"product 2", "products, page 1", "products, page 2"},
			`"price_cents":777`,
		},
		{
			"a sale to 42", http.MethodPost, "/api/v1/sales", `{"user_id":"42","product_id":"2","quantity":1000}`,
			[]string{"sales of 42, week", "sales of 42, month", "sales of 42, all"},
			`"units":1000`,
		},
	} {
		ask()
		before := ask()
		got := changes.do(change.method, change.path, strings.NewReader(change.body), "Content-Type", "application/json")
		if got.status >= http.StatusMultipleChoices {
			t.Fatalf("%s: got %d %s", change.name, got.status, got.body)
		}
		after := ask()
		var table strings.Builder
		w := tabwriter.NewWriter(&table, 0, 4, 2, ' ', 0)
		_, _ = w.Write([]byte(change.name + "\tbefore\tafter\t\n"))
		for _, e := range remembered {
			want, mark := isHit, ""
			if slices.Contains(change.forgotten, e.name) {
				want, mark = func(outcome string) bool { return outcome == "miss" }, "forgotten"
			}
			_, _ = w.Write([]byte(e.name + "\t" + before[e.name].outcome + "\t" + after[e.name].outcome + "\t" + mark + "\n"))
			if !isHit(before[e.name].outcome) || !want(after[e.name].outcome) {
				t.Errorf("%s, %s: got %s before and %s after", change.name, e.name, before[e.name].outcome, after[e.name].outcome)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		t.Log("\n" + table.String())
		if first := after[change.forgotten[0]].body; !strings.Contains(first, change.value) || !strings.Contains(first, `"source":"database"`) {
			t.Errorf("%s: got %s, want %s from the database", change.name, first, change.value)
		}
	}
}
