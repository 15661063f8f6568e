package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cifra"
)

// TestADeletedUserLeavesNothingInTheCache looks into every part of the cache after somebody who uploaded, asked for their
// statistics and judged an answer has gone. What the tables hold is TestADeletedUserLeavesNothing's, of package store.
func TestADeletedUserLeavesNothingInTheCache(t *testing.T) {
	a := inside(t)
	_, root := a.person(t, "root", cifra.RoleAdmin)
	ana, token := a.person(t, "ana.uniquely-named", cifra.RoleUser)
	for _, api := range []string{"v1", "v2"} {
		body, kind := multipartBody(t, "seven.png", crossedSeven(t))
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/"+api+"/predict", bytes.NewReader(b))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		a.site.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
	}
	entries := func() (string, int) {
		var all strings.Builder
		for _, p := range a.cache.Policies() {
			w := asked(t, a, http.MethodGet, "/api/v1/cache/entries?per_page=100&namespace="+p.Namespace, "", root)
			if w.Code != http.StatusOK {
				t.Fatalf("%s: got %d %s", p.Namespace, w.Code, w.Body)
			}
			all.WriteString(w.Body.String())
		}
		return all.String(), strings.Count(all.String(), `"namespace":"predict"`)
	}
	if all, n := entries(); n != 2 {
		t.Fatalf("got %d answers remembered, want both:\n%s", n, all)
	}
	if w := asked(t, a, http.MethodDelete, "/api/v1/me", "", token); w.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	all, n := entries()
	if n != 0 || strings.Contains(all, ana.Username) {
		t.Errorf("got %d answers about pictures of a deleted user, want none:\n%s", n, all)
	}
	w := asked(t, a, http.MethodGet, "/api/v1/admin/audit?action=user_delete", "", root)
	if !strings.Contains(w.Body.String(), ana.Username) {
		t.Errorf("the audit: got %s, want that it happened", w.Body)
	}
}
