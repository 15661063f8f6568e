package store

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"cifra"
)

// StoredUploads returns the n latest pictures that somebody asked about, without their thumbnails, the latest
// first.
func (db *DB) StoredUploads(ctx context.Context, n int) ([]cifra.StoredUpload, error) {
	var rows []imageRow
	err := db.view(ctx, "stored uploads", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).ExcludeColumn("thumbnail").Order("created_at DESC", "hash").Limit(int64(n)).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	said, err := db.saidOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	uploads := make([]cifra.StoredUpload, 0, len(rows))
	for _, r := range rows {
		p, err := r.picture()
		if err != nil {
			return nil, err
		}
		u := cifra.StoredUpload{Picture: *p, Label: cifra.NoLabel}
		if f, ok := said[r.Hash]; ok {
			u.Label, u.Corrected = f.Label, f.Corrected
		}
		uploads = append(uploads, u)
	}
	return uploads, nil
}

// saidRow is what people said of a picture.
type saidRow struct {
	ImageHash string `bun:"image_hash"`
	Label     int    `bun:"label"`
	Corrected bool   `bun:"corrected"`
}

// saidOf returns, by hash, the last thing that was said of each picture, and whether anything that counts said that
// an answer was wrong.
func (db *DB) saidOf(ctx context.Context, images []imageRow) (map[string]saidRow, error) {
	said := map[string]saidRow{}
	for part := range slices.Chunk(images, pictureBatch) {
		hashes := make([]string, 0, len(part))
		for _, r := range part {
			hashes = append(hashes, r.Hash)
		}
		var rows []saidRow
		err := db.view(ctx, "said of uploads", func(ctx context.Context, q bun.IDB) error {
			return q.NewRaw(`SELECT p.image_hash, CASE WHEN f.decided >= 0 THEN f.decided ELSE f.label END AS label, NOT f.correct AS corrected
				FROM feedback f JOIN predictions p ON p.id = f.prediction_id
				WHERE f.state IN (?) AND p.image_hash IN (?) ORDER BY f.id`, bun.List(counting), bun.List(hashes)).Scan(ctx, &rows)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			r.Corrected = r.Corrected || said[r.ImageHash].Corrected
			said[r.ImageHash] = r
		}
	}
	return said, nil
}

// PictureViews returns, by hash, what a model saw first of those of the pictures that are still there.
func (db *DB) PictureViews(ctx context.Context, hashes []string) (map[string][]byte, error) {
	views := make(map[string][]byte, len(hashes))
	if len(hashes) == 0 {
		return views, nil
	}
	var rows []imageRow
	err := db.view(ctx, "picture views", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Column("hash", "views").Where("hash IN (?)", bun.List(hashes)).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if len(r.Views) >= cifra.Pixels {
			views[r.Hash] = r.Views[:cifra.Pixels]
		}
	}
	return views, nil
}
