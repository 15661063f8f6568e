package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// watch is the admins' sockets: each comes back where it is thrown out, and asks for what it has missed.
type watch struct {
	*traffic

	mu     sync.Mutex // guards the rest
	seen   []*seen
	closed map[websocket.StatusCode]int
}

// seen is what one socket has been told.
type seen struct {
	last     int64
	events   map[int64]bool
	doubled  int
	backward int
}

func newWatch(t *traffic) *watch {
	return &watch{traffic: t, closed: make(map[websocket.StatusCode]int)}
}

// listen keeps a socket open until ctx ends.
func (w *watch) listen(ctx context.Context) {
	s := &seen{events: map[int64]bool{}}
	w.mu.Lock()
	w.seen = append(w.seen, s)
	w.mu.Unlock()
	for ctx.Err() == nil {
		err := w.hear(ctx, s)
		w.mu.Lock()
		w.closed[websocket.CloseStatus(err)]++
		w.mu.Unlock()
		pause(ctx, time.Duration(200+rand.IntN(600))*time.Millisecond)
	}
}

func (w *watch) hear(ctx context.Context, s *seen) error {
	address := "ws" + strings.TrimPrefix(w.URL, "http") + "/api/v1/admin/events"
	if s.last > 0 {
		address += fmt.Sprintf("?since=%d", s.last)
	}
	c, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + w.admin}}})
	if res != nil && res.Body != nil {
		_ = res.Body.Close()
	}
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(1 << 20)
	for {
		_, b, err := c.Read(ctx)
		if err != nil {
			return err
		}
		var e struct {
			Seq int64 `json:"seq"`
		}
		if err := json.Unmarshal(b, &e); err != nil {
			return err
		}
		if e.Seq == 0 {
			continue // the greeting
		}
		w.mu.Lock()
		switch {
		case s.events[e.Seq]:
			s.doubled++
		case e.Seq < s.last:
			s.backward++
		}
		s.events[e.Seq] = true
		s.last = max(s.last, e.Seq)
		w.mu.Unlock()
	}
}

// settle waits until all sockets have heard the same last event, for half a minute at most.
func (w *watch) settle(ctx context.Context) {
	for range 100 {
		w.mu.Lock()
		low, high := int64(1<<62), int64(0)
		for _, s := range w.seen {
			low, high = min(low, s.last), max(high, s.last)
		}
		w.mu.Unlock()
		if low == high {
			return
		}
		pause(ctx, 300*time.Millisecond)
	}
}

// gaps counts events that one socket heard and another, which listened before and after, did not.
func (w *watch) gaps() (gaps, doubled, backward, events int) {
	all := map[int64]bool{}
	first := int64(0) // from which on all listened
	for _, s := range w.seen {
		begin := int64(1 << 62)
		for e := range s.events {
			all[e] = true
			begin = min(begin, e)
		}
		first = max(first, begin)
		doubled += s.doubled
		backward += s.backward
	}
	for e := range all {
		if e < first {
			continue
		}
		events++
		for _, s := range w.seen {
			if !s.events[e] {
				gaps++
			}
		}
	}
	return gaps, doubled, backward, events
}

func (w *watch) print(out io.Writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	gaps, doubled, backward, events := w.gaps()
	fmt.Fprintf(out, "sockets: %d, %d events each; %d missing, %d doubled, %d out of order; closed with", len(w.seen), events, gaps, doubled, backward)
	for code, n := range w.closed {
		fmt.Fprintf(out, " %d × %d", int(code), n)
	}
	fmt.Fprintln(out)
}

func (w *watch) verdict() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if gaps, doubled, backward, _ := w.gaps(); gaps+doubled+backward > 0 {
		return errors.New("sockets missed, repeated or mixed up events")
	}
	return nil
}
