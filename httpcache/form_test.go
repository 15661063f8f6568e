package httpcache_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"cifra/httpcache"
)

// read returns a body, decoded.
func read(t *testing.T, res *http.Response) string {
	t.Helper()
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) == 0 {
		return ""
	}
	var r io.Reader = bytes.NewReader(b)
	switch res.Header.Get("Content-Encoding") {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(r); err == nil {
			defer d.Close()
		}
		r = d
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var long = strings.Repeat("the same words again, ", 200)

func write(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		fmt.Fprint(w, text)
	}
}

func TestCompression(t *testing.T) {
	for _, tt := range []struct {
		name, kind, text, accept, want string
	}{
		{"nobody asked", "text/plain", long, "", ""},
		{"gzip", "text/plain", long, "gzip, deflate", "gzip"},
		{"zstd", "application/json; charset=utf-8", long, "zstd", "zstd"},
		{"the client prefers gzip", "image/svg+xml", long, "zstd;q=0.5, gzip;q=0.9", "gzip"},
		{"the client prefers zstd", "text/html", long, "gzip;q=0.5, zstd", "zstd"},
		{"the client takes anything", "application/problem+json", long, "*", "zstd"},
		{"but not zstd", "text/css", long, "*, zstd;q=0", "gzip"},
		{"the client refuses both", "text/plain", long, "gzip;q=0, zstd; q=0", ""},
		{"the client prefers none", "text/plain", long, "identity, gzip;q=0.5", ""},
		{"a weight that is none", "text/plain", long, "gzip;q=much", ""},
		{"what is short stays as it is", "text/plain", "short", "gzip, zstd", ""},
		{"so does what is compressed already", "image/png", long, "gzip, zstd", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, minute(), httpcache.Options{}, write(tt.kind, tt.text))
			for _, method := range []string{"GET", "HEAD", "GET"} {
				res := s.do(method, "/", "Accept-Encoding", tt.accept)
				if got := res.Header.Get("Content-Encoding"); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				length, err := strconv.Atoi(res.Header.Get("Content-Length"))
				if err != nil || tt.want != "" && length > len(tt.text)/10 || tt.want == "" && length != len(tt.text) {
					t.Errorf("got length %d, %v, for %d bytes", length, err, len(tt.text))
				}
				if got := read(t, res); method == "GET" && got != tt.text || method == "HEAD" && got != "" {
					t.Errorf("got %d bytes, want the handler's %d", len(got), len(tt.text))
				}
				if !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept-Encoding") {
					t.Errorf("got Vary %q, want Accept-Encoding", res.Header.Values("Vary"))
				}
			}
			s.ran(1)
		})
	}
}

func TestForbiddenCompression(t *testing.T) {
	s := newSite(t, minute(), httpcache.Options{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60, no-transform")
		write("text/plain", long)(w, r)
	})
	res := s.do("GET", "/", "Accept-Encoding", "gzip")
	if res.Header.Get("Content-Encoding") != "" || res.Header.Get("Cache-Control") != "max-age=60, no-transform" || read(t, res) != long {
		t.Errorf("got %v, want the body as it is, and the handler's own words to caches", res.Header)
	}
}

func TestNotModified(t *testing.T) {
	s := newSite(t, minute(), httpcache.Options{}, write("text/plain", long))
	tag := func(accept string) string { return s.do("GET", "/", "Accept-Encoding", accept).Header.Get("Etag") }
	plain, gz, zs := tag(""), tag("gzip"), tag("zstd")
	if plain == gz || gz == zs || plain == "" {
		t.Errorf("got tags %s, %s, %s: each form is another one", plain, gz, zs)
	}
	s.ran(1)
	for _, tt := range []struct {
		name, method, accept, known string
		status                      int
	}{
		{"the same form", "GET", "gzip", gz, 304},
		{"the same form, by HEAD", "HEAD", "gzip", gz, 304},
		{"another form of the same answer", "GET", "zstd", gz, 304},
		{"as it is", "GET", "", plain, 304},
		{"a weak tag", "GET", "", "W/" + plain, 304},
		{"one of several", "GET", "gzip", `"x", W/"y", ` + gz, 304},
		{"anything", "GET", "", "*", 304},
		{"another answer", "GET", "gzip", `"x"`, 200},
		{"another answer, by HEAD", "HEAD", "gzip", `"x"`, 200},
		{"words that are no tag", "GET", "", "x", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			res := s.do(tt.method, "/", "Accept-Encoding", tt.accept, "If-None-Match", tt.known)
			h, text := res.Header, read(t, res)
			if res.StatusCode != tt.status {
				t.Fatalf("got %d, want %d", res.StatusCode, tt.status)
			}
			if tt.status == 304 && (text != "" || h.Get("Content-Length") != "" || h.Get("Content-Type") != "" ||
				h.Get("Etag") == "" || h.Get("Cache-Control") != "no-cache" || h.Get("Vary") == "" || h.Get("X-Cache") != "HIT") {
				t.Errorf("got %v and %d bytes, want no body, and what a cache needs to refresh its own", h, len(text))
			}
			s.ran(0)
		})
	}
}

func TestHandlersOwnValidators(t *testing.T) {
	const changed = "Mon, 04 May 2026 14:00:00 GMT"
	for _, tt := range []struct {
		name, own, accept, header, value, tag string
		status                                int
	}{
		{"a strong tag", `"v1"`, "", "If-None-Match", `"v1"`, `"v1"`, 304},
		{"a strong tag, compressed", `"v1"`, "gzip", "If-None-Match", `"v1-gzip"`, `"v1-gzip"`, 304},
		{"a weak tag is for all forms", `W/"v1"`, "gzip", "If-None-Match", `W/"v1"`, `W/"v1"`, 304},
		{"another tag", `"v1"`, "", "If-None-Match", `"v2"`, `"v1"`, 200},
		{"a date", `"v1"`, "", "If-Modified-Since", changed, `"v1"`, 304},
		{"an older date", `"v1"`, "", "If-Modified-Since", "Mon, 04 May 2026 13:59:59 GMT", `"v1"`, 200},
		{"no date", `"v1"`, "", "If-Modified-Since", "yesterday", `"v1"`, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, minute(), httpcache.Options{}, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Etag", tt.own)
				w.Header().Set("Last-Modified", changed)
				write("text/plain", long)(w, r)
			})
			res := s.do("GET", "/", "Accept-Encoding", tt.accept, tt.header, tt.value)
			if res.StatusCode != tt.status || res.Header.Get("Etag") != tt.tag || res.Header.Get("Last-Modified") != changed {
				t.Errorf("got %d %v, want %d with %s", res.StatusCode, res.Header, tt.status, tt.tag)
			}
		})
	}
}

func TestOtherStatuses(t *testing.T) {
	for _, status := range []int{204, 301, 308} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			s := newSite(t, minute(), httpcache.Options{}, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/there")
				w.WriteHeader(status)
			})
			for range 2 {
				res := s.do("GET", "/", "If-None-Match", "*")
				if res.StatusCode != status || res.Header.Get("Location") != "/there" || res.Header.Get("Etag") != "" {
					t.Errorf("got %d %v, want %d", res.StatusCode, res.Header, status)
				}
			}
			s.ran(1)
		})
	}
}
