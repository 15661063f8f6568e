package httpcache_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cifra/cache"
	"cifra/cache/cachetest"
	"cifra/httpcache"
)

// crowd lets n clients ask at once, opens the gate when a handler has begun, and returns their answers.
func crowd(t *testing.T, s *site, n int, g *cachetest.Gate) []reply {
	t.Helper()
	var wg, ready sync.WaitGroup
	ready.Add(n)
	answers := make([]reply, n)
	for i := range n {
		wg.Go(func() {
			ready.Done()
			answers[i] = s.do("GET", "/", "Accept-Encoding", []string{"", "gzip", "zstd"}[i%3])
		})
	}
	ready.Wait()
	g.Began()
	g.Open()
	wg.Wait()
	return answers
}

func TestStampede(t *testing.T) {
	g := cachetest.NewGate()
	s := newSite(t, minute(), httpcache.Options{}, func(w http.ResponseWriter, r *http.Request) {
		g.Pass()
		write("text/plain", long)(w, r)
	})
	misses := 0
	for _, res := range crowd(t, s, 1000, g) {
		if res.status != http.StatusOK || res.text != long {
			t.Fatalf("got %d, want the one answer", res.status)
		}
		if strings.Contains(res.header.Get("Cache-Status"), "fwd=uri-miss; stored") {
			misses++
		}
	}
	s.ran(1)
	if misses != 1 {
		t.Errorf("%d clients were told that theirs was the one that ran the handler, want 1", misses)
	}
}

// TestPrivateAnswersAreNeverShared: those who waited for an answer that sets a cookie get one of their own.
func TestPrivateAnswersAreNeverShared(t *testing.T) {
	g := cachetest.NewGate()
	var n atomic.Int64
	s := newSite(t, minute(), httpcache.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		g.Pass()
		http.SetCookie(w, &http.Cookie{Name: "id", Value: strconv.FormatInt(n.Add(1), 10), Secure: true, HttpOnly: true})
	})
	seen := map[string]bool{}
	for _, res := range crowd(t, s, 100, g) {
		cookie := res.header.Get("Set-Cookie")
		if seen[cookie] || cookie == "" {
			t.Fatalf("%q was given to two clients", cookie)
		}
		seen[cookie] = true
	}
	s.ran(100)
}

// TestFailuresAreShared: a crowd before a broken handler runs it once.
func TestFailuresAreShared(t *testing.T) {
	g := cachetest.NewGate()
	s := newSite(t, minute(), httpcache.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		g.Pass()
		http.Error(w, "later", http.StatusServiceUnavailable)
	})
	for _, res := range crowd(t, s, 100, g) {
		if res.status != http.StatusServiceUnavailable || res.text != "later\n" {
			t.Fatalf("got %d, want the failure", res.status)
		}
	}
	// Whoever comes after the first answer asks anew, on a busy machine that is many; without sharing it would be all.
	if n := s.runs.Load(); n > 50 {
		t.Errorf("the handler ran %d times for 100 clients at once, want few", n)
	}
}

func TestStaleAnswers(t *testing.T) {
	p := minute()
	p.StaleIfError = time.Hour
	p.RetryAfter = time.Nanosecond
	var status atomic.Int64
	s := newSite(t, p, httpcache.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
		fmt.Fprint(w, status.Load())
	})
	for _, tt := range []struct {
		name           string
		status         int64
		got            int
		body, contains string
	}{
		{"fresh", 200, 200, "200", "fwd=uri-miss; stored"},
		{"a failure is covered by the last good answer", 503, 200, "200", "detail=stale"},
		{"an answer that is no failure is not", 404, 404, "404", "status 404"},
		{"and nothing is left to cover the next failure", 500, 500, "500", "status 500"},
		{"until there is a good answer again", 200, 200, "200", "fwd="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			status.Store(tt.status)
			res := s.do("GET", "/")
			if got := res.text; res.status != tt.got || got != tt.body || !strings.Contains(res.header.Get("Cache-Status"), tt.contains) {
				t.Errorf("got %d %q, %s; want %d %q, %s", res.status, got, res.header.Get("Cache-Status"), tt.got, tt.body, tt.contains)
			}
			s.w.Advance(2 * time.Minute)
		})
	}
}

func TestClientLeaves(t *testing.T) {
	g := cachetest.NewGate()
	s := newSite(t, minute(), httpcache.Options{}, func(w http.ResponseWriter, r *http.Request) {
		g.Pass()
		if r.Context().Err() == nil {
			fmt.Fprint(w, "whole")
		}
	})
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan struct{})
	go func() {
		defer close(left)
		s.layer.Serve(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil), s.next)
	}()
	g.Began()
	leave()
	<-left
	g.Open()
	if res := s.do("GET", "/"); res.text != "whole" {
		t.Error("want the answer that went on after its first client had left")
	}
	s.ran(1)
}

func TestPanics(t *testing.T) {
	for _, value := range []any{"oh", http.ErrAbortHandler} {
		t.Run(fmt.Sprint(value), func(t *testing.T) {
			s := newSite(t, minute(), httpcache.Options{}, func(http.ResponseWriter, *http.Request) { panic(value) })
			defer func() {
				if p := recover(); p != value && !strings.HasPrefix(fmt.Sprint(p), fmt.Sprint(value)) {
					t.Errorf("got %v, want the handler's panic where its middleware catches it", p)
				}
			}()
			s.do("GET", "/")
			t.Error("want a panic")
		})
	}
}

func TestHandlerThatNeverEnds(t *testing.T) {
	p := minute()
	p.HardTimeout = 20 * time.Millisecond
	s := newSite(t, p, httpcache.Options{}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); <-t.Context().Done() })
	if res := s.do("GET", "/"); res.status != http.StatusServiceUnavailable || res.header.Get("Retry-After") == "" {
		t.Errorf("got %d %v, want 503 and when to try again", res.status, res.header)
	}
}

// TestInstancesShareAnswers: what one instance has made and compressed, another one gives.
func TestInstancesShareAnswers(t *testing.T) {
	w := cachetest.NewWorld(t, cachetest.Backend{URL: cachetest.Service(t, "TEST_REDIS_URL"), Shared: true})
	var runs atomic.Int64
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { runs.Add(1); write("text/html", long)(w, r) })
	ask := func(l *httpcache.Layer) reply {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/p", nil)
		r.Header.Set("Accept-Encoding", "zstd")
		rec := httptest.NewRecorder()
		l.Serve(rec, r, next)
		return replyOf(t, rec)
	}
	a := httpcache.New(w.Open("a"), minute(), httpcache.Options{})
	b := httpcache.New(w.Open("b"), minute(), httpcache.Options{})
	first, second := ask(a), ask(b)
	if first.header.Get("Etag") != second.header.Get("Etag") || second.header.Get("Content-Encoding") != "zstd" ||
		!strings.HasPrefix(second.header.Get("Cache-Status"), "cifra-redis; hit") || second.text != long {
		t.Errorf("got %v, want the first one's answer from Redis", second.header)
	}
	a.Flush(t.Context(), "test", cache.By("ana"))
	if third := ask(b); third.header.Get("X-Cache") != "MISS" || !strings.Contains(third.header.Get("Cache-Status"), "flushed by ana") {
		t.Errorf("got %v, want a miss that says who flushed", third.header)
	}
	if runs.Load() != 2 {
		t.Errorf("the handler ran %d times, want 2", runs.Load())
	}
}
