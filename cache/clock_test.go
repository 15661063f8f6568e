package cache

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestRoughly: the rough clock lags by coarseness at most as long as it is asked, and nothing wakes for it when it isn't.
func TestRoughly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock(nil)
		for range 1000 {
			if lag := time.Duration(c.now() - c.roughly()); lag < 0 || lag > coarseness {
				t.Fatalf("it lags by %v, want %v at most", lag, coarseness)
			}
			<-time.After(time.Millisecond)
		}
		if c.coarse.Load() == 0 {
			t.Error("nobody reads the time for those who ask again and again")
		}
		<-time.After(2 * unasked)
		synctest.Wait()
		if c.coarse.Load() != 0 {
			t.Error("somebody still reads the time though nobody asks")
		}
		if now, got := c.now(), c.roughly(); got != now {
			t.Errorf("got %d after the silence, want %d", got, now)
		}
	})
}
