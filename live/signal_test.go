package live_test

import (
	"log/slog"
	"testing"
	"time"

	"cifra/live"
)

// TestASignalWakesEveryInstance: the one that tells and the others; many in a row go together, and after the last of them each
// is woken once more.
func TestASignalWakesEveryInstance(t *testing.T) {
	client, log := testRedis(t), slog.New(slog.DiscardHandler)
	channel := "test:signal:" + t.Name()
	wakes := []chan time.Time{make(chan time.Time, 10_000), make(chan time.Time, 10_000)}
	signals := make([]*live.RedisSignal, 0, len(wakes))
	for _, w := range wakes {
		s := live.NewRedisSignal(client, channel, func() { w <- time.Now() }, log)
		s.Stop() // before it began: changes nothing
		s.Start(t.Context())
		s.Start(t.Context()) // neither does this
		t.Cleanup(s.Stop)
		signals = append(signals, s)
	}
	within := time.After(time.Minute)
	for i, w := range wakes { // each hears as soon as Redis has subscribed it
		for heard := false; !heard; {
			signals[0].Tell()
			select {
			case <-w:
				heard = true
			case <-time.After(20 * time.Millisecond):
			case <-within:
				t.Fatalf("instance %d heard nothing", i)
			}
		}
	}

	began, told := time.Now(), 0
	for time.Since(began) < 300*time.Millisecond {
		signals[0].Tell()
		told++
		<-time.After(200 * time.Microsecond)
	}
	last := time.Now()
	signals[0].Tell()
	for i, w := range wakes {
		heard := 0
		for at := (time.Time{}); at.Before(last); {
			select {
			case at = <-w:
				heard++
			case <-within:
				t.Fatalf("instance %d was not woken after the last of %d signals", i, told)
			}
		}
		if most := int(time.Since(began)/(10*time.Millisecond)) + 5; heard > most {
			t.Errorf("instance %d was woken %d times by %d signals, want %d at most", i, heard, told, most)
		}
	}
}
