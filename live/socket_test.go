package live_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cifra/live"
)

func TestRefusedSockets(t *testing.T) {
	w := newWorld(t, func(o *live.Options) { o.Max = 1 })
	origin := func(from string) func(*websocket.DialOptions) {
		return func(o *websocket.DialOptions) { o.HTTPHeader = http.Header{"Origin": {from}} }
	}
	for _, test := range []struct {
		name, query string
		change      func(*websocket.DialOptions)
	}{
		{"another site's page", "room=admin", origin("https://evil.example")},
		{"a page without an address", "room=admin", origin("null")},
		{"no such room", "room=cellar", origin("http" + strings.TrimPrefix(w.url, "ws"))},
	} {
		conn, res, err := w.dial(test.query, test.change) //nolint:bodyclose // the library closes it, see websocket.Dial
		if err == nil {
			_ = conn.CloseNow()
			t.Errorf("%s: got a socket, want none", test.name)
		} else if res == nil || res.StatusCode != http.StatusTeapot {
			t.Errorf("%s: got %v, want it refused", test.name, err)
		}
	}
	s := w.join("room=admin")
	if _, _, err := w.dial("room=admin"); err == nil { //nolint:bodyclose // the library closes it, see websocket.Dial
		t.Error("one too many: got a socket, want none")
	}
	_ = s.CloseNow()
	res, err := http.Get("http" + strings.TrimPrefix(w.url, "ws") + "/?room=admin")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusTeapot {
		t.Errorf("no WebSocket: got %d, want it refused", res.StatusCode)
	}
}

func TestWhyASocketIsClosed(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(w *world)
		want websocket.StatusCode
	}{
		{"the service restarts", func(w *world) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			w.Stop(ctx)
			w.Stop(ctx)
		}, websocket.StatusServiceRestart},
		{"signed out, as an event says", func(w *world) { w.allowed.Store(false); w.out.add("logout") }, websocket.StatusPolicyViolation},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			s := w.join("room=admin&lang=en")
			s.next()
			go test.do(w)
			if code := s.closed(); code != test.want {
				t.Errorf("got %d, want %d", code, test.want)
			}
		})
	}
	t.Run("demoted, as a look after a while shows", func(t *testing.T) {
		w := newWorld(t, func(o *live.Options) { o.Times.Check = 10 * time.Millisecond })
		s := w.join("room=admin&lang=en")
		s.next()
		w.allowed.Store(false)
		if code := s.closed(); code != websocket.StatusPolicyViolation {
			t.Errorf("got %d, want 1008", code)
		}
	})
	t.Run("the database is away while it catches up", func(t *testing.T) {
		w := newWorld(t)
		w.out.add("x")
		w.out.fail(errors.New("away"))
		s := w.join("room=admin&since=0")
		if code := s.closed(); code != websocket.StatusInternalError {
			t.Errorf("got %d, want 1011", code)
		}
	})
}
