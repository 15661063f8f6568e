package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"cifra"
)

// Prediction returns the prediction with this id and its picture, or NotFound. Whose it is, the caller checks.
func (db *DB) Prediction(ctx context.Context, id string) (*cifra.Recognition, error) {
	var row predictionRow
	var image imageRow
	err := db.view(ctx, "prediction", func(ctx context.Context, q bun.IDB) error {
		if err := q.NewSelect().Model(&row).Where("id = ?", clean(id)).Scan(ctx); err != nil {
			return err
		}
		// If both are deleted in between, there is no picture: not found, as a moment later.
		return q.NewSelect().Model(&image).Where("hash = ?", row.ImageHash).Where("preparation = ?", row.Preparation).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	p, err := row.prediction()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	pic, err := image.picture()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &cifra.Recognition{Prediction: *p, Picture: *pic}, nil
}

// DeletePrediction removes a prediction, with an audit row, and its picture where no other prediction is about it.
// One that is not there is NotFound. Whose it is, the caller checks.
func (db *DB) DeletePrediction(ctx context.Context, id string, a cifra.Audit) error {
	return db.change(ctx, "delete prediction", func(ctx context.Context, t *tx) error {
		gone, err := t.drop(ctx, t.NewSelect().Where("id = ?", clean(id)))
		if err != nil {
			return err
		}
		if len(gone) == 0 {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		return t.audit(ctx, a)
	})
}

// ClaimGuest makes a guest's predictions those of the user that the guest has signed in as, and returns how many
// they were. A user who does not exist is NotFound.
func (db *DB) ClaimGuest(ctx context.Context, guest string, userID int64) (n int64, err error) {
	if guest = clean(guest); guest == "" {
		return 0, nil
	}
	err = db.change(ctx, "claim guest", func(ctx context.Context, t *tx) error {
		// Always in one order, so that two claims of one guest do not wait for each other in a circle.
		own := t.NewSelect().Model((*predictionRow)(nil)).Column("id").Where("guest = ?", guest).Order("id")
		if db.isPostgres() {
			own = own.For("UPDATE")
		}
		res, err := t.NewUpdate().Model((*predictionRow)(nil)).
			Set("user_id = ?", userID).Set("guest = NULL").Where("id IN (?)", own).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil {
			return err
		}
		// What they said goes with them. Its place in the order of requests stays the guest's: that name is used up.
		_, err = t.NewUpdate().Model((*feedbackRow)(nil)).Set("user_id = ?", userID).Set("guest = NULL").
			Set("owner = ?", owner(userID, "")).Set("idempotency = NULL").Where("owner = ?", owner(0, guest)).Exec(ctx)
		return err
	})
	return n, err
}
