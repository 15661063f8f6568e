package lab

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cifra"
)

// way is a line that notes what is done to it.
type way struct {
	cut   bool
	delay time.Duration
}

func (l *way) Cut(cut bool)          { l.cut = cut }
func (l *way) Delay(d time.Duration) { l.delay = d }

// troubles keeps what is told of trouble.
type troubles struct {
	all    []cifra.WhatIf
	audits []cifra.Audit
}

func (s *troubles) AddWhatIf(_ context.Context, w cifra.WhatIf, a cifra.Audit) error {
	s.all, s.audits = append(s.all, w), append(s.audits, a)
	return nil
}

func TestTroubleEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := NewClient("http://127.0.0.1:1/search", true)
		if err != nil {
			t.Fatal(err)
		}
		l, s := &way{}, &troubles{}
		w := NewWhatIf(l, client, s, time.Now)
		ctx := cifra.WithActor(t.Context(), cifra.Actor{User: &cifra.User{Username: "ana"}})
		gone := func() bool {
			_, err := client.Search(t.Context(), "country=x")
			return errors.Is(err, errGone)
		}
		if _, _, on := w.Now(); on || gone() {
			t.Fatal("got trouble before any was made")
		}
		if err := w.Make(ctx, cifra.Trouble{Cut: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second) //nolint:forbidigo // the bubble's clock
		if is, left, on := w.Now(); !on || !is.Cut || is.By != "ana" || left != 40*time.Second || !l.cut {
			t.Errorf("after 20 s: got %+v for another %v, %v", is, left, on)
		}
		if err := w.Make(ctx, cifra.Trouble{LatencyMS: 400, Gone: true}); err != nil {
			t.Fatal(err)
		}
		w.Apply(cifra.WhatIf{Trouble: cifra.Trouble{Cut: true}, At: time.Now().Add(-10 * time.Second)}) // from before it
		if l.cut || l.delay != 400*time.Millisecond || !gone() {
			t.Errorf("other trouble: got %+v, want it slow, and the service gone", l)
		}
		time.Sleep(59 * time.Second) //nolint:forbidigo // as above
		if _, left, on := w.Now(); !on || left != time.Second {
			t.Errorf("after 59 s: got another %v, %v, want the first one's end to be none of it", left, on)
		}
		time.Sleep(time.Second) //nolint:forbidigo // as above
		synctest.Wait()
		if _, _, on := w.Now(); on || l.cut || l.delay != 0 || gone() {
			t.Errorf("after a minute: got %+v, want everything as before", l)
		}
		if len(s.audits) != 2 || s.audits[0].Action != cifra.ActionWhatIf || s.audits[0].Username != "ana" {
			t.Errorf("got %+v in the book, want both by ana", s.audits)
		}
		w.Apply(cifra.WhatIf{Trouble: cifra.Trouble{Cut: true}, At: time.Now().Add(-61 * time.Second)})
		w.Apply(s.all[0])
		if _, _, on := w.Now(); on {
			t.Error("got trouble that is over already")
		}
		if err := w.Make(ctx, cifra.Trouble{Cut: true}); err != nil {
			t.Fatal(err)
		}
		if err := w.Make(ctx, cifra.Trouble{}); err != nil {
			t.Fatal(err)
		}
		if _, _, on := w.Now(); on || l.cut {
			t.Error("back to normal: got trouble")
		}
	})
}

func TestTroubleRefusals(t *testing.T) {
	client, err := NewClient("http://127.0.0.1:1/search", true)
	if err != nil {
		t.Fatal(err)
	}
	s := &troubles{}
	for _, tt := range []struct {
		name    string
		line    Line
		trouble cifra.Trouble
		field   string
	}{
		{"no Redis to be cut off from", nil, cifra.Trouble{Cut: true}, "redis_cut"},
		{"nor to be slow", nil, cifra.Trouble{LatencyMS: 1}, "redis_cut"},
		{"too slow", &way{}, cifra.Trouble{LatencyMS: 2001}, "redis_latency_ms"},
		{"sooner than now", &way{}, cifra.Trouble{LatencyMS: -1}, "redis_latency_ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := NewWhatIf(tt.line, client, s, time.Now).Make(t.Context(), tt.trouble)
			var e *cifra.Error
			if !errors.As(err, &e) || e.Code != cifra.Impossible || e.Fields[tt.field] == nil {
				t.Errorf("got %v, want %s to be impossible", err, tt.field)
			}
		})
	}
	if slices.ContainsFunc(s.all, func(cifra.WhatIf) bool { return true }) {
		t.Errorf("got %+v told, want nothing", s.all)
	}
}
