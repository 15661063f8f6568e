package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cifra"
	"cifra/digit"
)

func (j *job) examine(ctx context.Context, challenger *digit.Model) error {
	champion, err := load(j.champion)
	if err != nil {
		return err
	}
	j.run.Gate, err = examine(ctx, champion, challenger, j.exam, func(share float64) { j.tell(ctx, trained+(1-trained)*share) })
	return err
}

// decide follows the verdict.
func (j *job) decide(ctx context.Context) error {
	a := cifra.Audit{Username: j.run.By, Action: cifra.ActionPromote, Details: fmt.Sprintf("model=%s run=%d verdict=%s", j.run.Model, j.run.ID, j.run.Gate.Verdict)}
	switch {
	case j.run.Model == j.run.Parent:
		j.run.State, j.run.Reason = cifra.TrainingRejected, "training.reason.same"
	case j.run.Gate.Verdict == cifra.VerdictRefuse:
		j.run.State, j.run.Reason = cifra.TrainingRejected, "training.reason.gate"
	case j.run.Gate.Verdict == cifra.VerdictWait:
		j.run.State, j.run.Reason = cifra.TrainingAwaiting, "training.reason.wait"
	case !j.run.Promote:
		j.run.State, j.run.Reason = cifra.TrainingAwaiting, "training.reason.asked"
	default:
		if err := j.Models.crown(ctx, j.run.API); err != nil {
			return err
		}
		j.run.State, j.run.Reason = cifra.TrainingPromoted, "training.reason.passed"
	}
	err := j.finish(ctx, a)
	if known, ok := errors.AsType[*cifra.Error](err); ok && known.Key == "error.training.champion" {
		// Somebody promoted another version meanwhile: what was measured was not against that one.
		j.run.State, j.run.Reason = cifra.TrainingAwaiting, "training.reason.champion"
		err = j.finish(ctx, a)
	}
	if err == nil && j.run.State == cifra.TrainingPromoted {
		j.Models.promoted(ctx, j.run.API, j.run.Model)
	}
	return err
}

// finish keeps the end of the run. Where the database is away it waits for it, as long as the run may still be ours.
func (j *job) finish(ctx context.Context, a cifra.Audit) error {
	start := j.Now()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := j.Queue.FinishTraining(ctx, j.lease, j.run, a)
		if cifra.CodeOf(err) != cifra.Unavailable || j.Now().Sub(start) > patience {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// move enters the next state.
func (j *job) move(ctx context.Context, state cifra.TrainingState, progress float64) error {
	j.run.State = state
	return j.report(ctx, progress)
}

// tell reports progress, but not more often than people can read. A database that is away for a moment doesn't end a
// run; a lease that is gone ends it through the watch.
func (j *job) tell(ctx context.Context, progress float64) {
	if j.Now().Sub(j.told) < tellEvery {
		return
	}
	if err := j.report(ctx, progress); err != nil && ctx.Err() == nil {
		j.Log.WarnContext(ctx, "the progress could not be kept", "run", j.run.ID, "err", err)
	}
}

func (j *job) report(ctx context.Context, progress float64) error {
	j.told = j.Now()
	j.run.Progress = max(j.run.Progress, progress)
	return j.Queue.SetTraining(ctx, j.lease, j.run)
}
