package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cifra/lab/upstream"
)

// TestLabRooms walks the lab's calls as a program does: what is asked twice is remembered, what is changed is forgotten.
func TestLabRooms(t *testing.T) {
	service := upstream.New()
	at := httptest.NewServer(service)
	t.Cleanup(at.Close)
	r := start(t, "CIFRA_DEMO=true", "CIFRA_UNIVERSITIES_URL="+at.URL+"/search")
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		want                     []string // parts of the body
	}{
		{"a person", "GET", "/api/v1/people/42", "", 200, []string{`"source":"database"`, `"id":"42"`}},
		{"again", "GET", "/api/v1/people/42", "", 200, []string{`"source":"cache"`}},
		{"changed", "PUT", "/api/v1/people/42", `{"name":"Zoe","email":"","city":"Lima","id":"1"}`, 200, []string{`"invalidated"`, `"id":"42"`}},
		{"looked up anew", "GET", "/api/v1/people/42", "", 200, []string{`"source":"database"`, `"Zoe"`, `invalidated by`}},
		{"nobody", "GET", "/api/v1/people/4711", "", 404, []string{`/docs/#not-found`}},
		{"made", "PUT", "/api/v1/people/4711", `{"name":"Yago"}`, 201, []string{`"Yago"`}},
		{"and there", "GET", "/api/v1/people/4711", "", 200, []string{`"Yago"`}},
		{"no id", "GET", "/api/v1/people/007", "", 404, nil},
		{"no name", "PUT", "/api/v1/people/42", `{"city":"Lima"}`, 400, []string{`"name"`}},
		{"a broken body", "PUT", "/api/v1/people/42", `{`, 400, nil},

		{"the catalogue", "GET", "/api/v1/products?per_page=1000", "", 200, []string{`"per_page":100`, `"total":64`, `"source":"database"`}},
		{"past the end", "GET", "/api/v1/products?page=99", "", 200, []string{`"items":[]`}},
		{"no page", "GET", "/api/v1/products?page=x", "", 400, nil},
		{"a product", "POST", "/api/v1/products", `{"name":"Ink","category_id":"2","price_cents":495,"stock":3,"updated_at":"1999"}`, 201, []string{`"id":"65"`, `"price_cents":495`}},
		{"of no category", "POST", "/api/v1/products", `{"name":"Ink","category_id":"99","price_cents":1}`, 422, []string{`"category_id"`}},
		{"cheaper than nothing", "PUT", "/api/v1/products/65", `{"name":"Ink","category_id":"2","price_cents":-1}`, 422, nil},
		{"changed", "PUT", "/api/v1/products/65", `{"name":"Ink","category_id":"2","price_cents":595,"stock":3}`, 200, []string{`"price_cents":595`}},
		{"deleted", "DELETE", "/api/v1/products/65", "", 200, []string{`"invalidated"`}},
		{"gone", "GET", "/api/v1/products/65", "", 404, nil},

		{"statistics", "GET", "/api/v1/sales/stats?user_id=42&period=all", "", 200, []string{`"since":null`, `"source":"database"`}},
		{"of a month", "GET", "/api/v1/sales/stats?user_id=42", "", 200, []string{`"period":"month"`}},
		{"of a century", "GET", "/api/v1/sales/stats?user_id=42&period=century", "", 422, nil},
		{"of nobody", "GET", "/api/v1/sales/stats", "", 400, nil},
		{"a sale", "POST", "/api/v1/sales", `{"user_id":"42","product_id":"7","quantity":2}`, 201, []string{`"quantity":2`}},
		{"the statistics then", "GET", "/api/v1/sales/stats?user_id=42&period=all", "", 200, []string{`"source":"database"`, `tag sales:42 bumped`}},
		{"nothing sold", "POST", "/api/v1/sales", `{"user_id":"42","product_id":"7","quantity":0}`, 422, nil},

		{"another service", "GET", "/api/v1/universities?country=Germany", "", 200, []string{`"source":"upstream"`, "Heidelberg"}},
		{"bare", "GET", "/universities?country=Germany", "", 200, []string{`[{"name":`}},
		{"of nowhere", "GET", "/universities", "", 400, []string{`"country"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.do(tt.method, tt.path, strings.NewReader(tt.body), "Content-Type", "application/json")
			if got.status != tt.status {
				t.Fatalf("got %d %s, want %d", got.status, got.body, tt.status)
			}
			for _, part := range tt.want {
				if !strings.Contains(string(got.body), part) {
					t.Errorf("got %s, want %s in it", got.body, part)
				}
			}
		})
	}
	service.Be(upstream.Fail)
	if got := r.do(http.MethodGet, "/api/v1/universities?country=Chile", nil); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("cold and gone: got %d %s, want 503 with Retry-After", got.status, got.body)
	}
}

// TestLabIsTheAdmins holds who may change what, without demo mode.
func TestLabIsTheAdmins(t *testing.T) {
	r := start(t)
	token := r.register("ana")
	body := `{"name":"x","user_id":"1","product_id":"1"}`
	for _, tt := range []struct{ method, path string }{
		{"PUT", "/api/v1/people/1"},
		{"POST", "/api/v1/products"},
		{"PUT", "/api/v1/products/1"},
		{"DELETE", "/api/v1/products/1"},
	} {
		for _, who := range []struct {
			name, token string
			want        int
		}{{"a guest", "", 401}, {"a user", "Bearer " + token, 403}} {
			got := r.do(tt.method, tt.path, strings.NewReader(`{"name":"x","category_id":"1","price_cents":1}`), "Content-Type", "application/json", "Authorization", who.token)
			if got.status != who.want {
				t.Errorf("%s, %s %s: got %d %s, want %d", who.name, tt.method, tt.path, got.status, got.body, who.want)
			}
		}
	}
	for _, who := range []struct {
		token string
		want  int
	}{{"", 401}, {"Bearer " + token, 201}} {
		if got := r.do("POST", "/api/v1/sales", strings.NewReader(body), "Content-Type", "application/json", "Authorization", who.token); got.status != who.want {
			t.Errorf("a sale: got %d %s, want %d", got.status, got.body, who.want)
		}
	}
}
