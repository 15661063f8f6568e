package live_test

import (
	"fmt"
	"sync"
	"testing"
)

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
	w.caughtUp()
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

func TestWhoMissedWhatWasDeletedLoadsAnew(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		w.out.add("shown")
	}
	w.out.mu.Lock()
	w.out.pruned = 15
	w.out.mu.Unlock()
	w.caughtUp()
	for since, want := range map[int]string{14: "reload", 15: "shown", 0: "reload"} {
		if m := w.join(fmt.Sprintf("room=admin&lang=en&since=%d", since)).next(); m.Event != want {
			t.Errorf("since %d: got %+v, want %s", since, m, want)
		}
	}
}
