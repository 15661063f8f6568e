package cachetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cifra"
	"cifra/cache"
)

func testCallerLeaves(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	g := NewGate()
	m := cache.NewMemo(w.Open("a"), minute("x"), func(ctx context.Context, _ int) (int64, error) {
		g.Pass()
		return 1, ctx.Err()
	})
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, _, err := m.Get(ctx, 1)
		left <- err
	}()
	g.Began()
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's own end", err)
	}
	g.Open()
	v, i, err := m.Get(t.Context(), 1)
	if v != 1 || err != nil || i.Outcome == cifra.Miss {
		t.Errorf("got %v, %s, %v, want the value of the load that went on", v, i.Outcome, err)
	}
}

func testPanic(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	m := cache.NewMemo(w.Open("a"), minute("x"), func(context.Context, int) (int64, error) { panic("oh") })
	if _, _, err := m.Get(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "oh") {
		t.Errorf("got %v, want the panic as an error", err)
	}
}

func testStampede(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	var loads atomic.Int64
	g := NewGate()
	load := func(context.Context, int) (int64, error) {
		g.Pass()
		return loads.Add(1), nil
	}
	memos := []*cache.Memo[int, int64]{cache.NewMemo(w.Open("a"), minute("x"), load)}
	if b.Shared {
		memos = append(memos, cache.NewMemo(w.Open("b"), minute("x"), load))
	}
	const callers = 1000
	var outcomes sync.Map
	var wrong atomic.Int64
	var last atomic.Value
	var wg, ready sync.WaitGroup
	ready.Add(callers)
	for n := range callers {
		wg.Go(func() {
			ready.Done()
			v, i, err := memos[n%len(memos)].Get(t.Context(), 1)
			if v != 1 || err != nil {
				wrong.Add(1)
				last.Store(fmt.Sprintf("%v, %s (%s), %v", v, i.Outcome, i.Reason(), err))
			}
			o, _ := outcomes.LoadOrStore(i.Outcome, new(atomic.Int64))
			o.(*atomic.Int64).Add(1) //nolint:forcetypeassert // nothing else is stored
		})
	}
	ready.Wait()
	g.Began()
	g.Open()
	wg.Wait()
	if wrong.Load() > 0 {
		t.Errorf("%d callers got something else than 1, such as %v", wrong.Load(), last.Load())
	}
	if loads.Load() != 1 {
		t.Errorf("got %d loads, want 1", loads.Load())
	}
	if o, ok := outcomes.Load(cifra.Miss); !ok || o.(*atomic.Int64).Load() != 1 { //nolint:forcetypeassert // as above
		t.Error("want exactly one miss among the outcomes")
	}
}
