package live_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"cifra"
	"cifra/live"
)

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

// TestTheFollowerReadsTogetherWhatComesWhileItRests wakes it again and again, as many commits a second do.
func TestTheFollowerReadsTogetherWhatComesWhileItRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &outbox{}
		f, err := live.NewFollower(t.Context(), out, live.FollowerOptions{Every: time.Hour, Rest: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		came := make(chan time.Time, 200)
		f.Subscribe(func(cifra.Event) { came <- time.Now() })
		f.Start(t.Context())
		defer f.Stop()
		<-time.After(time.Second) // nothing happens, so it has rested
		began, looks := time.Now(), out.looks()
		for range 100 {
			out.add("x")
			f.Wake()
			<-time.After(time.Millisecond)
		}
		<-time.After(time.Second)
		if len(came) != 100 {
			t.Fatalf("got %d events, want 100", len(came))
		}
		first := (<-came).Sub(began)
		var last time.Duration
		for range 99 {
			last = (<-came).Sub(began)
		}
		if first != 0 || last > 110*time.Millisecond {
			t.Errorf("got the first after %v, the last after %v; want the first at once, the last within a rest", first, last)
		}
		if got := out.looks() - looks; got > 12 {
			t.Errorf("it looked %d times in 100 ms, want a rest of 10 ms between two looks", got)
		}
	})
}
