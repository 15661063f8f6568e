package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cifra"
)

// retentionBatch is how many predictions one transaction deletes, so that writers never wait long for it.
const retentionBatch = 200

// DeletePredictionsBefore deletes the predictions that were made before t and of which nobody has said whether they are right, with their pictures where nothing else refers
// to them, and returns how many they were. It goes on in small transactions until none is left or ctx ends.
func (db *DB) DeletePredictionsBefore(ctx context.Context, t time.Time) (total int64, err error) {
	for {
		n, err := db.deleteBatchBefore(ctx, stamp(t))
		total += n
		if err != nil || n < retentionBatch {
			return total, err
		}
	}
}

func (db *DB) deleteBatchBefore(ctx context.Context, before time.Time) (n int64, err error) {
	err = db.change(ctx, "retention", func(ctx context.Context, t *tx) error {
		old := t.NewSelect().Model((*predictionRow)(nil)).Column("id").Where("created_at < ?", before).
			Where("NOT EXISTS (SELECT 1 FROM feedback WHERE prediction_id = ?TableAlias.id AND state <> ?)", cifra.FeedbackWithdrawn).
			Order("created_at", "id").Limit(retentionBatch)
		if db.isPostgres() {
			old = old.For("UPDATE SKIP LOCKED") // another instance keeps house too
		}
		var images []imageKey
		err := t.NewDelete().Model((*predictionRow)(nil)).Where("id IN (?)", old).
			Returning("image_hash, preparation").Scan(ctx, &images)
		if err != nil {
			return err
		}
		n = int64(len(images))
		// Each once, and always in one order, so that two of these never wait for each other in a circle.
		slices.SortFunc(images, func(a, b imageKey) int {
			return cmp.Or(cmp.Compare(a.ImageHash, b.ImageHash), cmp.Compare(a.Preparation, b.Preparation))
		})
		for _, image := range slices.Compact(images) {
			if err := t.dropImage(ctx, image.ImageHash, image.Preparation); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// imageKey is what a prediction's row says of its picture.
type imageKey struct{ ImageHash, Preparation string }
