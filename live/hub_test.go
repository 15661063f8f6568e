package live_test

import (
	"testing"
	"time"

	"github.com/coder/websocket"

	"cifra/live"
)

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
