package static

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	http.StripPrefix("/static/", Handler()).ServeHTTP(w, r)
	return w
}

func TestExamples(t *testing.T) {
	names := Examples()
	if len(names) != len(exampleOrder) {
		t.Errorf("got %v, want all of %v", names, exampleOrder)
	}
	for _, name := range names {
		content, file, ok := Example(name)
		if !ok || len(content) == 0 || !strings.HasPrefix(file, name) {
			t.Errorf("%s: got %d bytes as %q", name, len(content), file)
		}
		w := get(t, ExampleURL(name))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/jpeg" || w.Body.Len() > 4<<10 {
			t.Errorf("%s: got %d, %s, %d bytes, want a small picture", ExampleURL(name), w.Code, w.Header().Get("Content-Type"), w.Body.Len())
		}
		if whole := get(t, "/static/examples/"+file); !bytes.Equal(whole.Body.Bytes(), content) {
			t.Errorf("%s: got %d with other bytes than the example's", file, whole.Code)
		}
		if again := get(t, ExampleURL(name), "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s with its ETag: got %d, want 304", ExampleURL(name), again.Code)
		}
	}
	if _, _, ok := Example("../static"); ok {
		t.Error("a name that leads out of the folder gives a file")
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, path := range []string{
		"/static/", "/static/examples/", "/static/examples", "/static/manifest.json", "/static/.gitkeep",
		"/static/../static.go", "/static/%2e%2e/static.go", "/static/dist/manifest.json", "/static/nothing.js",
	} {
		if w := get(t, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
}

// TestBundle holds what a built program serves. Without a bundle there is nothing to hold, and the page says so.
func TestBundle(t *testing.T) {
	if !Built() {
		t.Skip("no bundle: run make build")
	}
	for _, name := range []string{"app.js", "app.css", "favicon.svg", "manifest.webmanifest"} {
		w := get(t, URL(name))
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != forever {
			t.Errorf("%s: got %d with Cache-Control %q, want it for ever", URL(name), w.Code, w.Header().Get("Cache-Control"))
		}
	}
}
