package store

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions"`

	TokenHash []byte    `bun:"token_hash,pk"`
	UserID    *int64    `bun:"user_id"`
	Data      []byte    `bun:"data"`
	Expiry    time.Time `bun:"expiry"`
}

// FindSession returns a session's data by the SHA-256 of its token. One that is absent or expired is not found,
// which is no error.
func (db *DB) FindSession(ctx context.Context, tokenHash []byte) (data []byte, found bool, err error) {
	var row sessionRow
	err = db.view(ctx, "find session", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where("token_hash = ?", tokenHash).Where("expiry > ?", stamp(db.now())).Scan(ctx)
	})
	switch {
	case cifra.CodeOf(err) == cifra.NotFound:
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return row.Data, true, nil
}

// CommitSession keeps a session under the SHA-256 of its token until expiry, in place of what was there.
// userID is whose it is, 0 for a guest; a user who does not exist (any more) is NotFound.
func (db *DB) CommitSession(ctx context.Context, tokenHash []byte, userID int64, data []byte, expiry time.Time) error {
	row := sessionRow{TokenHash: tokenHash, UserID: null(userID), Data: notNil(data), Expiry: stamp(expiry)}
	return db.put(ctx, "commit session", func(ctx context.Context, q bun.IDB) error {
		_, err := q.NewInsert().Model(&row).On("CONFLICT (token_hash) DO UPDATE").
			Set("user_id = EXCLUDED.user_id").Set("data = EXCLUDED.data").Set("expiry = EXCLUDED.expiry").Exec(ctx)
		return err
	})
}

// DeleteSession removes a session. One that is not there is no error.
func (db *DB) DeleteSession(ctx context.Context, tokenHash []byte) error {
	return db.put(ctx, "delete session", func(ctx context.Context, q bun.IDB) error {
		_, err := q.NewDelete().Model((*sessionRow)(nil)).Where("token_hash = ?", tokenHash).Exec(ctx)
		return err
	})
}

// DeleteUserSessions signs a user out everywhere, and returns how many sessions that ended.
func (db *DB) DeleteUserSessions(ctx context.Context, userID int64) (int64, error) {
	return db.remove(ctx, "delete user sessions", (*sessionRow)(nil), "user_id = ?", userID)
}

// AllSessions returns the data of every session that has not expired, by the hex SHA-256 of its token.
func (db *DB) AllSessions(ctx context.Context) (map[string][]byte, error) {
	var rows []sessionRow
	err := db.view(ctx, "all sessions", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Where("expiry > ?", stamp(db.now())).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	all := make(map[string][]byte, len(rows))
	for _, r := range rows {
		all[hex.EncodeToString(r.TokenHash)] = r.Data
	}
	return all, nil
}

// DeleteExpired removes sessions, revoked tokens and codes whose time is over, and returns how many they were.
func (db *DB) DeleteExpired(ctx context.Context) (int64, error) {
	now := stamp(db.now())
	sessions, err := db.remove(ctx, "delete expired sessions", (*sessionRow)(nil), "expiry <= ?", now)
	if err != nil {
		return 0, err
	}
	tokens, err := db.remove(ctx, "delete expired tokens", (*revokedRow)(nil), "expires_at <= ?", now)
	if err != nil {
		return sessions, err
	}
	// Personal tokens stay in their owner's list for a month after, so that it is seen why a program is refused.
	personal, err := db.remove(ctx, "delete expired personal tokens", (*tokenRow)(nil), "expires_at <= ?", now.AddDate(0, -1, 0))
	if err != nil {
		return sessions + tokens, err
	}
	resets, err := db.remove(ctx, "delete expired resets", (*resetRow)(nil), "expires_at <= ?", now)
	return sessions + tokens + personal + resets, err
}

// remove deletes the rows of model's table where the condition holds, and counts them.
func (db *DB) remove(ctx context.Context, what string, model any, where string, arg any) (n int64, err error) {
	err = db.put(ctx, what, func(ctx context.Context, q bun.IDB) error {
		res, err := q.NewDelete().Model(model).Where(where, arg).Exec(ctx)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, err
}
