package cache_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"cifra/cache"
)

// TestAFormLivesAsLongAsItsValue writes what is remembered: once for whoever is given one value, anew for the next one.
func TestAFormLivesAsLongAsItsValue(t *testing.T) {
	t.Parallel()
	c, err := cache.New(t.Context(), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var values, written atomic.Int64
	memo := cache.NewMemo(c, cache.Policy{Namespace: "forms", TTL: time.Hour, StaleFor: time.Hour}, func(context.Context, string) (int64, error) {
		return values.Add(1), nil
	})
	give := func(ctx context.Context) string {
		t.Helper()
		v, info, err := memo.Get(ctx, "k")
		if err != nil {
			t.Fatal(err)
		}
		text, err := info.Form().Of(func() ([]byte, error) {
			written.Add(1)
			return strconv.AppendInt(nil, v, 10), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, step := range []struct {
		name    string
		ctx     context.Context //nolint:containedctx // what is asked for
		before  func()
		want    string
		written int64
	}{
		{"the first", t.Context(), func() {}, "1", 1},
		{"a hit", t.Context(), func() {}, "1", 1},
		{"a hit with a trace", cache.WithTrace(t.Context()), func() {}, "1", 1},
		{"forgotten", t.Context(), func() { memo.Invalidate(t.Context(), "k") }, "2", 2},
		{"flushed", t.Context(), func() { memo.Flush(t.Context(), "test") }, "3", 3},
		{"a hit again", t.Context(), func() {}, "3", 3},
		{"past the cache", cache.WithBypass(t.Context()), func() {}, "4", 4},
		{"and past it again", cache.WithBypass(t.Context()), func() {}, "5", 5},
		{"what is kept", t.Context(), func() {}, "3", 5},
	} {
		step.before()
		if got := give(step.ctx); got != step.want || written.Load() != step.written {
			t.Errorf("%s: got %s, written %d times; want %s, %d times", step.name, got, written.Load(), step.want, step.written)
		}
	}
	fail := errors.New("cannot be written")
	memo.Invalidate(t.Context(), "k")
	_, info, err := memo.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := info.Form().Of(func() ([]byte, error) { return nil, fail }); !errors.Is(err, fail) {
			t.Errorf("got %v, want %v", err, fail)
		}
	}
}
