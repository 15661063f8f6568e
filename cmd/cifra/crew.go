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

// crew is the instances that share the cache, for a burst that comes from all of them.
type crew struct {
	fleet *live.Fleet
	cache *cache.Cache
	burst *lab.Burst
}

// openBurst makes the lab's burst. Where instances share a cache and hear each other through Redis, it comes from all.
func (a *app) openBurst(ctx context.Context) *lab.Burst {
	if a.redis == nil || a.cache.Status().Backend == "memory" {
		return lab.NewBurst(a.cache, burstPolicy, nil, time.Now)
	}
	c := &crew{cache: a.cache}
	c.burst = lab.NewBurst(a.cache, burstPolicy, c, time.Now)
	c.fleet = live.NewFleet(a.redis, "cifra:fleet", c.part, a.log)
	c.fleet.Start(ctx)
	a.closers = append(a.closers, func() error { c.fleet.Stop(); return nil })
	return c.burst
}

// part does what another instance asks this one to do.
func (c *crew) part(ctx context.Context, question json.RawMessage) (any, error) {
	var p cifra.BurstPart
	if err := json.Unmarshal(question, &p); err != nil {
		return nil, fmt.Errorf("a part of a burst: %w", err)
	}
	return c.burst.Part(ctx, p)
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
