package httpcache_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cifra/cache"
	"cifra/cache/cachetest"
	"cifra/httpcache"
)

// site is a layer before a handler that counts how often it runs.
type site struct {
	t     *testing.T
	w     *cachetest.World
	c     *cache.Cache
	layer *httpcache.Layer
	next  http.Handler
	runs  atomic.Int64
}

func minute() cache.Policy { return cache.Policy{Namespace: "http", TTL: time.Minute} }

func newSite(t *testing.T, p cache.Policy, o httpcache.Options, next http.HandlerFunc) *site {
	t.Helper()
	w := cachetest.NewWorld(t, cachetest.Backend{URL: "memory://"})
	s := &site{t: t, w: w, c: w.Open("a")}
	s.layer = httpcache.New(s.c, p, o)
	s.next = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.runs.Add(1)
		next(w, r)
	})
	return s
}

// do asks with headers given as name, value, name, value.
func (s *site) do(method, target string, headers ...string) reply {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.layer.Serve(w, r, s.next)
	return replyOf(s.t, w)
}

func (s *site) ran(want int64) {
	s.t.Helper()
	if got := s.runs.Swap(0); got != want {
		s.t.Errorf("the handler ran %d times, want %d", got, want)
	}
}

func hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Own", "yes")
	fmt.Fprintf(w, "hello %s", r.URL)
}

func TestRemembers(t *testing.T) {
	s := newSite(t, minute(), httpcache.Options{Params: []string{"a", "b"}}, hello)
	for _, tt := range []struct {
		name, method, target string
		runs                 int64
		xcache, age, status  string
	}{
		{"the first question runs the handler", "GET", "/x?a=1&b=2", 1, "MISS", "", `cifra; fwd=uri-miss; stored; ttl=60; detail="cold"`},
		{"the second does not", "GET", "/x?a=1&b=2", 0, "HIT", "2", "cifra-memory; hit; ttl=58"},
		{"nor does the same query in another order", "GET", "/x?b=2&a=1", 0, "HIT", "4", "cifra-memory; hit; ttl=56"},
		{"nor one with a parameter that does not matter", "GET", "/x?a=1&utm=9&b=2", 0, "HIT", "6", "cifra-memory; hit; ttl=54"},
		{"nor a HEAD", "HEAD", "/x?a=1&b=2", 0, "HIT", "8", "cifra-memory; hit; ttl=52"},
		{"another value does", "GET", "/x?a=2&b=2", 1, "MISS", "", `cifra; fwd=uri-miss; stored; ttl=60; detail="cold"`},
		{"another order of one name's values does", "GET", "/x?a=1&a=2", 1, "MISS", "", `cifra; fwd=uri-miss; stored; ttl=60; detail="cold"`},
		{"which is another question", "GET", "/x?a=2&a=1", 1, "MISS", "", `cifra; fwd=uri-miss; stored; ttl=60; detail="cold"`},
		{"another path does", "GET", "/y?a=1&b=2", 1, "MISS", "", `cifra; fwd=uri-miss; stored; ttl=60; detail="cold"`},
		{"an escaped slash is another path", "GET", "/x%2Fy", 1, "MISS", "", `cifra; fwd=uri-miss; stored; ttl=60; detail="cold"`},
		{"a HEAD fills as well", "HEAD", "/z", 1, "MISS", "", `cifra; fwd=uri-miss; stored; ttl=60; detail="cold"`},
		{"for a GET", "GET", "/z", 0, "HIT", "2", "cifra-memory; hit; ttl=58"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			res := s.do(tt.method, tt.target)
			s.ran(tt.runs)
			h := res.header
			if res.status != http.StatusOK || h.Get("X-Own") != "yes" || h.Get("Etag") == "" || h.Get("Cache-Control") != "no-cache" ||
				h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("got %d %v, want the handler's answer with an entity tag", res.status, h)
			}
			if h.Get("X-Cache") != tt.xcache || h.Get("Age") != tt.age || h.Get("Cache-Status") != tt.status {
				t.Errorf("got %s, age %q, %s; want %s, %q, %s", h.Get("X-Cache"), h.Get("Age"), h.Get("Cache-Status"), tt.xcache, tt.age, tt.status)
			}
			if !strings.HasPrefix(h.Get("Server-Timing"), "total;dur=") {
				t.Errorf("got Server-Timing %q, want the total alone", h.Get("Server-Timing"))
			}
			text := res.text
			if tt.method == "HEAD" && (text != "" || h.Get("Content-Length") == "" || h.Get("Content-Length") == "0") {
				t.Errorf("got %q, length %s for a HEAD, want the length of a GET's body and none", text, h.Get("Content-Length"))
			}
			if tt.method == "GET" && !strings.HasPrefix(text, "hello /") {
				t.Errorf("got %q, want the handler's words", text)
			}
			s.w.Advance(2 * time.Second)
			s.c.InvalidateTag(t.Context(), "nobody's", "nothing") // an invalidation of something else changes nothing
		})
	}
}

func TestWhatTheHandlerSees(t *testing.T) {
	var seen *http.Request
	s := newSite(t, minute(), httpcache.Options{
		Params: []string{"q"}, Vary: []string{"Accept"},
		Normal: func(_, value string) string {
			if strings.Contains(value, "text/html") {
				return "text/html"
			}
			return "application/json"
		},
		Signed: func(*http.Request) bool { return false }, // the cookie is a theme
	}, func(_ http.ResponseWriter, r *http.Request) { seen = r })
	s.do("HEAD", "http://evil.example/p?q=1&q=2&x=%3Cscript%3E", "Accept", "text/html,*/*;q=0.1", "Cookie", "theme=dark",
		"X-Forwarded-Host", "evil.example", "Range", "bytes=0-1", "If-None-Match", "*", "User-Agent", "odd", "Accept-Encoding", "br")
	if seen.Method != http.MethodGet || seen.URL.String() != "/p?q=1&q=2" || seen.RequestURI != "/p?q=1&q=2" || seen.Host != "" {
		t.Errorf("got %s %s (%s) of %q, want GET /p?q=1&q=2 of nobody", seen.Method, seen.URL, seen.RequestURI, seen.Host)
	}
	if len(seen.Header) != 1 || seen.Header.Get("Accept") != "text/html" {
		t.Errorf("got headers %v, want Accept alone, and what matters of it", seen.Header)
	}
	s.ran(1)
	if res := s.do("GET", "/p?q=1&q=2", "Accept", "text/html"); res.header.Get("X-Cache") != "HIT" {
		t.Errorf("got %v, want a hit: it means the same", res.header)
	}
	if res := s.do("GET", "/p?q=1&q=2", "Accept", "*/*"); res.header.Get("X-Cache") != "MISS" || res.header.Get("Vary") != "Accept-Encoding" && len(res.header.Values("Vary")) != 2 {
		t.Errorf("got %v, want a miss that varies by Accept", res.header)
	}
}

func TestWhatIsNeverKept(t *testing.T) {
	set := func(name, value string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.Header().Set(name, value) }
	}
	status := func(code int) func(http.ResponseWriter) { return func(w http.ResponseWriter) { w.WriteHeader(code) } }
	for _, tt := range []struct {
		name   string
		answer func(http.ResponseWriter)
		why    string
	}{
		{"a cookie", set("Set-Cookie", "a=b"), "sets a cookie"},
		{"a private answer", set("Cache-Control", "max-age=60, Private"), "private"},
		{"one that must not be stored", set("Cache-Control", "no-store"), "no-store"},
		{"one that varies by something unknown", set("Vary", "Accept-Encoding, User-Agent"), "varies by User-Agent"},
		{"one that varies by everything", set("Vary", "*"), "varies by *"},
		{"one that its handler has encoded", set("Content-Encoding", "br"), "encoded by its handler"},
		{"a wrong question", status(400), "status 400"},
		{"nothing found", status(404), "status 404"},
		{"a redirect for now", status(303), "status 303"},
		{"a failure", status(500), "status 500"},
		{"a part that is gone", status(503), "status 503"},
		{"a body that is too large", func(w http.ResponseWriter) { _, _ = w.Write(make([]byte, 100)) }, "too large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, minute(), httpcache.Options{MaxBody: 99}, func(w http.ResponseWriter, _ *http.Request) { tt.answer(w) })
			for range 2 {
				bare := httptest.NewRecorder()
				tt.answer(bare)
				want := replyOf(t, bare)
				res := s.do("GET", "/")
				if res.status != want.status || res.text != want.text {
					t.Errorf("got %d, want the handler's own answer, %d", res.status, want.status)
				}
				for name := range want.header {
					if res.header.Get(name) != want.header.Get(name) {
						t.Errorf("got %s: %q, want %q", name, res.header.Get(name), want.header.Get(name))
					}
				}
				if got, want := res.header.Get("Cache-Status"), `cifra; fwd=bypass; detail="`+tt.why+`"`; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			s.ran(2)
		})
	}
}

func TestSignIn(t *testing.T) {
	o := httpcache.Options{Key: func(r *http.Request, k *httpcache.Key) bool {
		k.User, k.Language = r.Header.Get("Test-User"), r.Header.Get("Test-Language")
		return r.Header.Get("Test-Skip") == ""
	}}
	s := newSite(t, minute(), o, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Cookie, Accept-Language")
		w.Header().Set("Cache-Control", "private")
		fmt.Fprint(w, r.Header.Get("Cookie"), r.Header.Get("Authorization"))
	})
	for _, tt := range []struct {
		name    string
		headers []string
		runs    int64
		xcache  string
		body    string
	}{
		{"a session without a user is not answered from the cache", []string{"Cookie", "s=1"}, 1, "MISS", "s=1"},
		{"nor is a token", []string{"Authorization", "Bearer x"}, 1, "MISS", "Bearer x"},
		{"nor one that the key leaves out", []string{"Test-Skip", "yes", "Test-User", "7"}, 1, "MISS", ""},
		{"a user's answer is made once", []string{"Test-User", "7", "Test-Language", "en", "Cookie", "s=7"}, 1, "MISS", "s=7"},
		{"and kept for that user", []string{"Test-User", "7", "Test-Language", "en", "Cookie", "s=77"}, 0, "HIT", "s=7"},
		{"in that language", []string{"Test-User", "7", "Test-Language", "es", "Cookie", "s=7"}, 1, "MISS", "s=7"},
		{"and for nobody else", []string{"Test-User", "8", "Test-Language", "en", "Cookie", "s=8"}, 1, "MISS", "s=8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			res := s.do("GET", "/me", tt.headers...)
			s.ran(tt.runs)
			if got := res.text; got != tt.body || res.header.Get("X-Cache") != tt.xcache {
				t.Errorf("got %q, %s, want %q, %s", got, res.header.Get("X-Cache"), tt.body, tt.xcache)
			}
			if tt.runs == 0 && (res.header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(strings.Join(res.header.Values("Vary"), ","), "Authorization")) {
				t.Errorf("got %v, want an answer that other caches keep to themselves", res.header)
			}
		})
	}
}

func TestOnlyGetAndHead(t *testing.T) {
	s := newSite(t, minute(), httpcache.Options{}, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Method, r.Header.Get("Upgrade")) })
	for _, tt := range []struct {
		name, method string
		headers      []string
		want         string
	}{
		{"a POST passes", "POST", nil, "POST"},
		{"so does OPTIONS", "OPTIONS", nil, "OPTIONS"},
		{"so does a socket", "GET", []string{"Upgrade", "websocket"}, "GETwebsocket"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			for range 2 {
				res := s.do(tt.method, "/", tt.headers...)
				if got := res.text; got != tt.want || res.header.Get("Cache-Status") != "" {
					t.Errorf("got %q, %v, want %q, untouched", got, res.header, tt.want)
				}
			}
			s.ran(2)
		})
	}
}

func TestInvalidation(t *testing.T) {
	s := newSite(t, minute(), httpcache.Options{
		Params: []string{"n"}, Tags: func(k httpcache.Key) []string { return []string{"path:" + k.Path} },
	}, hello)
	for _, tt := range []struct {
		name       string
		invalidate func()
		left       string // X-Cache of /a?n=1, /a?n=2, /b
	}{
		{"nothing", func() {}, "HIT HIT HIT"},
		{"one answer", func() { s.layer.Invalidate(t.Context(), httpcache.Key{Path: "/a", Query: "n=1"}) }, "MISS HIT HIT"},
		{"a tag", func() { s.c.InvalidateTag(t.Context(), "path:/a", "test") }, "MISS MISS HIT"},
		{"the layer", func() { s.layer.Flush(t.Context(), "test") }, "MISS MISS MISS"},
		{"everything", func() { s.c.Flush(t.Context(), "test") }, "MISS MISS MISS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			var got []string
			ask := func() {
				got = nil
				for _, target := range []string{"/a?n=1", "/a?n=2", "/b"} {
					got = append(got, s.do("GET", target).header.Get("X-Cache"))
				}
			}
			ask()
			tt.invalidate()
			ask()
			if strings.Join(got, " ") != tt.left {
				t.Errorf("got %v, want %s", got, tt.left)
			}
		})
	}
}

func TestFullHeadersAreForThoseWhoMay(t *testing.T) {
	s := newSite(t, minute(), httpcache.Options{Full: func(r *http.Request) bool { return r.Header.Get("Test-Admin") != "" }}, hello)
	for range 2 {
		h := s.do("GET", "/x").header
		if strings.Contains(h.Get("Cache-Status"), "key=") || strings.Contains(h.Get("Server-Timing"), "l1;dur=") {
			t.Errorf("got %s and %s for everybody", h.Get("Cache-Status"), h.Get("Server-Timing"))
		}
		h = s.do("GET", "/x", "Test-Admin", "1").header
		if !strings.Contains(h.Get("Cache-Status"), "key=") || !strings.Contains(h.Get("Server-Timing"), "l1;dur=") {
			t.Errorf("got %s and %s for an admin, want the key and the steps", h.Get("Cache-Status"), h.Get("Server-Timing"))
		}
	}
}
