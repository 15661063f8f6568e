package main

import (
	"context"
	"runtime/debug"
	"time"

	"cifra"
)

// housekeepingEvery is how often what is out of date is deleted.
const housekeepingEvery = time.Hour

// startHousekeeping deletes, at once and then every hour, what is out of date: sessions, revoked tokens,
// old events, and drawings past their retention. It also says every half minute that this instance is there. Any number of instances may do so at the same time.
func (a *app) startHousekeeping(ctx context.Context, s *Settings) {
	ctx, a.stop = context.WithCancel(ctx)
	here := cifra.Instance{Name: a.cache.Instance(), Version: buildInfo().Version, Started: a.started}
	a.work.Go(func() { giveBack(ctx, allocatedBytes, debug.FreeOSMemory) })
	a.work.Go(func() { sayHere(ctx, a.db, here, func() int64 { return a.events.Load().Stats().Seq }, a.log) })
	a.work.Go(func() {
		tick := time.NewTicker(housekeepingEvery)
		defer tick.Stop()
		for {
			a.keepHouse(ctx, time.Duration(s.Retention))
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

func (a *app) keepHouse(ctx context.Context, retention time.Duration) {
	if n, err := a.db.DeleteExpired(ctx); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "expired sessions stay", "err", err)
	} else if n > 0 {
		a.log.InfoContext(ctx, "deleted expired sessions and tokens", "count", n)
	}
	if n, err := a.db.PruneEvents(ctx); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "old events stay", "err", err)
	} else if n > 0 {
		a.log.InfoContext(ctx, "deleted old events", "count", n)
	}
	if retention <= 0 {
		return
	}
	if n, err := a.db.DeletePredictionsBefore(ctx, time.Now().Add(-retention)); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "old drawings stay", "err", err)
	} else if n > 0 {
		a.log.InfoContext(ctx, "deleted drawings past their retention", "count", n)
	}
}
