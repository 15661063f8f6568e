package main

import (
	"context"
	"log/slog"
	"time"

	"cifra"
	"cifra/store"
	"cifra/train"
)

// retraining is the parts of package train that a process has, wired together.
type retraining struct {
	service  *train.Service
	models   *train.Models
	runner   *train.Runner
	schedule *train.Schedule
}

// newRetraining wires them; promoted is called after a promotion by this process.
func newRetraining(db *store.DB, s *Settings, owner string, log *slog.Logger, promoted func()) *retraining {
	r := &retraining{models: &train.Models{Versions: db, Labels: db, Now: time.Now, Log: log, Promoted: promoted}}
	r.runner = &train.Runner{
		Queue: db, Labels: db, Models: r.models, Supplies: &train.Supplies{MNIST: s.MNISTDir}, Owner: owner, Now: time.Now, Log: log,
	}
	r.service = &train.Service{Book: db, Now: time.Now, Log: log, Wake: r.runner.Wake}
	r.schedule = &train.Schedule{Labels: db, Service: r.service, Models: r.models, After: s.RetrainAfter, Log: log}
	return r
}

// start enrols the embedded models and begins to watch the queue.
func (r *retraining) start(ctx context.Context) error {
	if err := r.models.Enrol(ctx); err != nil {
		return err
	}
	r.runner.Start(ctx)
	r.schedule.Start(ctx)
	return nil
}

// stop hands a run that is under way back to the queue.
func (r *retraining) stop() {
	r.schedule.Stop()
	r.runner.Stop()
}

// serveModels serves, for each API, the champion that the database names, else the embedded one.
func (a *app) serveModels(ctx context.Context, s *Settings) error {
	a.champs = newChampions(a.db, a.models, float64(s.ChallengerShare), a.log)
	a.events.Load().follower.Subscribe(func(e cifra.Event) {
		if e.Kind == cifra.EventModelPromoted { // by whichever instance, worker or command
			a.champs.Wake()
		}
	})
	a.learn = newRetraining(a.db, s, a.cache.Instance(), a.log, a.champs.Wake)
	return a.champs.begin(ctx)
}

// startRetraining begins to follow the champions, and to watch the queue. It comes after startHousekeeping, whose
// context it shares.
func (a *app) startRetraining(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	stop := a.stop
	a.stop = func() { cancel(); stop() }
	a.work.Go(func() { a.champs.follow(ctx) })
	return a.learn.start(ctx)
}
