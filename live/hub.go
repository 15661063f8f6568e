package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cifra"
)

// Room is a circle of sockets that see the same events. Who may join is for the one to decide who calls [Hub.Serve].
type Room struct {
	Name  string
	Kinds []cifra.EventKind // what concerns it; nil for everything
}

// wants reports whether an event concerns the room.
func (r Room) wants(e cifra.Event) bool { return r.Kinds == nil || slices.Contains(r.Kinds, e.Kind) }

// Fragment is an event as a page in one language shows it.
type Fragment struct {
	HTML string // elements that say themselves where they belong; "" where the pages show nothing of the event
	Said string // a sentence for who can't see it, or ""
}

// Options are what a [Hub] is made of. Log and Rooms are required.
type Options struct {
	Log    Log
	Rooms  []Room
	Since  int64                                                        // the number after which events will come; see [Follower.Since]
	Render func(room, language string, e cifra.Event) (Fragment, error) // once a language; must not wait for anything
	Again  func(e cifra.Event) bool                                     // whether an event may have ended somebody's right to listen; nil: none does
	Logger *slog.Logger                                                 // nil: nothing is logged
	Max    int                                                          // sockets at once; 10,000 unless set
	Times  Times
}

// Times are the hub's patience; zero values stand for the usual ones.
type Times struct {
	Write time.Duration // that one message may take to be written: 5 s
	Pulse time.Duration // between two signs of life for pages: 5 s
	Ping  time.Duration // between two for programs: 30 s
	Check time.Duration // between two looks at whether somebody may still listen: 60 s
	Later time.Duration // after which an event that may have ended it is looked at once more, for instances that remember sessions for 2 s: 3 s
}

func (t Times) orUsual() Times {
	set := func(d *time.Duration, usual time.Duration) {
		if *d <= 0 {
			*d = usual
		}
	}
	set(&t.Write, 5*time.Second)
	set(&t.Pulse, 5*time.Second)
	set(&t.Ping, 30*time.Second)
	set(&t.Check, time.Minute)
	set(&t.Later, 3*time.Second)
	return t
}

// Hub hands events to sockets. It is safe for concurrent use.
type Hub struct {
	o     Options
	rooms map[string]*room
	check chan struct{} // as many looks at who may listen run at once as it has room

	mu       sync.Mutex // guards what follows, and the rooms' clients
	seq      int64      // of the last event that was handed out
	open     int        // sockets, those that are catching up included
	all      map[*client]struct{}
	stopping bool
	idle     sync.WaitGroup // of sockets
}

type room struct {
	Room
	clients map[*client]struct{} // that have caught up
}

// NewHub returns a hub. It hands out what [Hub.Broadcast] is called with.
func NewHub(o Options) *Hub {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Max <= 0 {
		o.Max = 10_000
	}
	o.Times = o.Times.orUsual()
	h := &Hub{o: o, rooms: map[string]*room{}, check: make(chan struct{}, 8), seq: o.Since, all: map[*client]struct{}{}}
	for _, r := range o.Rooms {
		h.rooms[r.Name] = &room{Room: r, clients: map[*client]struct{}{}}
	}
	return h
}

// Broadcast hands an event to the sockets of the rooms that it concerns, without waiting for any of them. Events come
// in the order of their numbers; [Follower.Subscribe] is made for it.
func (h *Hub) Broadcast(e cifra.Event) {
	again := h.o.Again != nil && h.o.Again(e)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq = e.Seq
	for _, r := range h.rooms {
		if !r.wants(e) {
			continue
		}
		messages := map[string][]byte{} // by language
		for c := range r.clients {
			m, done := messages[c.language]
			if !done {
				m = h.message(r.Name, c.language, e)
				messages[c.language] = m
			}
			if m != nil && e.Seq > c.after {
				c.push(m)
			}
		}
	}
	if again {
		for c := range h.all {
			c.lookAgain()
		}
	}
}

// said is what pages are sent.
type said struct {
	Event cifra.EventKind `json:"event"`
	Seq   int64           `json:"seq"`
	HTML  string          `json:"html,omitempty"`
	Said  string          `json:"said,omitempty"`
}

// message is an event as it goes over a socket: for programs, whose language is "", as it is, else as a fragment.
// nil where there is nothing to send.
func (h *Hub) message(room, language string, e cifra.Event) []byte {
	var m any = e
	if language != "" {
		if h.o.Render == nil {
			return nil
		}
		f, err := h.o.Render(room, language, e)
		if err != nil {
			h.o.Logger.Error("an event can't be shown", "err", err, "event", e.Kind, "seq", e.Seq)
			return nil
		}
		if f == (Fragment{}) {
			return nil
		}
		m = said{Event: e.Kind, Seq: e.Seq, HTML: f.HTML, Said: f.Said}
	}
	b, err := json.Marshal(m)
	if err != nil {
		h.o.Logger.Error("an event is no JSON", "err", err, "event", e.Kind, "seq", e.Seq)
		return nil
	}
	return b
}

// Stats counts a hub's sockets.
type Stats struct {
	Seq   int64          // of the last event that was handed out
	Open  int            // sockets
	Rooms map[string]int // of them, in each room
}

// Stats returns how many sockets there are just now.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Stats{Seq: h.seq, Open: h.open, Rooms: map[string]int{}}
	for name, r := range h.rooms {
		s.Rooms[name] = len(r.clients)
	}
	return s
}

// Stop tells every socket that the service restarts (1012), and waits until they are closed, or ctx ends: then they are
// cut off. No new ones are opened. Stopping twice is fine.
func (h *Hub) Stop(ctx context.Context) {
	h.mu.Lock()
	h.stopping = true
	for c := range h.all {
		c.leave(restart)
	}
	h.mu.Unlock()
	done := make(chan struct{})
	go func() { h.idle.Wait(); close(done) }()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	h.mu.Lock()
	for c := range h.all {
		c.cut(context.Cause(ctx))
	}
	h.mu.Unlock()
	<-done
}
