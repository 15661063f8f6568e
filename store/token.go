package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type revokedRow struct {
	bun.BaseModel `bun:"table:revoked_tokens"`

	JTI       string    `bun:"jti,pk"`
	ExpiresAt time.Time `bun:"expires_at"`
}

// RevokeToken refuses the sign-in token with this id from now on. It is remembered until the token would have
// expired anyway. Revoking it again changes nothing.
func (db *DB) RevokeToken(ctx context.Context, jti string, expires time.Time) error {
	row := revokedRow{JTI: clean(jti), ExpiresAt: stamp(expires)}
	return db.put(ctx, "revoke token", func(ctx context.Context, q bun.IDB) error {
		_, err := q.NewInsert().Model(&row).On("CONFLICT (jti) DO NOTHING").Exec(ctx)
		return err
	})
}

// holderRow is an account and what was found of its token.
type holderRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`
	userRow

	Revoked bool `bun:"revoked,scanonly"`
}

// TokenHolder returns the account that a sign-in token belongs to, and whether the token with this id was revoked, by
// one statement: both are asked for every call. No such account is NotFound. On another error nobody knows: the token
// is to be refused.
func (db *DB) TokenHolder(ctx context.Context, user int64, jti string) (u *cifra.User, revoked bool, err error) {
	var row holderRow
	err = db.view(ctx, "token holder", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).ColumnExpr("?TableColumns").
			ColumnExpr("EXISTS (?) AS revoked", q.NewSelect().Model((*revokedRow)(nil)).ColumnExpr("1").Where("jti = ?", clean(jti))).
			Where("u.id = ?", user).Scan(ctx)
	})
	if err != nil {
		return nil, false, err
	}
	return row.user(), row.Revoked, nil
}
