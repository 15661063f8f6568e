package train

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"cifra"
)

// Schedule asks for a retraining when enough new corrections were accepted. Any number of processes may have
// one: the queue takes one run at a time.
type Schedule struct {
	Labels  Labels
	Service *Service
	Models  *Models
	After   int // accepted corrections; 0: never
	Log     *slog.Logger

	mu   sync.Mutex
	stop context.CancelFunc // under mu
	done chan struct{}
}

// checkEvery is how often the accepted corrections are counted.
const checkEvery = time.Minute

// Start begins to count, where After is set. Starting twice does nothing.
func (s *Schedule) Start(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.After <= 0 || s.stop != nil {
		return
	}
	ctx, s.stop = context.WithCancel(ctx)
	s.done = make(chan struct{})
	go s.watch(cifra.WithActor(ctx, cifra.Actor{Guest: "schedule"}), s.done)
}

// Stop ends it. It may be called twice, and before Start.
func (s *Schedule) Stop() {
	s.mu.Lock()
	stop, done := s.stop, s.done
	s.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}

func (s *Schedule) watch(ctx context.Context, done chan struct{}) {
	defer close(done)
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		if err := s.check(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "the schedule of retrainings", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// check queues a run for each API in turn that has enough to learn. What a run that was turned down has learnt from
// already is no reason for another one.
func (s *Schedule) check(ctx context.Context) error {
	for _, api := range []cifra.API{cifra.V2, cifra.V1} {
		runs, _, err := s.Service.Book.Trainings(ctx, "", 100)
		if err != nil {
			return err
		}
		all, err := s.Labels.Labelled(ctx, cifra.LabelledQuery{API: api})
		if err != nil {
			return err
		}
		n := 0
		seen, err := s.seen(ctx, api, runs)
		if err != nil {
			return err
		}
		for _, i := range all {
			if i.Accepted && i.Predicted != i.Label && !isHeld(i.Image) && seen[i.Image] != i.Label+1 {
				n++
			}
		}
		if n < s.After {
			continue
		}
		id, err := s.Service.Start(ctx, api, true)
		if cifra.CodeOf(err) == cifra.Conflict {
			return nil // one is under way; the next look comes
		}
		if err != nil {
			return err
		}
		s.Log.InfoContext(ctx, "a retraining was queued", "run", id, "model", api, "corrections", n)
		return nil
	}
	return nil
}

// seen returns the labels, plus 1, that runs for api were given, by hash.
func (s *Schedule) seen(ctx context.Context, api cifra.API, runs []cifra.TrainingRun) (map[string]int, error) {
	seen := map[string]int{}
	for _, r := range runs {
		if r.API != api || r.Model == "" {
			continue
		}
		images, err := s.Labels.TrainingImages(ctx, r.Model)
		if err != nil {
			return nil, err
		}
		for hash, label := range images {
			seen[hash] = label + 1
		}
	}
	return seen, nil
}
