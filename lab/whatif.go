package lab

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cifra"
)

// WhatIfStore tells every instance of trouble. [cifra/store.DB] does.
type WhatIfStore interface {
	// AddWhatIf tells of it, with an audit row.
	AddWhatIf(ctx context.Context, w cifra.WhatIf, a cifra.Audit) error
}

// Line is the way to the cache's Redis. [cifra/lab/line.Line] is one.
type Line interface {
	// Cut ends it, or lets it be again.
	Cut(cut bool)
	// Delay makes it slower.
	Delay(d time.Duration)
}

// WhatIf makes trouble on purpose, for [cifra.WhatIfSpan] at most: it cuts the cache off from Redis or slows the way down,
// and has the universities' service look gone. What is done at one instance is done at all of them, through the outbox.
type WhatIf struct {
	line   Line // nil where there is no Redis to be cut off from
	client *Client
	store  WhatIfStore
	now    func() time.Time

	mu    sync.Mutex // guards what follows
	is    cifra.WhatIf
	back  func() // brings the universities' service back; nil while it isn't away
	timer *time.Timer
}

// NewWhatIf returns one that has made no trouble yet.
func NewWhatIf(line Line, client *Client, store WhatIfStore, now func() time.Time) *WhatIf {
	return &WhatIf{line: line, client: client, store: store, now: now}
}

// CanCut reports whether there is a Redis to be cut off from.
func (w *WhatIf) CanCut() bool { return w.line != nil }

// Make makes trouble, in the place of what there is; none ends it. Impossible where there is no Redis to be cut off from,
// or for too long a delay.
func (w *WhatIf) Make(ctx context.Context, t cifra.Trouble) error {
	v := problems{}
	v.number("redis_latency_ms", int64(t.LatencyMS), 0, cifra.MaxLatency.Milliseconds())
	if (t.Cut || t.LatencyMS > 0) && !w.CanCut() {
		v.add("redis_cut", cifra.Impossible, "error.lab.no-redis")
	}
	if err := v.err(); err != nil {
		return err
	}
	is := cifra.WhatIf{Trouble: t, By: cifra.ActorFrom(ctx).Name(), At: w.now().UTC()}
	details := fmt.Sprintf("redis_cut=%v redis_latency_ms=%d upstream_gone=%v", t.Cut, t.LatencyMS, t.Gone)
	if err := w.store.AddWhatIf(ctx, is, audit(ctx, cifra.ActionWhatIf, details, is.At)); err != nil {
		return err
	}
	w.Apply(is)
	return nil
}

// Apply does here what was done somewhere. What is over already is nothing.
func (w *WhatIf) Apply(is cifra.WhatIf) {
	left := is.At.Add(cifra.WhatIfSpan).Sub(w.now())
	w.mu.Lock()
	defer w.mu.Unlock()
	if left <= 0 || is.At.Before(w.is.At) {
		return
	}
	w.set(is)
	if is.Trouble != (cifra.Trouble{}) {
		w.timer = time.AfterFunc(min(left, cifra.WhatIfSpan), func() { w.end(is.At) })
	}
}

// end ends the trouble that began at a moment, unless there is other trouble since.
func (w *WhatIf) end(began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.is.At.Equal(began) {
		w.set(cifra.WhatIf{At: began})
	}
}

// set makes it so. w.mu is held.
func (w *WhatIf) set(is cifra.WhatIf) {
	w.is = is
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if w.line != nil {
		w.line.Cut(is.Cut)
		w.line.Delay(is.Latency())
	}
	if is.Gone && w.back == nil {
		w.back = w.client.Gone()
	} else if !is.Gone && w.back != nil {
		w.back()
		w.back = nil
	}
}

// Now returns the trouble that there is, and for how long; ok is false where there is none.
func (w *WhatIf) Now() (is cifra.WhatIf, left time.Duration, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.is.Trouble == (cifra.Trouble{}) {
		return cifra.WhatIf{}, 0, false
	}
	return w.is, max(0, w.is.At.Add(cifra.WhatIfSpan).Sub(w.now())), true
}

// Close ends the trouble. It may be called twice.
func (w *WhatIf) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set(cifra.WhatIf{})
	return nil
}
