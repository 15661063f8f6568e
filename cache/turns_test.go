package cache

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurns: those who invalidate the same while one invalidation is under way share the next one, which begins after
// all of them came; others have their own.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns turns
		var begun atomic.Int64
		what := turnOf{tag: "t", how: how{by: "ana", why: "test"}}
		invalidate := func() Receipt {
			n := begun.Add(1)
			<-time.After(time.Second)
			return Receipt{Seq: n}
		}
		var callers sync.WaitGroup
		ask := func(of turnOf, want int64) {
			callers.Go(func() {
				if r := turns.take(of, invalidate); r.Seq != want {
					t.Errorf("got the receipt of invalidation %d for %+v, want that of %d", r.Seq, of, want)
				}
			})
			synctest.Wait()
		}
		ask(what, 1)
		for range 100 {
			ask(what, 3)
		}
		ask(turnOf{tag: "t", how: how{by: "eva", why: "test"}}, 2) // at once, since it isn't the same
		<-time.After(time.Second)                                  // the first has ended
		synctest.Wait()
		ask(what, 4) // its time has come too late for the second of them
		callers.Wait()
		if n := begun.Load(); n != 4 || len(turns.m) != 0 {
			t.Errorf("got %d invalidations and %d under way at the end, want 4 and none", n, len(turns.m))
		}
	})
}

// TestTurnPanics: whoever shared an invalidation that ended in a panic does it alone.
func TestTurnPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turns turns
		fail := func() Receipt {
			<-time.After(time.Second)
			panic("oh")
		}
		var callers sync.WaitGroup
		for range 2 {
			callers.Go(func() {
				defer func() { _ = recover() }()
				turns.take(turnOf{}, fail)
			})
			synctest.Wait()
		}
		callers.Go(func() {
			if r := turns.take(turnOf{}, func() Receipt { return Receipt{Seq: 7} }); r.Seq != 7 {
				t.Errorf("got %+v, want a receipt of its own", r)
			}
		})
		callers.Wait()
		if len(turns.m) != 0 {
			t.Errorf("%d are under way at the end, want none", len(turns.m))
		}
	})
}
