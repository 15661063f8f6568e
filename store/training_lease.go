package store

import (
	"context"

	"github.com/uptrace/bun"

	"cifra"
)

// lost is what a trainer gets whose run another one has, or that is finished.
func lost() error { return cifra.E(cifra.Conflict, "error.training.lost") }

// held returns an update of the run, if the lease still holds.
func (t *tx) held(l cifra.Lease) *bun.UpdateQuery {
	return t.NewUpdate().Model((*trainingRow)(nil)).Where("id = ?", l.Run).Where("fence = ?", l.Fence).Where("active").
		Set("updated_at = ?", stamp(t.db.now()))
}

// one runs an update that must find its row.
func (t *tx) one(ctx context.Context, q *bun.UpdateQuery) error {
	res, err := q.Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return lost()
}

// ClaimTraining gives the run that seen shows to owner, if it is still as seen: of several who see a run without
// a sign of life only one gets it. Conflict, "error.training.lost", for the others. Whoever had it before
// may change nothing from then on.
func (db *DB) ClaimTraining(ctx context.Context, seen *cifra.TrainingRun, owner string) (cifra.Lease, error) {
	l := cifra.Lease{Run: seen.ID, Fence: seen.Fence + 1}
	err := db.change(ctx, "claim training", func(ctx context.Context, t *tx) error {
		q := t.held(seen.Lease()).Where("beat = ?", seen.Beat).
			Set("fence = fence + 1").Set("beat = beat + 1").Set("attempt = attempt + 1").Set("owner = ?", clean(owner)).
			Set("state = ?", string(cifra.TrainingPreparing)).Set("started_at = coalesce(started_at, ?)", stamp(db.now()))
		if err := t.one(ctx, q); err != nil {
			return err
		}
		return t.progress(ctx, l.Run)
	})
	return l, err
}

// BeatTraining is a sign of life. It returns whether somebody wants the run to stop, or Conflict,
// "error.training.lost", where the lease is gone.
func (db *DB) BeatTraining(ctx context.Context, l cifra.Lease) (cancel bool, err error) {
	err = db.change(ctx, "beat training", func(ctx context.Context, t *tx) error {
		if err := t.one(ctx, t.held(l).Set("beat = beat + 1")); err != nil {
			return err
		}
		return t.NewSelect().Model((*trainingRow)(nil)).Column("cancel").Where("id = ?", l.Run).Scan(ctx, &cancel)
	})
	return cancel, err
}

// TrainingCancelled reports whether somebody wants the run to stop. It only reads.
func (db *DB) TrainingCancelled(ctx context.Context, id int64) (cancel bool, err error) {
	err = db.view(ctx, "training cancelled", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model((*trainingRow)(nil)).Column("cancel").Where("id = ?", id).Scan(ctx, &cancel)
	})
	return cancel, err
}

// SetTraining keeps where the trainer with the lease stands (state, progress, epochs, parent, data, curve), and tells
// it. It is a sign of life, too. Conflict, "error.training.lost", where the lease is gone.
func (db *DB) SetTraining(ctx context.Context, l cifra.Lease, r *cifra.TrainingRun) error {
	data, err := toJSON(r.Data)
	if err != nil {
		return err
	}
	curve, err := toJSON(notNilCurve(r.Curve))
	if err != nil {
		return err
	}
	return db.change(ctx, "set training", func(ctx context.Context, t *tx) error {
		q := t.held(l).Set("beat = beat + 1").Set("state = ?", string(r.State)).Set("progress = ?", r.Progress).
			Set("epoch = ?", r.Epoch).Set("epochs = ?", r.Epochs).Set("parent = ?", clean(r.Parent)).
			Set("data = ?", data).Set("curve = ?", curve)
		if err := t.one(ctx, q); err != nil {
			return err
		}
		return t.progress(ctx, l.Run)
	})
}

func notNilCurve(c []cifra.TrainingPoint) []cifra.TrainingPoint {
	if c == nil {
		return []cifra.TrainingPoint{}
	}
	return c
}

// ReleaseTraining puts a run back into the queue, for another trainer to go on with at once. The attempt that ends
// so doesn't count.
func (db *DB) ReleaseTraining(ctx context.Context, l cifra.Lease) error {
	return db.change(ctx, "release training", func(ctx context.Context, t *tx) error {
		q := t.held(l).Set("beat = beat + 1").Set("state = ?", string(cifra.TrainingQueued)).Set("owner = ''").Set("attempt = attempt - 1")
		if err := t.one(ctx, q); err != nil {
			return err
		}
		return t.progress(ctx, l.Run)
	})
}
