package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
}

func (o *outbox) Events(_ context.Context, seq int64, limit int) ([]cifra.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
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
	o.events = append(o.events, cifra.Event{Seq: seq, Kind: kind, Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, seq))})
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
	t       testing.TB
	out     *outbox
	url     string
	allowed atomic.Bool
	checks  atomic.Int64
	renders atomic.Int64
}

func newWorld(t testing.TB, change ...func(*live.Options)) *world {
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
		c(&o)
	}
	w.Hub = live.NewHub(o)
	f.Subscribe(w.Broadcast)
	f.Start(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, r *http.Request) {
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

func TestAProgramIsToldWhatHappens(t *testing.T) {
	w := newWorld(t)
	s := w.join("room=admin")
	if m := s.next(); m.Event != "message" || string(m.Data) != `{"data":"hello"}` {
		t.Errorf("got %+v, want to be welcomed", m)
	}
	if err := s.Write(t.Context(), websocket.MessageText, []byte(`{"event":"join_admin"}`)); err != nil {
		t.Fatal(err)
	}
	if m := s.next(); m.Event != "message" {
		t.Errorf("got %+v, want to be welcomed again", m)
	}
	seq := w.out.add("new_feedback")
	if m := s.next(); m.Event != "new_feedback" || m.Seq != seq || string(m.Data) != `{"n":1}` {
		t.Errorf("got %+v, want the event", m)
	}
}

func TestPagesGetFragmentsMadeOnceALanguage(t *testing.T) {
	w := newWorld(t)
	pages := []*socket{w.join("room=admin&lang=en"), w.join("room=admin&lang=en"), w.join("room=admin&lang=ru")}
	for _, s := range pages {
		if m := s.next(); m.Event != "hello" || m.Seq != 0 {
			t.Fatalf("got %+v, want hello", m)
		}
	}
	w.out.add("hidden")
	w.out.add("broken")
	w.renders.Store(0)
	w.out.add("new_feedback")
	for i, want := range []string{"<p>en</p>", "<p>en</p>", "<p>ru</p>"} {
		if m := pages[i].next(); m.HTML != want || m.Seq != 3 {
			t.Errorf("page %d: got %+v, want %s", i, m, want)
		}
	}
	if n := w.renders.Load(); n > 6 { // two languages, for each of the three events
		t.Errorf("got %d renderings, want one a language", n)
	}
}

func TestARoomHearsWhatConcernsIt(t *testing.T) {
	w := newWorld(t)
	s := w.join("room=lab&lang=en")
	s.next()
	w.out.add("new_feedback")
	seq := w.out.add("burst")
	if m := s.next(); m.Event != "burst" || m.Seq != seq {
		t.Errorf("got %+v, want the burst alone", m)
	}
}

func TestCatchingUpHasNoGapAndNoDouble(t *testing.T) {
	w := newWorld(t)
	const before, during = 1200, 300
	for range before {
		w.out.add("new_feedback")
	}
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for range during {
			w.out.add("new_feedback")
		}
	}()
	var wg sync.WaitGroup
	for since := range 5 {
		s := w.join(fmt.Sprintf("room=admin&since=%d", since*200))
		wg.Go(func() {
			if m, err := s.read(); err != nil || m.Event != "message" {
				t.Errorf("got %+v, %v; want to be welcomed", m, err)
			}
			for want := int64(since*200) + 1; want <= before+during; want++ {
				if m, err := s.read(); err != nil || m.Seq != want {
					t.Errorf("since %d: got %+v, %v; want number %d", since*200, m, err, want)
					return
				}
			}
		})
	}
	<-stop
	wg.Wait()
}

func TestWhoMissedTooMuchLoadsAnew(t *testing.T) {
	w := newWorld(t)
	for range 10_100 {
		w.out.add("hidden")
	}
	for _, since := range []int{0, 1_000_000} {
		s := w.join(fmt.Sprintf("room=admin&lang=en&since=%d", since))
		m := s.next()
		for m.Event == "hidden" {
			m = s.next()
		}
		if m.Event != "reload" {
			t.Errorf("since %d: got %+v, want reload", since, m)
		}
	}
}

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

func TestPagesFeelAPulse(t *testing.T) {
	w := newWorld(t, func(o *live.Options) { o.Times.Pulse = 10 * time.Millisecond })
	s := w.join("room=lab&lang=en")
	s.next()
	seq := w.out.add("not the lab's")
	for {
		if m := s.next(); m.Event != "pulse" {
			t.Fatalf("got %+v, want a pulse", m)
		} else if m.Seq == seq { // it knows by now that nothing before this number is missing
			return
		}
	}
}

func TestTheFollowerGoesOnAfterTheDatabaseWasAway(t *testing.T) {
	out := &outbox{}
	f, err := live.NewFollower(t.Context(), out, live.FollowerOptions{Every: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan int64, 10)
	f.Subscribe(func(e cifra.Event) { got <- e.Seq })
	f.Stop() // before it began
	f.Start(t.Context())
	f.Start(t.Context())
	out.fail(errors.New("away"))
	out.add("x")
	out.fail(nil)
	if seq := <-got; seq != 1 {
		t.Errorf("got %d, want 1", seq)
	}
	f.Stop()
	f.Stop()
}
