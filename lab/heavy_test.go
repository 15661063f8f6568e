package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cifra"
	"cifra/cache"
)

// memory returns a cache of this process, closed when the test ends.
func memory(t testing.TB) *cache.Cache {
	t.Helper()
	c, err := cache.New(t.Context(), cache.Options{Instance: "a"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func newHeavy(t testing.TB, delay time.Duration) (*Heavy, *cache.Cache) {
	t.Helper()
	c := memory(t)
	return NewHeavy(c, cache.Policy{Namespace: "heavy", TTL: time.Minute}, delay, time.Now), c
}

func TestHeavyFindsTheSmallestNumber(t *testing.T) {
	for _, input := range []string{"a", "ñandú/тест 🔢", "a:1", strings.Repeat("ы", MaxInput/2), "\x00"} {
		number, sum, err := search(t.Context(), input, 8)
		if err != nil {
			t.Fatal(err)
		}
		for n := int64(0); ; n++ {
			want := sha256.Sum256(fmt.Appendf(nil, "%s:%d", input, n))
			if want[0] != 0 {
				continue
			}
			if n != number || want != sum {
				t.Errorf("%.20q: got %d and %x, want %d and %x", input, number, sum, n, want)
			}
			break
		}
	}
}

func TestHeavyIsComputedOnceAndCanBeChecked(t *testing.T) {
	h, c := newHeavy(t, 0)
	const input = "ñandú/тест 🔢"
	first, err := h.Do(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	if p := first.Provenance; p.Source != cifra.SourceComputation || p.Outcome != cifra.Miss || p.Reason != "cold" || len(p.Steps) == 0 {
		t.Errorf("first: got %+v, want it computed, cold, with its steps", p)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s:%d", input, first.Data.Number))
	if hex.EncodeToString(sum[:]) != first.Data.Hash || leadingZeros(sum) < first.Data.Bits || first.Data.Bits != zeroBits {
		t.Errorf("got %+v, want the hash of its number, with %d zero bits", first.Data, zeroBits)
	}
	second, err := h.Do(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	if p := second.Provenance; p.Source != cifra.SourceCache || p.Tier != "memory" || second.Data != first.Data {
		t.Errorf("second: got %+v, want the same from memory", second)
	}
	if _, err := c.FlushNamespace(t.Context(), "heavy", "", cache.By("ana")); err != nil {
		t.Fatal(err)
	}
	third, err := h.Do(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	if p := third.Provenance; p.Source != cifra.SourceComputation || !strings.HasPrefix(p.Reason, "namespace flushed by ana ") {
		t.Errorf("after the flush: got %+v, want it computed, and who flushed", p)
	}
}

func TestHeavyTakesAsLongAsTheDelaySaysAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, c := newHeavy(t, 3*time.Second)
		defer func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}()
		start := time.Now()
		a, err := h.Do(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it took %v, want 3 s", took)
		}
		if a.Data.Delay != 3*time.Second { // in a synctest bubble computing takes no time
			t.Errorf("got a delay of %v, want it told", a.Data.Delay)
		}
	})
}

func TestHeavyRefusals(t *testing.T) {
	h, _ := newHeavy(t, 0)
	for _, tt := range []struct {
		name, input string
		want        cifra.Code
	}{
		{"nothing", "", cifra.Invalid},
		{"no UTF-8", "\xff", cifra.Invalid},
		{"one byte too many", strings.Repeat("x", MaxInput+1), cifra.Impossible},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := h.Do(t.Context(), tt.input); cifra.CodeOf(err) != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestHeavyEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := search(ctx, "x", 256); err == nil {
		t.Error("got an answer, want the end of its context")
	}
}

func TestCompareTakesMedians(t *testing.T) {
	h, _ := newHeavy(t, 0)
	first, err := h.Do(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	c, err := h.Compare(t.Context(), first)
	if err != nil || c.MadeRuns != 1 || c.Made <= 0 || c.KeptRuns != 0 || c.Factor() != 0 {
		t.Errorf("computed once: got %+v, %v; want one run and nothing to compare", c, err)
	}
	second, err := h.Do(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	c, err = h.Compare(t.Context(), second)
	if err != nil || c.KeptRuns != keptRuns || c.Kept <= 0 || c.Factor() < 10 {
		t.Errorf("asked again: got %+v (%.0f×), %v; want %d runs, much quicker", c, c.Factor(), err, keptRuns)
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		list []time.Duration
		want time.Duration
	}{
		{nil, 0},
		{[]time.Duration{5}, 5},
		{[]time.Duration{9, 1, 5}, 5},
		{[]time.Duration{9, 1, 5, 7}, 6},
	} {
		if got := median(tt.list); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.list, got, tt.want)
		}
	}
}
