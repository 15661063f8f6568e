package cachetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cifra/cache"
)

// testPage walks through a namespace of which one instance remembers a part and the back end all.
func testPage(t *testing.T, b Backend) {
	const total, inMemory = 57, 23
	w := NewWorld(t, b)
	load := func(_ context.Context, k string) (string, error) {
		w.Clock.Advance(time.Millisecond) // no two of one age
		return "value of " + k, nil
	}
	name := func(n int) string { return fmt.Sprintf("%02d%s", n, strings.Repeat("x", 10*n)) } // the later ones are hashed
	a := w.Open("a")
	m := cache.NewMemo(a, minute("x"), load)
	c := a
	memory, listed := total, total
	for n := range total {
		if _, _, err := m.Get(t.Context(), name(n)); err != nil {
			t.Fatal(err)
		}
	}
	m.Invalidate(t.Context(), name(total-1))
	listed--
	if memory--; b.Shared {
		c = w.Open("b")
		other := cache.NewMemo(c, minute("x"), load)
		for n := range inMemory {
			if _, _, err := other.Get(t.Context(), name(n)); err != nil {
				t.Fatal(err)
			}
		}
		if memory = inMemory; b.Deaf {
			listed = inMemory // what the back end has can't be listed
		}
	}
	count, err := c.Count(t.Context(), "x")
	if want := (cache.Count{Memory: memory, Backend: count.Backend}); err != nil || count != want || count.Backend >= 0 && count.Backend != total-1 {
		t.Errorf("got %+v, %v, want %d in memory of %d", count, err, memory, total-1)
	}

	seen := map[string]int{}
	var order []time.Time
	pages := 0
	for cursor := ""; ; pages++ {
		p, err := c.Page(t.Context(), "x", cursor, 10)
		if err != nil || len(p.Entries) > 10 {
			t.Fatalf("got %d entries, %v, want 10 at most", len(p.Entries), err)
		}
		for _, e := range p.Entries {
			seen[e.Args]++
			if e.State != "fresh" || !strings.HasPrefix(e.Args, `"`) || e.Bytes == 0 && e.Tiers[0] != "memory" {
				t.Errorf("got %+v, want a fresh entry with its arguments", e)
			}
			if e.Tiers[0] == "memory" {
				order = append(order, e.Made)
			}
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if len(seen) != listed || len(order) != memory {
		t.Errorf("got %d entries on %d pages, %d of them in memory; want %d and %d", len(seen), pages+1, len(order), listed, memory)
	}
	for args, n := range seen {
		if n != 1 {
			t.Errorf("got %.20s %d times, want once", args, n)
		}
	}
	for i := 1; i < len(order); i++ {
		if order[i].After(order[i-1]) {
			t.Errorf("entry %d in memory is newer than the one before it", i)
		}
	}
	m.Flush(t.Context(), "test")
	w.Settle()
	if p, err := c.Page(t.Context(), "x", "", 10); err != nil || len(p.Entries) > 0 {
		t.Errorf("got %v, %v after a flush, want nothing", p.Entries, err)
	}
	if n, err := c.Count(t.Context(), "x"); err != nil || n.Memory > 0 || n.Backend > 0 {
		t.Errorf("got %+v, %v after a flush, want nothing", n, err)
	}
	for _, cursor := range []string{"nonsense", "YiAx", "eHg"} {
		if _, err := c.Page(t.Context(), "x", cursor, 10); !errors.Is(err, cache.ErrCursor) {
			t.Errorf("got %v for the cursor %q, want that it is none", err, cursor)
		}
	}
	if _, err := c.Page(t.Context(), "none", "", 10); !errors.Is(err, cache.ErrNamespace) {
		t.Errorf("got %v, want no such namespace", err)
	}
	if _, err := c.Count(t.Context(), "none"); !errors.Is(err, cache.ErrNamespace) {
		t.Errorf("got %v, want no such namespace", err)
	}
}
