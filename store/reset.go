package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type resetRow struct {
	bun.BaseModel `bun:"table:resets"`

	UserID    int64     `bun:"user_id,pk"`
	Hash      []byte    `bun:"hash"`
	ExpiresAt time.Time `bun:"expires_at"`
}

// AddReset keeps, until a time, the SHA-256 of a code with which a user's password may be set once, in place of the one
// before, with an audit row. A user who does not exist is NotFound.
func (db *DB) AddReset(ctx context.Context, userID int64, hash []byte, until time.Time, a cifra.Audit) error {
	row := resetRow{UserID: userID, Hash: hash, ExpiresAt: stamp(until)}
	return db.change(ctx, "add reset", func(ctx context.Context, t *tx) error {
		_, err := t.NewInsert().Model(&row).On("CONFLICT (user_id) DO UPDATE").
			Set("hash = EXCLUDED.hash").Set("expires_at = EXCLUDED.expires_at").Exec(ctx)
		if err != nil {
			return err
		}
		return t.audit(ctx, a)
	})
}

// UserOfReset returns whose password the code with this SHA-256 sets: NotFound where it was used, replaced, never was or is
// too old, and for a disabled account.
func (db *DB) UserOfReset(ctx context.Context, hash []byte) (*cifra.User, error) {
	var row userRow
	err := db.view(ctx, "user of reset", func(ctx context.Context, q bun.IDB) error {
		valid := q.NewSelect().Model((*resetRow)(nil)).Column("user_id").Where("hash = ?", hash).Where("expires_at > ?", stamp(db.now()))
		return q.NewSelect().Model(&row).Where("id IN (?)", valid).Where("NOT disabled").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	return row.user(), nil
}

// UseReset sets the password, as its hash, of the user whose code has this SHA-256, ends their sessions and the code, with
// an audit row. Of any number of callers at once one does; the others get NotFound, as in [DB.UserOfReset].
func (db *DB) UseReset(ctx context.Context, hash []byte, passwordHash string, a cifra.Audit) error {
	return db.change(ctx, "use reset", func(ctx context.Context, t *tx) error {
		var used []int64
		err := t.NewDelete().Model((*resetRow)(nil)).Where("hash = ?", hash).Where("expires_at > ?", stamp(db.now())).
			Returning("user_id").Scan(ctx, &used)
		if err != nil {
			return err
		}
		if len(used) == 0 {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		if _, err := t.NewDelete().Model((*sessionRow)(nil)).Where("user_id = ?", used[0]).Exec(ctx); err != nil {
			return err
		}
		return t.setUser(ctx, used[0], "password_hash", clean(passwordHash), a)
	})
}
