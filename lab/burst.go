package lab

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"cifra"
	"cifra/cache"
)

const (
	// MaxBurst is the most calls of a burst.
	MaxBurst = 1000
	// burstDelay is how long its loader waits beside its work, so that every call arrives while it runs.
	burstDelay = 250 * time.Millisecond
	burstBits  = 10
	// burstTime is how long the other instances may take for their part.
	burstTime = 20 * time.Second
)

// Crew is the other instances that share the cache. cmd has one.
type Crew interface {
	// Others names those that are there just now.
	Others(ctx context.Context) []string
	// Do has each of them do its part, and returns what those say that have done it before ctx ends.
	Do(ctx context.Context, parts map[string]cifra.BurstPart) ([]cifra.BurstDone, error)
}

// Burst makes many calls at once for a key that nobody has asked for before.
type Burst struct {
	memo *cache.Memo[string, int64]
	name string // of this instance
	now  func() time.Time
	crew Crew          // nil: nobody else shares the cache
	one  chan struct{} // one burst at a time
	part chan struct{} // and one part of one
}

// NewBurst returns it. With a crew the calls are divided among all instances.
func NewBurst(c *cache.Cache, p cache.Policy, crew Crew, now func() time.Time) *Burst {
	return &Burst{
		memo: cache.NewMemo[string, int64](c, p, nil), name: c.Instance(), crew: crew, now: now,
		one: make(chan struct{}, 1), part: make(chan struct{}, 1),
	}
}

// Run makes n calls, 1 to [MaxBurst], from all instances alike, and says what became of each. Impossible, with the field
// "n", for another number.
func (b *Burst) Run(ctx context.Context, n int, singleFlight bool) (cifra.Burst, error) {
	v := problems{}
	if v.number("n", int64(n), 1, MaxBurst); v.err() != nil {
		return cifra.Burst{}, v.err()
	}
	select {
	case b.one <- struct{}{}:
		defer func() { <-b.one }()
	case <-ctx.Done():
		return cifra.Burst{}, context.Cause(ctx)
	}
	out := cifra.Burst{SingleFlight: singleFlight, Delay: burstDelay}
	key := "burst-" + rand.Text()
	var others []string
	if b.crew != nil {
		others = b.crew.Others(ctx)
		others = others[:min(len(others), n-1)]
	}
	parts := divide(cifra.BurstPart{Key: key, SingleFlight: singleFlight}, n, len(others)+1)

	start := b.now()
	var theirs []cifra.BurstDone
	var failed error
	var asking sync.WaitGroup
	if len(others) > 0 {
		within, cancel := context.WithTimeout(ctx, burstTime)
		defer cancel()
		asks := map[string]cifra.BurstPart{}
		for i, name := range others {
			asks[name] = parts[i+1]
		}
		asking.Go(func() { theirs, failed = b.crew.Do(within, asks) })
	}
	mine, err := b.Part(ctx, parts[0])
	asking.Wait()
	out.Took = b.now().Sub(start)
	if err != nil {
		return out, err
	}
	if failed != nil {
		return out, fmt.Errorf("burst: the other instances: %w", failed)
	}
	for _, d := range append([]cifra.BurstDone{mine}, theirs...) {
		out.Parts = append(out.Parts, cifra.BurstShare{Instance: d.Instance, Calls: len(d.Outcomes), Loads: d.Loads})
		out.Outcomes = append(out.Outcomes, d.Outcomes...)
		out.Loads += d.Loads
		out.Degraded += d.Degraded
	}
	out.Missing = n - len(out.Outcomes)
	return out, nil
}

// divide makes as many parts of n calls, as equal as can be.
func divide(like cifra.BurstPart, n, among int) []cifra.BurstPart {
	parts := make([]cifra.BurstPart, among)
	for i := range parts {
		parts[i] = like
		parts[i].Calls = n/among + min(1, max(0, n%among-i))
	}
	return parts
}

// Part makes this instance's calls of a burst, which it or another one runs. Impossible for more than [MaxBurst], or for a
// key that can't be a burst's.
func (b *Burst) Part(ctx context.Context, p cifra.BurstPart) (cifra.BurstDone, error) {
	out := cifra.BurstDone{Instance: b.name}
	if p.Calls < 1 || p.Calls > MaxBurst || len(p.Key) > 100 {
		return out, cifra.E(cifra.Impossible, "error.lab.number", "Field", "n", "Min", 1, "Max", MaxBurst)
	}
	select {
	case b.part <- struct{}{}:
		defer func() { <-b.part }()
	case <-ctx.Done():
		return out, context.Cause(ctx)
	}
	if !p.SingleFlight {
		ctx = cache.WithoutSingleFlight(ctx)
	}
	out.Outcomes = make([]cifra.Outcome, p.Calls)
	var loads, degraded atomic.Int64
	load := func(ctx context.Context, key string) (int64, error) {
		loads.Add(1)
		number, _, err := search(ctx, key, burstBits)
		if err != nil {
			return 0, err
		}
		return number, pause(ctx, burstDelay)
	}
	var failed atomic.Pointer[error]
	var callers sync.WaitGroup
	gate := make(chan struct{}) // all begin together
	for i := range p.Calls {
		callers.Go(func() {
			<-gate
			_, info, err := b.memo.GetWith(ctx, p.Key, load)
			if err != nil {
				failed.CompareAndSwap(nil, &err)
			}
			out.Outcomes[i] = info.Outcome
			if info.Degraded {
				degraded.Add(1)
			}
		})
	}
	close(gate)
	callers.Wait()
	out.Loads, out.Degraded = int(loads.Load()), int(degraded.Load())
	if err := failed.Load(); err != nil {
		return out, fmt.Errorf("burst: %w", *err)
	}
	return out, nil
}
