package main

import (
	"context"
	"log/slog"
	"time"

	"cifra"
	"cifra/store"
)

// hereEvery is how often a process says that it is there.
const hereEvery = 30 * time.Second

// sayHere keeps saying that a process is there, and how far it has read the outbox, until ctx ends; then that it is gone.
func sayHere(ctx context.Context, db *store.DB, i cifra.Instance, seq func() int64, log *slog.Logger) {
	tick := time.NewTicker(hereEvery)
	defer tick.Stop()
	for away := false; ; {
		i.Seq = seq()
		err := db.SayHere(ctx, i)
		if err != nil && !away && ctx.Err() == nil {
			log.WarnContext(ctx, "other instances can't be told of this one", "err", err)
		}
		away = err != nil
		select {
		case <-tick.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			if err := db.SayGone(last, i.Name); err != nil {
				log.WarnContext(last, "other instances can't be told that this one is gone", "err", err)
			}
			return
		}
	}
}
