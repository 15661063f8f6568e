package cache

import (
	"context"
	"slices"
	"sync"
	"time"

	"cifra"
)

// wish is what a request asks of the cache through its context. The zero wish asks nothing.
type wish struct {
	trace  *trace
	bypass bool
	alone  bool
}

type wishKey struct{}

func wishOf(ctx context.Context) *wish {
	w, _ := ctx.Value(wishKey{}).(*wish)
	return w
}

func (w *wish) or() wish {
	if w == nil {
		return wish{}
	}
	return *w
}

// WithTrace asks for the waterfall of what the cache does under the returned context: [Info] then
// has Steps, counted from now. Without it nothing is recorded.
func WithTrace(ctx context.Context) context.Context {
	w := wishOf(ctx).or()
	w.trace = &trace{clock: newClock(nil)}
	w.trace.began = w.trace.clock.now()
	return context.WithValue(ctx, wishKey{}, &w)
}

// WithBypass tells the cache to stay out of what happens under the returned context:
// each call runs its loader, alone, and nothing is kept.
func WithBypass(ctx context.Context) context.Context {
	w := wishOf(ctx).or()
	w.bypass = true
	return context.WithValue(ctx, wishKey{}, &w)
}

// WithoutSingleFlight lets each call under the returned context that finds nothing fresh run its loader, though others
// run one for the same key just now: what a cache without single-flight does, to be compared with. What it makes is
// kept in this instance's memory, not in the back end. A stale value is still given at once, and refreshed by one.
func WithoutSingleFlight(ctx context.Context) context.Context {
	w := wishOf(ctx).or()
	w.alone = true
	return context.WithValue(ctx, wishKey{}, &w)
}

// Step begins a step of the request's waterfall, such as "decode" in a loader, and returns what ends
// it. Without a trace both do nothing.
//
//	end := cache.Step(ctx, "decode")
//	…
//	end("")
func Step(ctx context.Context, name string) (end func(desc string)) {
	return wishOf(ctx).or().trace.step(name)
}

// Steps returns the waterfall of the request so far; nil without a trace.
func Steps(ctx context.Context) []cifra.Step { return wishOf(ctx).or().trace.steps() }

// trace is one request's waterfall. A nil trace records nothing.
type trace struct {
	clock *clock
	began int64

	mu   sync.Mutex
	list []cifra.Step // guarded by mu
}

func nothing(string) {}

func (t *trace) step(name string) func(desc string) {
	if t == nil {
		return nothing
	}
	start := t.clock.now() - t.began
	return func(desc string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		took := t.clock.now() - t.began - start
		t.list = append(t.list, cifra.Step{Name: name, Desc: desc, Start: time.Duration(start), Took: time.Duration(took)})
	}
}

func (t *trace) steps() []cifra.Step {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	list := slices.Clone(t.list)
	slices.SortStableFunc(list, func(a, b cifra.Step) int { return int(a.Start - b.Start) })
	return list
}
