package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"
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

// TokenRevoked reports whether the sign-in token with this id was revoked. On an error nobody knows:
// the token is to be refused.
func (db *DB) TokenRevoked(ctx context.Context, jti string) (revoked bool, err error) {
	err = db.view(ctx, "token revoked", func(ctx context.Context, q bun.IDB) error {
		revoked, err = q.NewSelect().Model((*revokedRow)(nil)).Where("jti = ?", clean(jti)).Exists(ctx)
		return err
	})
	return revoked, err
}
