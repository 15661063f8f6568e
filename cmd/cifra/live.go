package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"cifra"
	"cifra/i18n"
	"cifra/live"
	"cifra/views"
)

// rooms are the circles of sockets, with the events that concern each.
func rooms() []live.Room {
	return []live.Room{
		{Name: "admin"}, // everything
		{Name: "lab", Kinds: []cifra.EventKind{cifra.EventCacheFlushed}},
		{Name: "wall", Kinds: []cifra.EventKind{cifra.EventWallShown, cifra.EventWallHidden}},
	}
}

// endings are the actions after which somebody may not be allowed to listen any more.
var endings = []cifra.Action{
	cifra.ActionLogout, cifra.ActionRole, cifra.ActionPassword, cifra.ActionDisable, cifra.ActionSessionsEnd, cifra.ActionUserDelete,
	cifra.ActionToken, // a personal token may have been ended
}

// mayEnd reports whether an event may have ended somebody's right to listen.
func mayEnd(e cifra.Event) bool {
	if e.Kind != cifra.EventAudit {
		return false
	}
	var line struct {
		Action cifra.Action `json:"action"`
	}
	return json.Unmarshal(e.Data, &line) == nil && slices.Contains(endings, line.Action)
}

// lookEvery is how often the outbox is looked at without a signal: those of other processes on the same database come
// through Redis alone, so without one it is looked at more often.
func lookEvery(withRedis bool) time.Duration {
	if withRedis {
		return time.Second
	}
	return 500 * time.Millisecond
}

// events is the program's live part: what happened, read from the outbox, and the sockets that are told.
type events struct {
	*live.Hub
	follower *live.Follower
	signal   *live.RedisSignal // nil without Redis
	log      live.Log
	doubt    func(context.Context) // see app.doubt; set before the following begins
}

// LastSeq returns the number of the last event.
func (e *events) LastSeq(ctx context.Context) (int64, error) { return e.log.LastSeq(ctx) }

// Serve serves a socket.
func (e *events) Serve(w http.ResponseWriter, r *http.Request, l cifra.Listener) error {
	return e.Hub.Serve(w, r, l)
}

// goodbyeTime is how long sockets may take to say goodbye.
const goodbyeTime = 3 * time.Second

// goodbye tells every socket that the service restarts, and closes it.
func (e *events) goodbye(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, goodbyeTime)
	defer cancel()
	e.Stop(ctx)
}

// told is called after each commit that published events.
func (a *app) told() {
	if e := a.events.Load(); e != nil {
		e.follower.Wake()
		if e.signal != nil {
			e.signal.Tell()
		}
	}
}

// openEvents makes the live part, which begins where the outbox ends now: whatever is read from the database afterwards
// is followed from then on.
func (a *app) openEvents(ctx context.Context, s *Settings) error {
	e := &events{log: a.db}
	var err error
	e.follower, err = live.NewFollower(ctx, a.db, live.FollowerOptions{Every: lookEvery(s.RedisURL != ""), Log: a.log})
	if err != nil {
		return err
	}
	e.Hub = live.NewHub(live.Options{
		Log: a.db, Rooms: rooms(), Since: e.follower.Since(), Again: mayEnd, Logger: a.log,
		Render: func(room, language string, event cifra.Event) (live.Fragment, error) { //nolint:contextcheck // it renders from what it is given, for many
			return fragment(a.words.Printer(i18n.Language(language)), room, event)
		},
	})
	e.follower.Subscribe(func(event cifra.Event) {
		if e.doubt != nil && mayEnd(event) {
			e.doubt(ctx)
		}
		e.Broadcast(event)
	})
	if s.RedisURL != "" {
		client, err := openRedis(s.RedisURL)
		if err != nil {
			return &usageError{fmt.Errorf("CIFRA_REDIS_URL: %w", err)}
		}
		a.closers = append(a.closers, client.Close)
		e.signal = live.NewRedisSignal(client, "cifra:events", e.follower.Wake, a.log)
	}
	a.events.Store(e)
	return nil
}

// startEvents begins to follow; what [app.close] does first is to stop it.
func (a *app) startEvents(ctx context.Context) {
	e := a.events.Load()
	if e.signal != nil {
		e.signal.Start(ctx)
		a.closers = append(a.closers, func() error { e.signal.Stop(); return nil })
	}
	e.follower.Start(ctx)
	a.closers = append(a.closers, func() error { e.follower.Stop(); return nil })
}

// fragment is an event as the pages of a room show it.
func fragment(words *i18n.Printer, room string, e cifra.Event) (live.Fragment, error) {
	component, said, err := views.Live(words, room, e)
	if component == nil || err != nil {
		return live.Fragment{Said: said}, err
	}
	var b bytes.Buffer
	if err := component.Render(context.Background(), &b); err != nil {
		return live.Fragment{}, fmt.Errorf("render: %w", err)
	}
	return live.Fragment{HTML: b.String(), Said: said}, nil
}
