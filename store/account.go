package store

import (
	"context"

	"github.com/uptrace/bun"

	"cifra"
)

// RenewPassword replaces the hash old of an account's password by another hash of the same password, made with
// other costs. Where the hash is not old any more, it is a Conflict and nothing changes: somebody set another password.
func (db *DB) RenewPassword(ctx context.Context, id int64, old, hash string) error {
	return db.change(ctx, "renew password", func(ctx context.Context, t *tx) error {
		res, err := t.NewUpdate().Model((*userRow)(nil)).Set("password_hash = ?", clean(hash)).
			Where("id = ?", id).Where("password_hash = ?", clean(old)).Exec(ctx)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err == nil && n == 0 {
			return cifra.E(cifra.Conflict, "error.conflict")
		}
		return err
	})
}

// KeepMeta keeps a small value, unless there is one under this key already, and returns what is kept then.
// Of any number of callers at once all get the same.
func (db *DB) KeepMeta(ctx context.Context, key, value string) (kept string, err error) {
	row := metaRow{Key: clean(key), Value: clean(value), UpdatedAt: stamp(db.now())}
	err = db.put(ctx, "keep meta", func(ctx context.Context, q bun.IDB) error {
		_, err := q.NewInsert().Model(&row).On("CONFLICT (key) DO NOTHING").Exec(ctx)
		return err
	})
	if err != nil {
		return "", err
	}
	return db.Meta(ctx, key)
}
