package cachetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/cache"
)

// Run runs the suite over b.
func Run(t *testing.T, b Backend) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Backend)
	}{
		{"a value is made once and remembered", testRemembers},
		{"another instance finds it in the back end", testShared},
		{"zero values and nil are ordinary values", testZeroValues},
		{"errors are never kept", testErrors},
		{"not found is kept for its own time", testNegative},
		{"a value past its time is made anew", testExpiry},
		{"a stale value is given at once and refreshed once", testStale},
		{"a stale value covers a loader that fails, for a while", testFailSafe},
		{"a stale value covers a loader that is slow", testSoftTimeout},
		{"a value that costs much is refreshed before it expires", testEarly},
		{"a loader that never ends gives its callers an error", testHardTimeout},
		{"a caller who leaves does not end the load", testCallerLeaves},
		{"a loader that panics gives an error", testPanic},
		{"a thousand callers of a cold key cause one load", testStampede},
		{"different keys never meet", testKeys},
		{"another type of value is a miss", testSchema},
		{"a bypass keeps nothing", testBypass},
		{"a trace tells the steps", testTrace},
		{"namespaces are independent", testNamespaces},
		{"a slow loader never survives an invalidation", testRace},
		{"soft invalidations leave stale values", testSoft},
		{"soft invalidations leave nothing stale where the policy has none", testSoftWithoutStale},
		{"many writers who invalidate one tag at once see what they wrote", testWriters},
		{"a miss tells its reason", testReasons},
		{"the inspector shows what is there", testInspector},
		{"a flush of a pure namespace can be taken back", testUndo},
		{"the inspector goes through all of it, page by page", testPage},
		{"statistics add up", testStatistics},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
}

// want checks one answer.
func want[V comparable](t *testing.T, v V, i cache.Info, err error, value V, o cifra.Outcome) {
	t.Helper()
	if err != nil || v != value || i.Outcome != o {
		t.Fatalf("got %v, %s (%s), %v, want %v, %s", v, i.Outcome, i.Reason(), err, value, o)
	}
}

// count is a loader that says how often it ran.
func count(n *atomic.Int64) cache.Loader[int, int64] {
	return func(context.Context, int) (int64, error) { return n.Add(1), nil }
}

func minute(ns string) cache.Policy { return cache.Policy{Namespace: ns, TTL: time.Minute} }

func testRemembers(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	var n atomic.Int64
	m := cache.NewMemo(w.Open("a"), minute("x"), count(&n))
	v, i, err := m.Get(t.Context(), 7)
	want(t, v, i, err, 1, cifra.Miss)
	if i.By() != "a" || i.Tier != "" || i.Reason() != "cold" || i.TTL != time.Minute || !strings.HasSuffix(i.Key(), ":7") {
		t.Errorf("got %+v, want a cold miss made by a, fresh for a minute", i)
	}
	w.Clock.Advance(2 * time.Second)
	v, i, err = m.Get(t.Context(), 7)
	want(t, v, i, err, 1, cifra.HitL1)
	if i.Age != 2*time.Second || i.TTL != 58*time.Second || i.Tier != "memory" || i.Reason() != "" {
		t.Errorf("got %+v, want 2 s of age, 58 s to live, from memory", i)
	}
	p := i.Provenance(cifra.SourceModel)
	if p.Source != cifra.SourceCache || p.Origin != cifra.SourceModel || !p.ExpiresAt.Equal(w.Clock.Now().Add(58*time.Second)) {
		t.Errorf("got %+v, want the cache as source, the model as origin", p)
	}
}

func testShared(t *testing.T, b Backend) {
	if !b.Shared {
		t.Skip("one process alone has this back end")
	}
	w := NewWorld(t, b)
	var n atomic.Int64
	one := cache.NewMemo(w.Open("a"), minute("x"), count(&n))
	two := cache.NewMemo(w.Open("b"), minute("x"), count(&n))
	v, i, err := one.Get(t.Context(), 1)
	want(t, v, i, err, 1, cifra.Miss)
	v, i, err = two.Get(t.Context(), 1)
	want(t, v, i, err, 1, cifra.HitL2)
	if i.By() != "a" || i.Tier == "memory" || i.TTL != time.Minute {
		t.Errorf("got %+v, want a's value from the back end, fresh for a minute", i)
	}
	v, i, err = two.Get(t.Context(), 1)
	want(t, v, i, err, 1, cifra.HitL1)
}

func testZeroValues(t *testing.T, b Backend) {
	type value struct {
		N    *int
		List []string
		Map  map[string]int
	}
	w := NewWorld(t, b)
	loads := 0
	load := func(_ context.Context, k string) (*value, error) {
		loads++
		if k == "nil" {
			return nil, nil //nolint:nilnil // an ordinary value here
		}
		return &value{}, nil
	}
	names := []string{"a"}
	if b.Shared {
		names = append(names, "b")
	}
	for n, name := range names {
		m := cache.NewMemo(w.Open(name), minute("x"), load)
		for range 2 {
			if v, _, err := m.Get(t.Context(), "nil"); v != nil || err != nil {
				t.Errorf("%s: got %v, %v, want nil", name, v, err)
			}
			if v, _, err := m.Get(t.Context(), ""); v == nil || v.N != nil || v.List != nil || err != nil {
				t.Errorf("%s: got %v, %v, want a zero value", name, v, err)
			}
		}
		if loads != 2 {
			t.Errorf("after instance %d got %d loads, want 2", n, loads)
		}
	}
}

func testErrors(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	broken := errors.New("broken")
	var n atomic.Int64
	p := minute("x")
	p.NegativeTTL = time.Minute
	m := cache.NewMemo(w.Open("a"), p, func(context.Context, int) (int64, error) {
		if n.Add(1) < 3 {
			return 0, broken
		}
		return 3, nil
	})
	for range 2 {
		if _, i, err := m.Get(t.Context(), 1); !errors.Is(err, broken) || i.Outcome != cifra.Miss {
			t.Errorf("got %s, %v, want the loader's error", i.Outcome, err)
		}
	}
	v, i, err := m.Get(t.Context(), 1)
	want(t, v, i, err, 3, cifra.Miss)
}

func testNegative(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	var n atomic.Int64
	open := func(name string) *cache.Memo[int, string] {
		p := minute("x")
		p.NegativeTTL = 10 * time.Second
		return cache.NewMemo(w.Open(name), p, func(_ context.Context, k int) (string, error) {
			n.Add(1)
			return "", fmt.Errorf("person %d: %w", k, cifra.E(cifra.NotFound, "error.person", "ID", "7"))
		}, cache.NotFound[int, string](func(err error) bool { return cifra.CodeOf(err) == cifra.NotFound }))
	}
	m := open("a")
	for _, o := range []cifra.Outcome{cifra.Miss, cifra.HitL1} {
		_, i, err := m.Get(t.Context(), 7)
		if cifra.CodeOf(err) != cifra.NotFound || i.Outcome != o || !i.Negative {
			t.Errorf("got %s, %v, want %s and not found", i.Outcome, err, o)
		}
	}
	if b.Shared {
		_, i, err := open("b").Get(t.Context(), 7)
		var e *cifra.Error
		if !errors.As(err, &e) || e.Key != "error.person" || e.Values["ID"] != "7" || i.Outcome != cifra.HitL2 || !i.Negative {
			t.Errorf("got %s, %v, want the application's error from the back end", i.Outcome, err)
		}
	}
	w.Advance(11 * time.Second)
	if _, i, _ := m.Get(t.Context(), 7); i.Outcome != cifra.Miss || n.Load() != 2 {
		t.Errorf("got %s after %d loads, want a miss after its own time to live", i.Outcome, n.Load())
	}
}

func testExpiry(t *testing.T, b Backend) {
	w := NewWorld(t, b)
	var n atomic.Int64
	m := cache.NewMemo(w.Open("a"), minute("x"), count(&n))
	v, i, err := m.Get(t.Context(), 1)
	want(t, v, i, err, 1, cifra.Miss)
	w.Advance(time.Minute - 1)
	v, i, err = m.Get(t.Context(), 1)
	if err != nil || v != 1 || !i.Outcome.Cached() {
		t.Errorf("got %v, %s, want a hit until the last moment", v, i.Outcome)
	}
	w.Advance(1)
	v, i, err = m.Get(t.Context(), 1)
	want(t, v, i, err, 2, cifra.Miss)
	if i.Reason() != "expired" {
		t.Errorf("got reason %q, want expired", i.Reason())
	}
}
