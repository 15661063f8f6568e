package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// TestWellBroughtUp holds what caches and clients may rely on, of pages and of the API: HEAD, ETag and 304, Vary, and
// compression from 500 bytes.
func TestWellBroughtUp(t *testing.T) {
	r := start(t)
	token := r.register("ana")
	r.upload("/api/v2/predict", token, "seven.png", crossedSeven(t))
	b := r.browser()
	b.send(http.MethodPost, "/login", url.Values{"username": {"ana"}, "password": {"a long passphrase"}})
	var cookies []string
	for name, value := range b.cookies {
		cookies = append(cookies, name+"="+value)
	}
	for _, tt := range []struct {
		name, path, accept string
		vary               []string
	}{
		{"a page", "/login", "text/html", []string{"Accept-Language", "Cookie", "HX-Request", "Accept-Encoding"}},
		{"the API's page", "/docs/", "text/html", []string{"Accept-Language", "Cookie"}},
		{"the document", "/openapi.yaml", "*/*", []string{"Accept-Encoding"}},
		{"a list", "/api/v1/predictions", "*/*", []string{"Accept", "Authorization", "Cookie"}},
		{"tokens", "/api/v1/tokens", "*/*", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Accept", tt.accept, "Cookie", strings.Join(cookies, "; ")}
			if tt.path == "/login" {
				headers = headers[:2] // who is signed in is sent on
			}
			got := r.do(http.MethodGet, tt.path, nil, headers...)
			tag := got.header.Get("ETag")
			if got.status != http.StatusOK || tag == "" {
				t.Fatalf("got %d with tag %q, want 200 and one", got.status, tag)
			}
			vary := strings.Join(got.header.Values("Vary"), ", ")
			for _, want := range tt.vary {
				if !strings.Contains(vary, want) {
					t.Errorf("got Vary %q, want %s in it", vary, want)
				}
			}
			again := r.do(http.MethodGet, tt.path, nil, append(headers, "If-None-Match", tag)...)
			if again.status != http.StatusNotModified || len(again.body) > 0 {
				t.Errorf("asked again: got %d with %d bytes, want 304", again.status, len(again.body))
			}
			other := r.do(http.MethodGet, tt.path, nil, append(headers, "If-None-Match", `"another"`)...)
			if other.status != http.StatusOK {
				t.Errorf("with another tag: got %d, want 200", other.status)
			}
			head := r.do(http.MethodHead, tt.path, nil, headers...)
			if head.status != got.status || head.header.Get("Content-Type") != got.header.Get("Content-Type") || head.header.Get("ETag") != tag || len(head.body) > 0 {
				t.Errorf("HEAD: got %d %v, want what GET says", head.status, head.header)
			}
		})
	}
	if got := r.do(http.MethodHead, "/nowhere", nil); got.status != http.StatusNotFound {
		t.Errorf("HEAD of nothing: got %d, want 404", got.status)
	}
	plain := r.do(http.MethodGet, "/login", nil, "Accept", "text/html", "Accept-Encoding", "identity")
	for _, tt := range []struct {
		encoding string
		open     func(io.Reader) (io.Reader, error)
	}{
		{"gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"zstd", func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) }},
	} {
		got := r.do(http.MethodGet, "/login", nil, "Accept", "text/html", "Accept-Encoding", tt.encoding)
		if got.header.Get("Content-Encoding") != tt.encoding || len(got.body) >= len(plain.body) {
			t.Errorf("%s: got Content-Encoding %q and %d of %d bytes", tt.encoding, got.header.Get("Content-Encoding"), len(got.body), len(plain.body))
			continue
		}
		body, err := tt.open(strings.NewReader(string(got.body)))
		if err != nil {
			t.Errorf("%s: %v", tt.encoding, err)
			continue
		}
		whole, err := io.ReadAll(body)
		if err != nil || len(whole) != len(plain.body) {
			t.Errorf("%s: got %d bytes, %v, want %d", tt.encoding, len(whole), err, len(plain.body))
		}
		list := r.do(http.MethodGet, "/api/v1/products?per_page=100", nil, "Accept-Encoding", tt.encoding)
		if body, err = tt.open(strings.NewReader(string(list.body))); err != nil || list.header.Get("Content-Encoding") != tt.encoding {
			t.Errorf("%s: a program got Content-Encoding %q, %v", tt.encoding, list.header.Get("Content-Encoding"), err)
			continue
		}
		if whole, err = io.ReadAll(body); err != nil || !json.Valid(whole) {
			t.Errorf("%s: a program got %q, %v; want JSON", tt.encoding, whole, err)
		}
		if small := r.do(http.MethodGet, "/health", nil, "Accept-Encoding", tt.encoding); small.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: a few bytes came as %q", tt.encoding, small.header.Get("Content-Encoding"))
		}
	}
}
