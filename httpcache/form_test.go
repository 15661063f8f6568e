package httpcache_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"cifra/httpcache"
)

// reply is an answer, read and decoded.
type reply struct {
	status int
	header http.Header
	text   string
}

func replyOf(t *testing.T, rec *httptest.ResponseRecorder) reply {
	t.Helper()
	got := reply{rec.Code, rec.Result().Header, ""}
	var r io.Reader = rec.Body
	var err error
	if rec.Body.Len() == 0 {
		return got
	}
	switch got.header.Get("Content-Encoding") {
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
	got.text = string(text)
	return got
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
				if got := res.header.Get("Content-Encoding"); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				length, err := strconv.Atoi(res.header.Get("Content-Length"))
				if err != nil || tt.want != "" && length > len(tt.text)/10 || tt.want == "" && length != len(tt.text) {
					t.Errorf("got length %d, %v, for %d bytes", length, err, len(tt.text))
				}
				if got := res.text; method == "GET" && got != tt.text || method == "HEAD" && got != "" {
					t.Errorf("got %d bytes, want the handler's %d", len(got), len(tt.text))
				}
				if !strings.Contains(strings.Join(res.header.Values("Vary"), ","), "Accept-Encoding") {
					t.Errorf("got Vary %q, want Accept-Encoding", res.header.Values("Vary"))
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
	if res.header.Get("Content-Encoding") != "" || res.header.Get("Cache-Control") != "max-age=60, no-transform" || res.text != long {
		t.Errorf("got %v, want the body as it is, and the handler's own words to caches", res.header)
	}
}

func TestNotModified(t *testing.T) {
	s := newSite(t, minute(), httpcache.Options{}, write("text/plain", long))
	tag := func(accept string) string { return s.do("GET", "/", "Accept-Encoding", accept).header.Get("Etag") }
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
			h, text := res.header, res.text
			if res.status != tt.status {
				t.Fatalf("got %d, want %d", res.status, tt.status)
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
			if res.status != tt.status || res.header.Get("Etag") != tt.tag || res.header.Get("Last-Modified") != changed {
				t.Errorf("got %d %v, want %d with %s", res.status, res.header, tt.status, tt.tag)
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
				if res.status != status || res.header.Get("Location") != "/there" || res.header.Get("Etag") != "" {
					t.Errorf("got %d %v, want %d", res.status, res.header, status)
				}
			}
			s.ran(1)
		})
	}
}
