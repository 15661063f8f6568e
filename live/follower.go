package live

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cifra"
)

// Log is the outbox. [cifra/store.DB] is one.
type Log interface {
	// Events returns the events after number seq in their order, limit of them at most; 0 for as many as one call gives.
	// None is added later below one that was returned.
	Events(ctx context.Context, seq int64, limit int) ([]cifra.Event, error)
	// LastSeq returns the number after which a new reader begins so that it misses nothing.
	LastSeq(ctx context.Context) (int64, error)
	// PrunedSeq returns the number up to which events may have been deleted as too old.
	PrunedSeq(ctx context.Context) (int64, error)
}

// FollowerOptions are what a [Follower] may be given.
type FollowerOptions struct {
	Every time.Duration // how often to look without being woken; a second unless set
	Rest  time.Duration // between one look and the next, however often it is woken; 10 ms unless set
	Log   *slog.Logger  // nil: nothing is logged
}

// Follower reads an outbox on from where it ended when the follower was made, and hands each event on, in order.
type Follower struct {
	log   Log
	every time.Duration
	rest  time.Duration
	slog  *slog.Logger
	wake  chan struct{}

	subscribers []func(cifra.Event) // before Start
	last        int64               // the reading goroutine's own after Start

	mu   sync.Mutex // guards stop and done
	stop context.CancelFunc
	done chan struct{}
}

// NewFollower returns a follower that begins after the last event that there is now.
func NewFollower(ctx context.Context, log Log, o FollowerOptions) (*Follower, error) {
	last, err := log.LastSeq(ctx)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	if o.Rest <= 0 {
		o.Rest = 10 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Follower{log: log, every: o.Every, rest: o.Rest, slog: o.Log, wake: make(chan struct{}, 1), last: last}, nil
}

// Since returns the number after which the follower begins. Only before [Follower.Start].
func (f *Follower) Since() int64 { return f.last }

// Subscribe has f.Start's goroutine call s with every event, one after the other: s must be quick, and hand longer work
// to a goroutine of its own. Only before [Follower.Start].
func (f *Follower) Subscribe(s func(cifra.Event)) { f.subscribers = append(f.subscribers, s) }

// Start begins to follow, until ctx ends or [Follower.Stop] is called. Starting twice changes nothing.
func (f *Follower) Start(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done != nil {
		return
	}
	ctx, f.stop = context.WithCancel(ctx)
	f.done = make(chan struct{})
	go f.follow(ctx, f.done)
}

// Stop ends the following and waits until no subscriber is called any more. Stopping before starting, or twice, is fine.
func (f *Follower) Stop() {
	f.mu.Lock()
	stop, done := f.stop, f.done
	f.mu.Unlock()
	if done == nil {
		return
	}
	stop()
	<-done
}

// Wake has the follower look at once, or where it has just looked, when it has rested: under
// load what comes meanwhile is read together, by one statement. Wake never waits, and may be called by anybody at any time.
func (f *Follower) Wake() {
	select {
	case f.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

func (f *Follower) follow(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	away := false
	for {
		rested := time.After(f.rest)
		more, err := f.read(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !away:
			away = true
			f.slog.WarnContext(ctx, "events wait: the outbox can't be read", "err", err)
		case err == nil && away:
			away = false
			f.slog.InfoContext(ctx, "events come again")
		}
		if more {
			continue
		}
		select { // first, so that all who wake it meanwhile are one
		case <-ctx.Done():
			return
		case <-rested:
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-f.wake:
		}
	}
}

// read hands on what is new, and reports whether there may be more of it already.
func (f *Follower) read(ctx context.Context) (more bool, err error) {
	events, err := f.log.Events(ctx, f.last, batch)
	if err != nil {
		return false, err
	}
	for _, e := range events {
		for _, s := range f.subscribers {
			s(e)
		}
		f.last = e.Seq
	}
	return len(events) == batch, nil
}

// batch is how many events are read at a time.
const batch = 500
