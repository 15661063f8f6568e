package store

import (
	"context"

	"github.com/uptrace/bun"

	"cifra"
)

type checkpointRow struct {
	bun.BaseModel `bun:"table:training_checkpoints"`

	RunID int64  `bun:"run_id,pk"`
	Epoch int    `bun:"epoch"`
	Curve string `bun:"curve"`
	State []byte `bun:"state"`
}

type trainingImageRow struct {
	bun.BaseModel `bun:"table:training_images"`

	RunID     int64  `bun:"run_id,pk"`
	ImageHash string `bun:"image_hash,pk"`
	Label     int    `bun:"label"`
}

// SaveCheckpoint keeps where a training can go on from after the epoch, in the place of the one before. curve is the
// trainer's own. Conflict, "error.training.lost", where the lease is gone.
func (db *DB) SaveCheckpoint(ctx context.Context, l cifra.Lease, epoch int, curve any, state []byte) error {
	text, err := toJSON(curve)
	if err != nil {
		return err
	}
	return db.change(ctx, "save checkpoint", func(ctx context.Context, t *tx) error {
		if err := t.one(ctx, t.held(l).Set("beat = beat + 1")); err != nil {
			return err
		}
		_, err := t.NewInsert().Model(&checkpointRow{RunID: l.Run, Epoch: epoch, Curve: text, State: notNil(state)}).
			On("CONFLICT (run_id) DO UPDATE").Set("epoch = EXCLUDED.epoch").Set("curve = EXCLUDED.curve").
			Set("state = EXCLUDED.state").Exec(ctx)
		return err
	})
}

// Checkpoint returns the last one of a run, with its curve in curve, or NotFound.
func (db *DB) Checkpoint(ctx context.Context, run int64, curve any) (epoch int, state []byte, err error) {
	var row checkpointRow
	err = db.view(ctx, "checkpoint", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where("run_id = ?", run).Scan(ctx)
	})
	if err != nil {
		return 0, nil, err
	}
	return row.Epoch, row.State, fromJSON(row.Curve, curve)
}

// SetTrainingImages keeps which pictures a run learns from, by hash, with their labels, in the place of what was kept
// of an earlier attempt. Conflict, "error.training.lost", where the lease is gone.
func (db *DB) SetTrainingImages(ctx context.Context, l cifra.Lease, images map[string]int) error {
	return db.change(ctx, "set training images", func(ctx context.Context, t *tx) error {
		if err := t.one(ctx, t.held(l).Set("beat = beat + 1")); err != nil {
			return err
		}
		if _, err := t.NewDelete().Model((*trainingImageRow)(nil)).Where("run_id = ?", l.Run).Exec(ctx); err != nil {
			return err
		}
		rows := make([]trainingImageRow, 0, maxTrainingRows)
		for hash, label := range images {
			rows = append(rows, trainingImageRow{RunID: l.Run, ImageHash: clean(hash), Label: label})
			if len(rows) < maxTrainingRows {
				continue
			}
			if _, err := t.NewInsert().Model(&rows).Exec(ctx); err != nil {
				return err
			}
			rows = rows[:0]
		}
		if len(rows) == 0 {
			return nil
		}
		_, err := t.NewInsert().Model(&rows).Exec(ctx)
		return err
	})
}

// maxTrainingRows is how many rows one statement inserts.
const maxTrainingRows = 1000

// TrainingImages returns, by hash, the labels that a run learnt, for the run whose challenger is the model; none
// where no run made it.
func (db *DB) TrainingImages(ctx context.Context, model string) (map[string]int, error) {
	var rows []trainingImageRow
	err := db.view(ctx, "training images", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).
			Where("run_id IN (?)", q.NewSelect().Model((*trainingRow)(nil)).Column("id").Where("model = ?", clean(model))).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	images := make(map[string]int, len(rows))
	for _, r := range rows {
		images[r.ImageHash] = r.Label
	}
	return images, nil
}
