package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

type metaRow struct {
	bun.BaseModel `bun:"table:meta"`

	Key       string    `bun:"key,pk"`
	Value     string    `bun:"value"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// Meta returns a small value that all instances share, such as the hash of the setup code, or NotFound.
func (db *DB) Meta(ctx context.Context, key string) (string, error) {
	var row metaRow
	err := db.view(ctx, "meta", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where("key = ?", clean(key)).Scan(ctx)
	})
	return row.Value, err
}

// SetMeta keeps a small value in place of what was there.
func (db *DB) SetMeta(ctx context.Context, key, value string) error {
	row := metaRow{Key: clean(key), Value: clean(value), UpdatedAt: stamp(db.now())}
	return db.put(ctx, "set meta", func(ctx context.Context, q bun.IDB) error {
		_, err := q.NewInsert().Model(&row).On("CONFLICT (key) DO UPDATE").
			Set("value = EXCLUDED.value").Set("updated_at = EXCLUDED.updated_at").Exec(ctx)
		return err
	})
}

// DeleteMeta removes a small value. One that is not there is no error.
func (db *DB) DeleteMeta(ctx context.Context, key string) error {
	_, err := db.remove(ctx, "delete meta", (*metaRow)(nil), "key = ?", clean(key))
	return err
}
