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
)

// Burst makes many calls at once for a key that nobody has asked for before.
type Burst struct {
	memo *cache.Memo[string, int64]
	now  func() time.Time
	one  chan struct{} // one burst at a time
}

// NewBurst returns it.
func NewBurst(c *cache.Cache, p cache.Policy, now func() time.Time) *Burst {
	return &Burst{memo: cache.NewMemo[string, int64](c, p, nil), now: now, one: make(chan struct{}, 1)}
}

// Run makes n calls, 1 to [MaxBurst], and says what became of each. Impossible, with the field "n", for another number.
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
	if !singleFlight {
		ctx = cache.WithoutSingleFlight(ctx)
	}
	out := cifra.Burst{SingleFlight: singleFlight, Outcomes: make([]cifra.Outcome, n), Delay: burstDelay}
	key := "burst-" + rand.Text()
	var loads atomic.Int64
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
	for i := range n {
		callers.Go(func() {
			<-gate
			_, info, err := b.memo.GetWith(ctx, key, load)
			if err != nil {
				failed.CompareAndSwap(nil, &err)
			}
			out.Outcomes[i] = info.Outcome
		})
	}
	start := b.now()
	close(gate)
	callers.Wait()
	out.Took, out.Loads = b.now().Sub(start), int(loads.Load())
	if err := failed.Load(); err != nil {
		return out, fmt.Errorf("burst: %w", *err)
	}
	return out, nil
}
