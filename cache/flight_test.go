package cache

import (
	"context"
	"testing"
	"time"
)

// TestNoCoverForWhatIsGone: a caller looks at a value in memory; it is invalidated; memory has no room to remember that
// it is gone; now the caller begins a flight. What it had looked at must not cover a loader that fails: it would come
// back to life for all. (Found by TestRandomSchedules, seed 3294964699517384142.)
func TestNoCoverForWhatIsGone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		remove func(*Cache, *Memo[int, int])
	}{
		{"invalidated, and its epitaph evicted", func(_ *Cache, m *Memo[int, int]) { m.Invalidate(t.Context(), 1) }},
		{"emptied, since something may have been missed", func(_ *Cache, m *Memo[int, int]) { m.clear() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(t.Context(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			m := NewMemo(c, Policy{Namespace: "x", TTL: time.Hour, StaleIfError: time.Hour}, func(context.Context, int) (int, error) { return 1, nil })
			if _, _, err := m.Get(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			seen, _ := m.l1.GetIfPresent(1)
			tt.remove(c, m)
			m.l1.InvalidateAll()
			f, first, err := m.join(1, seen)
			if err != nil || !first || f.old != nil {
				t.Fatalf("got %+v, %v, %v, want a flight that starts from nothing", f, first, err)
			}
			m.explain(f, nil)
			if f.spare.Load() != nil {
				t.Error("what was invalidated would cover a failure")
			}
		})
	}
}
