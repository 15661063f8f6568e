package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type tokenRow struct {
	bun.BaseModel `bun:"table:tokens"`

	ID        string    `bun:"id,pk"`
	UserID    int64     `bun:"user_id"`
	Name      string    `bun:"name"`
	Hash      []byte    `bun:"hash"`
	CreatedAt time.Time `bun:"created_at"`
	ExpiresAt time.Time `bun:"expires_at"`
}

func (r *tokenRow) token() cifra.Token {
	return cifra.Token{ID: r.ID, UserID: r.UserID, Name: r.Name, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC()}
}

// AddToken keeps a personal token under its SHA-256, with an audit row, and sets its CreatedAt where that is zero.
// A user who does not exist is NotFound.
func (db *DB) AddToken(ctx context.Context, t *cifra.Token, hash []byte, a cifra.Audit) error {
	if t.CreatedAt.IsZero() {
		t.CreatedAt = db.now()
	}
	row := tokenRow{
		ID: clean(t.ID), UserID: t.UserID, Name: clean(t.Name), Hash: hash, CreatedAt: stamp(t.CreatedAt), ExpiresAt: stamp(t.ExpiresAt),
	}
	return db.change(ctx, "add token", func(ctx context.Context, tx *tx) error {
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return tx.audit(ctx, a)
	})
}

// TokensOf returns a user's personal tokens, newest first, those that have expired too.
func (db *DB) TokensOf(ctx context.Context, userID int64) ([]cifra.Token, error) {
	var rows []tokenRow
	err := db.view(ctx, "tokens", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Where("user_id = ?", userID).Order("created_at DESC", "id").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	tokens := make([]cifra.Token, 0, len(rows))
	for _, r := range rows {
		tokens = append(tokens, r.token())
	}
	return tokens, nil
}

// TokenByHash returns the personal token with this SHA-256, expired or not, or NotFound.
func (db *DB) TokenByHash(ctx context.Context, hash []byte) (*cifra.Token, error) {
	var row tokenRow
	err := db.view(ctx, "token", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where("hash = ?", hash).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	t := row.token()
	return &t, nil
}

// DeleteTokens ends a user's personal token, all of them where id is empty, with an audit row, and returns how many
// that were. Where it is none nothing is written.
func (db *DB) DeleteTokens(ctx context.Context, userID int64, id string, a cifra.Audit) (n int64, err error) {
	err = db.change(ctx, "delete tokens", func(ctx context.Context, t *tx) error {
		d := t.NewDelete().Model((*tokenRow)(nil)).Where("user_id = ?", userID)
		if id != "" {
			d.Where("id = ?", clean(id))
		}
		res, err := d.Exec(ctx)
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return t.audit(ctx, a)
	})
	return n, err
}
