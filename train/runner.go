package train

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"cifra"
)

// Queue is where the runner finds its work, and says how far it is. [cifra/store.DB] is one. Every call with a lease
// gives Conflict, "error.training.lost", once another trainer has the run, and then changes nothing.
type Queue interface {
	// ActiveTraining returns the run that is queued or running; NotFound where there is none.
	ActiveTraining(ctx context.Context) (*cifra.TrainingRun, error)
	// ClaimTraining takes the run if it is still as seen; Conflict where it isn't.
	ClaimTraining(ctx context.Context, seen *cifra.TrainingRun, owner string) (cifra.Lease, error)
	// BeatTraining is a sign of life; cancel says that the run is to stop.
	BeatTraining(ctx context.Context, l cifra.Lease) (cancel bool, err error)
	// TrainingCancelled reports whether the run is to stop.
	TrainingCancelled(ctx context.Context, id int64) (bool, error)
	// SetTraining keeps state, progress, epochs, parent, data and curve.
	SetTraining(ctx context.Context, l cifra.Lease, r *cifra.TrainingRun) error
	// ReleaseTraining puts the run back into the queue; the attempt doesn't count.
	ReleaseTraining(ctx context.Context, l cifra.Lease) error
	// FinishTraining ends the run; where its state is promoted, its challenger becomes the champion, all or nothing.
	FinishTraining(ctx context.Context, l cifra.Lease, r *cifra.TrainingRun, a cifra.Audit) error
	// SaveCheckpoint keeps where to go on after an epoch.
	SaveCheckpoint(ctx context.Context, l cifra.Lease, epoch int, curve any, state []byte) error
	// Checkpoint returns the last one, with its curve in curve; NotFound where there is none.
	Checkpoint(ctx context.Context, run int64, curve any) (epoch int, state []byte, err error)
	// SetTrainingImages keeps what the run learns from, by hash.
	SetTrainingImages(ctx context.Context, l cifra.Lease, images map[string]int) error
}

// Labels is what people said. [cifra/store.DB] is one.
type Labels interface {
	// Labelled returns the stored pictures that may be learnt, each once: what an admin accepted, and what three users
	// at least agree on, as far as no user takes more than a hundredth of the query's batch.
	Labelled(ctx context.Context, q cifra.LabelledQuery) ([]cifra.Labelled, error)
	// UseFeedback keeps that a run has taught these pictures to the model that serves api.
	UseFeedback(ctx context.Context, api cifra.API, run string, learned []cifra.Labelled) error
	// StoredUploads returns the n latest pictures that somebody asked about.
	StoredUploads(ctx context.Context, n int) ([]cifra.StoredUpload, error)
	// TrainingImages returns what the run that made a version learnt, by hash; none where no run did.
	TrainingImages(ctx context.Context, model string) (map[string]int, error)
}

// Runner is the trainer of one process. In the whole fleet one at most has a run at a time: the queue gives it to one,
// and to another one only when the first gave no sign of life for [Lease]. That is measured by the watcher's own
// monotonic clock, from one look to the next, so that no wall clock that jumps takes a run from a living trainer.
type Runner struct {
	Queue    Queue
	Labels   Labels
	Models   *Models
	Supplies *Supplies
	Owner    string // this process's name, one that no other has
	Now      func() time.Time
	Log      *slog.Logger
	Workers  int // goroutines that learn; 0: one a core

	mu      sync.Mutex
	stop    context.CancelFunc // under mu; nil before Start
	done    chan struct{}
	wake    chan struct{}
	stopped bool // under mu
}

// Times of the watch.
const (
	look      = time.Second            // between two looks at the queue
	listen    = 100 * time.Millisecond // between two looks whether the run is to stop
	patience  = time.Minute            // for the database to come back when a run ends
	tellEvery = 400 * time.Millisecond // between two reports of progress
)

// Start begins to watch the queue. Starting twice, or after Stop, does nothing.
func (r *Runner) Start(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil || r.stopped {
		return
	}
	ctx, r.stop = context.WithCancel(ctx)
	r.done = make(chan struct{})
	if r.wake == nil {
		r.wake = make(chan struct{}, 1)
	}
	go r.watch(ctx, r.done, r.wake)
}

// Stop ends the watch, hands a run that is under way back to the queue, and waits for that. It may be called twice,
// and before Start.
func (r *Runner) Stop() {
	r.mu.Lock()
	r.stopped = true
	stop, done := r.stop, r.done
	r.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}

// Wake has the runner look at the queue at once.
func (r *Runner) Wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default: // not started, or it will look anyway
	}
}

// sighting is when a run was first seen as it is.
type sighting struct {
	run, fence, beat int64
	at               time.Time
}

func (r *Runner) watch(ctx context.Context, done, wake chan struct{}) {
	defer close(done)
	var last sighting
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		run, err := r.Queue.ActiveTraining(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && r.free(run, &last):
			r.take(ctx, run)
			last = sighting{}
		case err != nil && cifra.CodeOf(err) != cifra.NotFound:
			r.Log.WarnContext(ctx, "the queue of retrainings cannot be read", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
		}
	}
}

// free reports whether a run waits, or its trainer is gone.
func (r *Runner) free(run *cifra.TrainingRun, last *sighting) bool {
	if run.State == cifra.TrainingQueued {
		return true
	}
	now := r.Now()
	if last.run != run.ID || last.fence != run.Fence || last.beat != run.Beat {
		*last = sighting{run.ID, run.Fence, run.Beat, now}
		return false
	}
	return now.Sub(last.at) >= Lease
}

// errCancelled and errLost are why a run's context ends early.
var (
	errCancelled = errors.New("an admin cancelled the retraining")
	errLost      = errors.New("another trainer has the run")
)

// take claims a run and works on it.
func (r *Runner) take(ctx context.Context, run *cifra.TrainingRun) {
	lease, err := r.Queue.ClaimTraining(ctx, run, r.Owner)
	if err != nil {
		if cifra.CodeOf(err) != cifra.Conflict && ctx.Err() == nil {
			r.Log.WarnContext(ctx, "the retraining cannot be taken", "run", run.ID, "err", err)
		}
		return
	}
	r.Log.InfoContext(ctx, "retraining", "run", run.ID, "model", run.API, "attempt", run.Attempt+1)
	within, cancel := context.WithCancelCause(ctx)
	var alive sync.WaitGroup
	alive.Go(func() { r.keepAlive(within, cancel, lease) })
	alive.Go(func() { r.listenForCancel(within, cancel, lease) })
	j := newJob(r, run, lease)
	err = j.do(within)
	if err != nil && within.Err() != nil {
		err = context.Cause(within)
	}
	cancel(nil)
	alive.Wait()
	r.end(ctx, j, err)
}

// keepAlive gives a sign of life now and then. Where none could be given for as long as a lease lasts, the run may be
// somebody else's already.
func (r *Runner) keepAlive(ctx context.Context, cancel context.CancelCauseFunc, l cifra.Lease) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	last := r.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		stop, err := r.Queue.BeatTraining(ctx, l)
		switch {
		case err == nil && stop:
			cancel(errCancelled)
		case err == nil:
			last = r.Now()
		case cifra.CodeOf(err) == cifra.Conflict, r.Now().Sub(last) >= Lease:
			cancel(errLost)
		}
	}
}

// listenForCancel looks often whether the run is to stop; it costs one row by its key.
func (r *Runner) listenForCancel(ctx context.Context, cancel context.CancelCauseFunc, l cifra.Lease) {
	tick := time.NewTicker(listen)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if stop, err := r.Queue.TrainingCancelled(ctx, l.Run); err == nil && stop {
			cancel(errCancelled)
			return
		}
	}
}

// end writes down what became of a run. ctx may be done: then the run goes back to the queue.
func (r *Runner) end(ctx context.Context, j *job, err error) {
	stopping := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	switch {
	case err == nil:
		r.Log.InfoContext(ctx, "retraining ended", "run", j.run.ID, "state", j.run.State, "challenger", j.run.Model)
		return
	case errors.Is(err, errLost) || cifra.CodeOf(err) == cifra.Conflict && isLost(err):
		r.Log.WarnContext(ctx, "another trainer has the run", "run", j.run.ID)
		return
	case errors.Is(err, errCancelled):
		j.run.State, j.run.Reason = cifra.TrainingCancelled, "training.reason.cancelled"
	case stopping:
		if err := r.Queue.ReleaseTraining(ctx, j.lease); err != nil {
			r.Log.WarnContext(ctx, "the retraining could not be handed back", "run", j.run.ID, "err", err)
		}
		return
	default:
		r.Log.ErrorContext(ctx, "the retraining failed", "run", j.run.ID, "err", err)
		j.run.State, j.run.Reason = cifra.TrainingFailed, reasonOf(err)
	}
	j.run.Model, j.run.Gate = "", nil
	if err := j.finish(ctx, cifra.Audit{}); err != nil {
		r.Log.ErrorContext(ctx, "the end of the retraining could not be kept", "run", j.run.ID, "err", err)
	}
}

func isLost(err error) bool {
	known, ok := errors.AsType[*cifra.Error](err)
	return ok && known.Key == "error.training.lost"
}

// reasonOf is what people are told: a message key, or the program's own words where there is none.
func reasonOf(err error) string {
	if known, ok := errors.AsType[*cifra.Error](err); ok {
		return known.Key
	}
	return "training.reason.failed"
}
