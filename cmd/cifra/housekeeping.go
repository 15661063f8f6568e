package main

import (
	"context"
	"time"
)

// housekeepingEvery is how often what is out of date is deleted.
const housekeepingEvery = time.Hour

// startHousekeeping deletes, at once and then every hour, what is out of date: sessions, revoked tokens,
// and drawings past their retention. Any number of instances may do so at the same time.
func (a *app) startHousekeeping(ctx context.Context, s *Settings) {
	ctx, a.stop = context.WithCancel(ctx)
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
	if retention <= 0 {
		return
	}
	if n, err := a.db.DeletePredictionsBefore(ctx, time.Now().Add(-retention)); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "old drawings stay", "err", err)
	} else if n > 0 {
		a.log.InfoContext(ctx, "deleted drawings past their retention", "count", n)
	}
}
