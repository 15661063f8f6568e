package live_test

import (
	"errors"
	"testing"
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
