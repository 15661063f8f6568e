package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cifra"
)

// TestWrittenOnce asks for a remembered list: its data come out the same, byte for byte, in an envelope of each answer's own,
// and anew after a change.
func TestWrittenOnce(t *testing.T) {
	a := inside(t, func(s *Settings) { s.Demo = true })
	_, token := a.person(t, "ada", cifra.RoleAdmin)
	type list struct {
		Data       json.RawMessage `json:"data"`
		Source     string          `json:"source"`
		Cached     bool            `json:"cached"`
		Provenance struct {
			Outcome string `json:"outcome"`
		} `json:"provenance"`
	}
	ask := func() (l list) {
		t.Helper()
		w := asked(t, a, http.MethodGet, "/api/v1/products?per_page=100", "", token)
		if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != http.StatusOK {
			t.Fatalf("got %d %s, %v; want 200 with JSON", w.Code, w.Body, err)
		}
		if got, want := w.Header().Get("Content-Length"), strconv.Itoa(w.Body.Len()); got != want {
			t.Errorf("Content-Length: got %s, want %s", got, want)
		}
		return l
	}
	first, again := ask(), ask()
	if first.Cached || first.Source != "database" || !again.Cached || again.Source != "cache" || again.Provenance.Outcome != "hit-l1" {
		t.Errorf("got %s, %s from %s; want the database, then the cache", first.Source, again.Source, again.Provenance.Outcome)
	}
	if !slices.Equal(first.Data, again.Data) {
		t.Errorf("got %s, then %s; want the same data", first.Data, again.Data)
	}
	body := `{"name":"Ink","category_id":"1","price_cents":5,"stock":1}`
	if w := asked(t, a, http.MethodPut, "/api/v1/products/1", body, token); w.Code != http.StatusOK {
		t.Fatalf("change: got %d %s, want 200", w.Code, w.Body)
	}
	if got := ask(); got.Cached || !strings.Contains(string(got.Data), `"Ink"`) {
		t.Errorf("after a change: got %s from %s, want the new data", got.Data, got.Source)
	}
}
