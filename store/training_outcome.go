package store

import (
	"context"
	"strconv"

	"cifra"
)

// FinishTraining ends a run in r's state, with its challenger (r.Model), reason and gate, and tells it. Where the
// state is promoted, the challenger becomes the champion in the same transaction, if r.Parent is still the champion
// ("" for none); else Conflict, "error.training.champion". An awaiting run is finished, too: an admin decides what
// becomes of its challenger. Conflict, "error.training.lost", where the lease is gone.
func (db *DB) FinishTraining(ctx context.Context, l cifra.Lease, r *cifra.TrainingRun, a cifra.Audit) error {
	curve, err := toJSON(notNilCurve(r.Curve))
	if err != nil {
		return err
	}
	var gate *string
	if r.Gate != nil {
		text, err := toJSON(r.Gate)
		if err != nil {
			return err
		}
		gate = &text
	}
	return db.change(ctx, "finish training", func(ctx context.Context, t *tx) error {
		progress := r.Progress
		if r.Model != "" {
			progress = 1
		}
		q := t.held(l).Set("beat = beat + 1").Set("state = ?", string(r.State)).Set("active = ?", false).Set("owner = ''").
			Set("model = ?", clean(r.Model)).Set("reason = ?", clip(r.Reason, maxDetails)).Set("progress = ?", progress).
			Set("curve = ?", curve).Set("gate = ?", gate).Set("finished_at = ?", stamp(db.now()))
		if err := t.one(ctx, q); err != nil {
			return err
		}
		if _, err := t.NewDelete().Model((*checkpointRow)(nil)).Where("run_id = ?", l.Run).Exec(ctx); err != nil {
			return err
		}
		if r.State == cifra.TrainingPromoted {
			if err := t.promote(ctx, r.API, r.Model, &r.Parent, r.Reason, a); err != nil {
				return err
			}
		}
		return t.progress(ctx, l.Run)
	})
}

// CancelTraining asks for a run to stop. One that waits in the queue is cancelled at once; one that a trainer has
// stops when the trainer hears of it. Conflict, "error.training.over", where it is finished already; NotFound where
// there is none.
func (db *DB) CancelTraining(ctx context.Context, id int64, a cifra.Audit) error {
	return db.change(ctx, "cancel training", func(ctx context.Context, t *tx) error {
		row, err := t.training(ctx, id)
		if err != nil {
			return err
		}
		if !row.Active {
			return cifra.E(cifra.Conflict, "error.training.over")
		}
		q := t.NewUpdate().Model((*trainingRow)(nil)).Where("id = ?", id).Set("cancel = ?", true).Set("updated_at = ?", stamp(db.now()))
		if row.State == string(cifra.TrainingQueued) {
			q.Set("state = ?", string(cifra.TrainingCancelled)).Set("active = ?", false).Set("fence = fence + 1").
				Set("reason = ?", "training.reason.cancelled").Set("finished_at = ?", stamp(db.now()))
			if _, err := t.NewDelete().Model((*checkpointRow)(nil)).Where("run_id = ?", id).Exec(ctx); err != nil {
				return err
			}
		}
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
		a.Details = "id=" + strconv.FormatInt(id, 10)
		if err := t.audit(ctx, a); err != nil {
			return err
		}
		return t.progress(ctx, id)
	})
}

// DiscardTraining rejects the challenger of a run that waits for an admin. Conflict, "error.training.over", where it
// doesn't; NotFound where there is none.
func (db *DB) DiscardTraining(ctx context.Context, id int64, reason string, a cifra.Audit) error {
	return db.change(ctx, "discard training", func(ctx context.Context, t *tx) error {
		row, err := t.training(ctx, id)
		if err != nil {
			return err
		}
		if row.State != string(cifra.TrainingAwaiting) {
			return cifra.E(cifra.Conflict, "error.training.over")
		}
		_, err = t.NewUpdate().Model((*trainingRow)(nil)).Where("id = ?", id).Set("state = ?", string(cifra.TrainingRejected)).
			Set("reason = ?", clip(reason, maxDetails)).Set("updated_at = ?", stamp(db.now())).Exec(ctx)
		if err != nil {
			return err
		}
		a.Details = "id=" + strconv.FormatInt(id, 10) + " challenger=" + row.Model + " reason=" + reason
		if err := t.audit(ctx, a); err != nil {
			return err
		}
		return t.progress(ctx, id)
	})
}

// training returns a run's row, which no other transaction changes until this one ends.
func (t *tx) training(ctx context.Context, id int64) (*trainingRow, error) {
	var row trainingRow
	q := t.NewSelect().Model(&row).Where("id = ?", id)
	if t.db.isPostgres() {
		q.For("UPDATE")
	}
	return &row, q.Scan(ctx)
}

// promotedByHand ends the wait of the runs whose challenger an admin promotes.
func (t *tx) promotedByHand(ctx context.Context, model, reason string) error {
	var rows []trainingRow
	err := t.NewSelect().Model(&rows).Column("id").Where("model = ?", model).
		Where("state IN (?, ?)", string(cifra.TrainingAwaiting), string(cifra.TrainingRejected)).Scan(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		_, err := t.NewUpdate().Model((*trainingRow)(nil)).Where("id = ?", r.ID).Set("state = ?", string(cifra.TrainingPromoted)).
			Set("reason = ?", clip(reason, maxDetails)).Set("updated_at = ?", stamp(t.db.now())).Exec(ctx)
		if err != nil {
			return err
		}
		if err := t.progress(ctx, r.ID); err != nil {
			return err
		}
	}
	return nil
}
