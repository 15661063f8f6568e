package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"

	"cifra"
)

// limited asks once as somebody, and returns the refusal and the answer's header.
func limited(t *testing.T, s *server, method, path, accept string, a cifra.Actor) (error, http.Header) { //nolint:revive,staticcheck // the error is what it is about
	t.Helper()
	r := httptest.NewRequest(method, path, http.NoBody)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	c := echo.New().NewContext(r.WithContext(cifra.WithActor(r.Context(), a)), w)
	c.SetPath(path)
	return s.limit(func(echo.Context) error { return nil })(c), w.Header()
}

func TestLimitsOfTheAPI(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	limits, err := NewLimits(nil, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Deps: Deps{Limits: limits}, api: document(t)}
	ana := cifra.Actor{User: &cifra.User{ID: 1}, IP: "10.0.0.1"}
	eve := cifra.Actor{User: &cifra.User{ID: 2}, IP: "10.0.0.1"} // a class shares one address
	nobody := cifra.Actor{IP: "10.0.0.1"}
	for _, tt := range []struct {
		name, method, path string
		who                cifra.Actor
		calls              int
		policy, last       string
	}{
		{"version 1", "POST", "/api/v1/predict", ana, 100, `"v1";q=100;w=86400`, `"v1";r=0;t=86400`},
		{"version 2", "POST", "/api/v2/predict", ana, 150, `"v2";q=150;w=86400`, `"v2";r=0;t=86400`},
		{"another user at the same address", "POST", "/api/v1/predict", eve, 100, `"v1";q=100;w=86400`, `"v1";r=0;t=86400`},
		{"the rest, within an hour", "GET", "/api/v1/predictions", ana, 50, `"hour";q=50;w=3600, "day";q=200;w=86400`, `"hour";r=0;t=3600, "day";r=150;t=21600`},
		{"an address without a sign-in", "POST", "/api/v1/login", nobody, 50, `"hour";q=50;w=3600, "day";q=200;w=86400`, `"hour";r=0;t=3600, "day";r=150;t=21600`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var h http.Header
			for n := range tt.calls {
				var err error
				if err, h = limited(t, s, tt.method, tt.path, "*/*", tt.who); err != nil {
					t.Fatalf("call %d: got %v, want it let through", n+1, err)
				}
			}
			if h.Get("RateLimit-Policy") != tt.policy || h.Get("RateLimit") != tt.last {
				t.Errorf("got %s and %s, want %s and %s", h.Get("RateLimit-Policy"), h.Get("RateLimit"), tt.policy, tt.last)
			}
			err, _ := limited(t, s, tt.method, tt.path, "*/*", tt.who)
			var refusal *cifra.Error
			if cifra.CodeOf(err) != cifra.TooOften {
				t.Fatalf("one more: got %v, want it refused", err)
			}
			refusal, _ = err.(*cifra.Error) //nolint:errorlint // as limit returns it
			if refusal.RetryAfter < time.Second {
				t.Errorf("got %s to wait, want a second at least", refusal.RetryAfter)
			}
		})
	}
	if err, _ := limited(t, s, "GET", "/api/v1/predictions", "text/html", ana); cifra.CodeOf(err) != cifra.TooOften {
		t.Errorf("the API asked for a page: got %v, want it refused like any other call", err)
	}
	if err, h := limited(t, s, "GET", "/history", "text/html", ana); err != nil || h.Get("RateLimit") != "" {
		t.Errorf("a page: got %v with %q, want it let through, without a word", err, h.Get("RateLimit"))
	}
	now = now.Add(24 * time.Hour / 100)
	if err, _ := limited(t, s, "POST", "/api/v1/predict", "*/*", ana); err != nil {
		t.Errorf("after a hundredth of a day: got %v, want one call more", err)
	}
}

// mortal is a store that instances share, until it dies.
type mortal struct {
	throttled.GCRAStoreCtx
	dead bool
}

func (m *mortal) GetWithTime(ctx context.Context, key string) (int64, time.Time, error) {
	if m.dead {
		return 0, time.Time{}, errors.New("connection refused")
	}
	return m.GCRAStoreCtx.GetWithTime(ctx, key)
}

func TestLimitsWithRedisDown(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	memory, err := memstore.New(0)
	if err != nil {
		t.Fatal(err)
	}
	memory.SetTimeNow(func() time.Time { return now })
	redis := &mortal{GCRAStoreCtx: throttled.WrapStoreWithContext(memory)}
	var servers []*server
	for range 2 {
		limits, err := newLimits(redis, func() time.Time { return now }, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		servers = append(servers, &server{Deps: Deps{Limits: limits}, api: document(t)})
	}
	ana := cifra.Actor{User: &cifra.User{ID: 1}}
	ask := func(s *server) error {
		err, _ := limited(t, s, "POST", "/api/v1/predict", "*/*", ana)
		return err
	}
	for n := range 100 {
		if err := ask(servers[n%2]); err != nil {
			t.Fatalf("call %d, at two instances in turn: got %v", n+1, err)
		}
	}
	if err := ask(servers[0]); cifra.CodeOf(err) != cifra.TooOften {
		t.Errorf("call 101: got %v, want it refused: both instances count together", err)
	}
	redis.dead = true
	n := 0
	for n < 200 && ask(servers[0]) == nil {
		n++
	}
	if n == 0 || n > 50 {
		t.Errorf("with Redis down: got %d more, want those that this instance had not counted itself, 49", n)
	}
	if err := ask(servers[0]); cifra.CodeOf(err) != cifra.TooOften {
		t.Errorf("with Redis down: got %v, want a limit all the same", err)
	}
}
