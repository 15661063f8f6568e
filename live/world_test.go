package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"cifra"
	"cifra/live"
)

// outbox is a log in memory.
type outbox struct {
	mu     sync.Mutex
	events []cifra.Event
	err    error
	told   func()
	pruned int64
	pad    string // makes each event larger
	read   int    // calls of Events
}

// looks returns how often Events was called.
func (o *outbox) looks() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.read
}

func (o *outbox) Events(_ context.Context, seq int64, limit int) ([]cifra.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.read++
	if o.err != nil {
		return nil, o.err
	}
	first := min(int(seq), len(o.events))
	return slices.Clone(o.events[first:min(first+limit, len(o.events))]), nil
}

func (o *outbox) LastSeq(context.Context) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return int64(len(o.events)), o.err
}

func (o *outbox) PrunedSeq(context.Context) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pruned, nil
}

// add tells an event and returns its number.
func (o *outbox) add(kind cifra.EventKind) int64 {
	o.mu.Lock()
	seq := int64(len(o.events) + 1)
	o.events = append(o.events, cifra.Event{Seq: seq, Kind: kind, Data: json.RawMessage(fmt.Sprintf(`{"n":%d%s}`, seq, o.pad))})
	told := o.told
	o.mu.Unlock()
	if told != nil {
		told()
	}
	return seq
}

func (o *outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

// world is a hub behind a server, fed from an outbox.
type world struct {
	*live.Hub
	t         testing.TB
	connected func(net.Conn) // to the server; nil: nothing
	out       *outbox
	url       string
	allowed   atomic.Bool
	checks    atomic.Int64
	renders   atomic.Int64
}

// caughtUp waits until the hub has heard of every event that there is.
func (w *world) caughtUp() {
	w.t.Helper()
	last, _ := w.out.LastSeq(w.t.Context()) // its error is the tests' own
	within := time.After(time.Minute)
	for w.Stats().Seq < last {
		select {
		case <-time.After(time.Millisecond):
		case <-within:
			w.t.Fatalf("the hub has heard of %d events, want %d", w.Stats().Seq, last)
		}
	}
}

// crowd has the server's side of each connection keep little, so that who doesn't read is noticed soon.
func crowd(w *world) {
	w.connected = func(c net.Conn) {
		if err := c.(*net.TCPConn).SetWriteBuffer(16 << 10); err != nil {
			w.t.Error(err)
		}
	}
}

func newWorld(t testing.TB, change ...any) *world {
	t.Helper()
	w := &world{t: t, out: &outbox{}}
	w.allowed.Store(true)
	f, err := live.NewFollower(t.Context(), w.out, live.FollowerOptions{Every: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	w.out.told = f.Wake
	o := live.Options{
		Log: w.out, Since: f.Since(),
		Rooms: []live.Room{{Name: "admin"}, {Name: "lab", Kinds: []cifra.EventKind{"burst"}}},
		Again: func(e cifra.Event) bool { return e.Kind == "logout" },
		Render: func(_, language string, e cifra.Event) (live.Fragment, error) {
			w.renders.Add(1)
			switch string(e.Kind) {
			case "hidden":
				return live.Fragment{}, nil
			case "broken":
				return live.Fragment{}, errors.New("broken")
			}
			return live.Fragment{HTML: "<p>" + language + "</p>"}, nil
		},
	}
	for _, c := range change {
		switch c := c.(type) {
		case func(*live.Options):
			c(&o)
		case func(*world):
			c(w)
		}
	}
	w.Hub = live.NewHub(o)
	f.Subscribe(w.Broadcast)
	f.Start(t.Context())
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(res http.ResponseWriter, r *http.Request) {
		l := cifra.Listener{Room: r.URL.Query().Get("room"), Language: r.URL.Query().Get("lang"), Since: -1, Welcome: "hello", Check: func(context.Context) error {
			w.checks.Add(1)
			if !w.allowed.Load() {
				return cifra.E(cifra.Denied, "error.denied")
			}
			return nil
		}}
		if since := r.URL.Query().Get("since"); since != "" {
			if _, err := fmt.Sscan(since, &l.Since); err != nil {
				t.Error(err)
			}
		}
		switch code := cifra.CodeOf(w.Serve(res, r, l)); code {
		case "":
		case cifra.Internal:
			t.Error("a socket ended with an error of ours")
		default:
			http.Error(res, string(code), http.StatusTeapot)
		}
	}))
	if w.connected != nil {
		s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context { w.connected(c); return ctx }
	}
	s.Start()
	w.url = "ws" + strings.TrimPrefix(s.URL, "http")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Second)
		defer cancel()
		w.Stop(ctx)
		f.Stop()
		s.Close()
	})
	return w
}

// socket is the other side of one.
type socket struct {
	*websocket.Conn
	t testing.TB
}

// message is what came over one.
type message struct {
	Event string
	Seq   int64
	HTML  string
	Data  json.RawMessage
}

func (w *world) dial(query string, change ...func(*websocket.DialOptions)) (*websocket.Conn, *http.Response, error) {
	o := &websocket.DialOptions{}
	for _, c := range change {
		c(o)
	}
	return websocket.Dial(w.t.Context(), w.url+"/?"+query, o)
}

func (w *world) join(query string) *socket {
	w.t.Helper()
	conn, _, err := w.dial(query) //nolint:bodyclose // the library closes it, see websocket.Dial
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.CloseNow() })
	return &socket{conn, w.t}
}

func (s *socket) next() message {
	s.t.Helper()
	m, err := s.read()
	if err != nil {
		s.t.Fatalf("no message: %v", err)
	}
	return m
}

func (s *socket) read() (m message, err error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	_, b, err := s.Read(ctx)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(b, &m)
}

// closed waits for the end and returns its code.
func (s *socket) closed() websocket.StatusCode {
	s.t.Helper()
	for {
		if _, err := s.read(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}
