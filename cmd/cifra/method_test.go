package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cifra/web"
)

// TestAnotherMethod asks every path of the map with the methods that it does not have: 405, with the ones that it has in
// Allow and as a problem document for programs, whoever asks. OPTIONS says the same.
func TestAnotherMethod(t *testing.T) {
	a := inside(t)
	routes, err := web.Routes()
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string][]string{} // a path that fits → what Allow is to say
	place := regexp.MustCompile(`:\w+|\*`)
	for _, r := range routes {
		paths[place.ReplaceAllString(r.Path, "1")] = nil
	}
	for _, r := range routes { // several may have one path: /api/v1/cache/entries is a namespace too
		like := regexp.MustCompile("^" + place.ReplaceAllString(r.Path, "[^/]+") + "$")
		for path := range paths {
			if like.MatchString(path) && !slices.Contains(paths[path], r.Method) {
				paths[path] = append(paths[path], r.Method)
			}
		}
	}
	ask := func(method, path, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("{}"))
		r.Header.Set("Accept", accept)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.site.ServeHTTP(w, r)
		return w
	}
	sorted := func(allow string) []string { return slices.Sorted(strings.SplitSeq(allow, ", ")) }
	for path, want := range paths {
		if slices.Contains(want, http.MethodGet) {
			want = append(want, http.MethodHead)
		}
		slices.Sort(want)
		if w := ask(http.MethodOptions, path, "*/*"); w.Code != http.StatusNoContent || !slices.Equal(sorted(w.Header().Get("Allow")), want) {
			t.Errorf("OPTIONS %s: got %d, Allow %q, want 204 with %v", path, w.Code, w.Header().Get("Allow"), want)
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace} {
			if slices.Contains(want, method) {
				continue
			}
			w := ask(method, path, "*/*")
			if w.Code != http.StatusMethodNotAllowed || !slices.Equal(sorted(w.Header().Get("Allow")), want) {
				t.Errorf("%s %s: got %d, Allow %q, want 405 with %v", method, path, w.Code, w.Header().Get("Allow"), want)
				continue
			}
			var p struct {
				Type   string
				Status int
			}
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" ||
				p.Type != "/docs/#method" || p.Status != w.Code {
				t.Errorf("%s %s: got %s, want a problem document", method, path, w.Body)
			}
		}
	}
	if w := ask(http.MethodPost, "/docs/", "text/html"); w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Body.String(), "<h1") {
		t.Errorf("a browser: got %d %s, want a page that says so", w.Code, w.Body)
	}
	for _, path := range []string{"/nowhere", "/admin/nowhere", "/api/v1/nowhere", "/r"} {
		for _, method := range []string{http.MethodPost, http.MethodOptions} {
			if w := ask(method, path, "*/*"); w.Code != http.StatusNotFound || w.Header().Get("Allow") != "" {
				t.Errorf("%s %s: got %d, Allow %q, want 404", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	if n := len(slices.Collect(maps.Keys(paths))); n < 90 {
		t.Errorf("got %d paths, want the whole map", n)
	}
}

// TestListsAreSentOnce: an admin's lists have a tag, and who has them already gets 304.
func TestListsAreSentOnce(t *testing.T) {
	a := inside(t)
	_, token := a.person(t, "root", "admin")
	for _, path := range []string{"audit", "feedback", "models", "users", "report"} {
		first := asked(t, a, http.MethodGet, "/api/v1/admin/"+path, "", token)
		tag := first.Header().Get("ETag")
		if first.Code != http.StatusOK || tag == "" {
			t.Errorf("%s: got %d with tag %q, want 200 with one", path, first.Code, tag)
			continue
		}
		again := asked(t, a, http.MethodGet, "/api/v1/admin/"+path, "", token, "If-None-Match", tag)
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s again: got %d %s, want 304", path, again.Code, again.Body)
		}
	}
}
