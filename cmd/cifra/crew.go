package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/lab"
	"cifra/live"
)

// openFleet makes this instance's part of those that hear each other through Redis; nothing where there is none.
func (a *app) openFleet() {
	if a.redis == nil {
		return
	}
	a.fleet = live.NewFleet(a.redis, "cifra:fleet", a.part, a.log)
}

// startFleet begins to hear the others and to answer them.
func (a *app) startFleet(ctx context.Context) {
	if a.fleet != nil {
		a.fleet.Start(ctx)
		a.closers = append(a.closers, func() error { a.fleet.Stop(); return nil })
	}
}

// forget is the question to forget who somebody is, since something was taken away from somebody.
type forget struct {
	Forget bool `json:"forget"`
}

// part does what another instance asks this one to do.
func (a *app) part(ctx context.Context, question json.RawMessage) (any, error) {
	var f forget
	if err := json.Unmarshal(question, &f); err != nil {
		return nil, fmt.Errorf("what another instance asks: %w", err)
	}
	if f.Forget {
		a.doubt(ctx)
		return true, nil
	}
	var p cifra.BurstPart
	if err := json.Unmarshal(question, &p); err != nil {
		return nil, fmt.Errorf("a part of a burst: %w", err)
	}
	return a.burst.Part(ctx, p)
}

// tell has the other instances forget who anybody is.
func (a *app) tell(ctx context.Context) {
	if a.fleet == nil {
		return
	}
	if err := a.fleet.Tell(ctx, forget{true}); err != nil {
		a.log.WarnContext(ctx, "the other instances could not be told that somebody was shut out", "err", err)
	}
}

// remembers reports whether this instance is told when somebody is shut out: a file of SQLite has no other instance, and
// through Redis it hears the others.
func (a *app) remembers() bool {
	return a.db.Kind() == "sqlite" || a.fleet != nil && a.fleet.Hears()
}

// doubt has everybody's right to be here looked up anew, as one may have ended.
func (a *app) doubt(ctx context.Context) {
	a.auth.Doubt()
	a.visits.Doubt(ctx)
}

// crew is the instances that share the cache, for a burst that comes from all of them.
type crew struct {
	fleet *live.Fleet
	cache *cache.Cache
}

// newBurst makes the lab's burst. Where instances share a cache and hear each other through Redis, it comes from all.
func (a *app) newBurst() *lab.Burst {
	if a.fleet == nil || a.cache.Status().Backend == "memory" {
		return lab.NewBurst(a.cache, burstPolicy, nil, time.Now)
	}
	return lab.NewBurst(a.cache, burstPolicy, &crew{a.fleet, a.cache}, time.Now)
}

// Others names the other instances; none while the cache that they share is out of reach.
func (c *crew) Others(ctx context.Context) []string {
	if c.cache.Status().State != cache.Up {
		return nil
	}
	return c.fleet.Others(ctx)
}

// Do has each do its part.
func (c *crew) Do(ctx context.Context, parts map[string]cifra.BurstPart) ([]cifra.BurstDone, error) {
	questions := make(map[string]any, len(parts))
	for who, p := range parts {
		questions[who] = p
	}
	answers, err := c.fleet.Ask(ctx, questions)
	if err != nil {
		return nil, err
	}
	var done []cifra.BurstDone
	for who, b := range answers {
		var d cifra.BurstDone
		if json.Unmarshal(b, &d) != nil || len(d.Outcomes) != parts[who].Calls {
			continue // something else than what was asked: as if it had not told
		}
		done = append(done, d)
	}
	return done, nil
}
