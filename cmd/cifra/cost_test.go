package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"cifra"
)

// BenchmarkRequest asks the whole site in process, from the first middleware to the last byte, for what it remembers:
// what a request costs without a socket, a log that is kept, and the database's own work (it is SQLite). How that compares
// with a bare handler `make bench-cost` measures.
//
//	go test ./cmd/cifra -run '^$' -bench Request -benchmem
func BenchmarkRequest(b *testing.B) {
	a := inside(b, func(s *Settings) { s.Demo = true })
	_, token := a.person(b, "ada", cifra.RoleAdmin)
	for _, c := range []struct {
		name, method, path, encoding string
		upload                       bool
		fields                       []string
	}{
		{"upload", http.MethodPost, "/api/v2/predict", "", true, []string{"keep", "false"}},
		{"upload, kept", http.MethodPost, "/api/v2/predict", "", true, nil},
		{"list", http.MethodGet, "/api/v1/products?per_page=100", "", false, nil},
		{"list, compressed", http.MethodGet, "/api/v1/products?per_page=100", "gzip", false, nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			var body []byte
			kind := ""
			if c.upload {
				r, of := multipartBody(b, "seven.png", crossedSeven(b), c.fields...)
				var err error
				if body, err = io.ReadAll(r); err != nil {
					b.Fatal(err)
				}
				kind = of
			}
			ask := func() int {
				r := httptest.NewRequestWithContext(b.Context(), c.method, c.path, bytes.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+token)
				if kind != "" {
					r.Header.Set("Content-Type", kind)
				}
				if c.encoding != "" {
					r.Header.Set("Accept-Encoding", c.encoding)
				}
				w := &unread{header: http.Header{}}
				a.site.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatalf("got %d, want 200", w.status)
				}
				return w.bytes
			}
			size := ask() // and it is remembered from now on
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

// unread is a client that counts what it is sent.
type unread struct {
	header        http.Header
	status, bytes int
}

func (u *unread) Header() http.Header { return u.header }

func (u *unread) WriteHeader(status int) { u.status = status }

func (u *unread) Write(p []byte) (int, error) {
	u.bytes += len(p)
	return len(p), nil
}
