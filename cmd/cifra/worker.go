package main

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"cifra"
	"cifra/store"
)

// workerCommand runs retraining alone, without the site.
type workerCommand struct{}

// Run watches the queue of retrainings until the context ends.
func (workerCommand) Run(env *environment) error {
	return withStore(env, func(db *store.DB) error {
		if _, err := db.Migrate(env.ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		log := slog.New(slog.NewTextHandler(env.err, nil))
		m := newMetrics()
		m.MustRegister(poolCollector{db})
		stopDebug, err := serveDebug(env.ctx, env.settings.DebugAddr, m.handler(), log)
		if err != nil {
			return err
		}
		defer func() {
			if err := stopDebug(); err != nil {
				log.Error("closing", "err", err)
			}
		}()
		r := newRetraining(db, env.settings, instanceName(), log, nil)
		if err := r.start(env.ctx); err != nil {
			return err
		}
		defer r.stop()
		var said sync.WaitGroup
		defer said.Wait()
		said.Go(func() {
			here := cifra.Instance{Name: instanceName(), Worker: true, Version: buildInfo().Version, Started: time.Now()}
			sayHere(env.ctx, db, here, func() int64 { return -1 }, log)
		})
		said.Go(func() { giveBack(env.ctx, allocatedBytes, debug.FreeOSMemory) })
		log.Info("a worker waits for retrainings", "name", instanceName())
		<-env.ctx.Done()
		log.Info("stopping")
		return nil
	})
}
