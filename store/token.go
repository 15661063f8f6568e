package store

import (
	"context"
	"fmt"
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

// held names a user's token; without a jti, their sessions.
type held struct {
	user int64
	jti  string
}

// asked is the question who holds a token or a session, and what was found.
type asked struct {
	held
	row *holderRow // nil: no such account
}

// holderRow is an account and what was found of one of its tokens.
type holderRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`
	userRow

	JTI     string `bun:"jti,scanonly"`
	Revoked bool   `bun:"revoked,scanonly"`
}

// TokenHolder returns the account that a sign-in token belongs to, and whether the token with this id was revoked; for
// a session, which has no such id, it is empty. Both are asked for every call, so those who ask at the same time share
// a statement; it begins when all of them have asked. No such account is NotFound. On another error nobody knows: the
// token is to be refused.
func (db *DB) TokenHolder(ctx context.Context, user int64, jti string) (u *cifra.User, revoked bool, err error) {
	a := &asked{held: held{user, clean(jti)}}
	within, cancel := context.WithTimeout(ctx, db.patience())
	defer cancel()
	err = db.holders.do(within, a, db.findHolders)
	db.heard(err) // a caller may have less patience than the statement
	if err == nil && a.row == nil {
		err = cifra.E(cifra.NotFound, "error.not-found")
	}
	if err = classify(ctx, err); err != nil {
		return nil, false, fmt.Errorf("store: token holder: %w", err)
	}
	return a.row.user(), a.row.Revoked, nil
}

// findHolders answers all of as by one statement.
func (db *DB) findHolders(ctx context.Context, as []*asked) error {
	var each []bun.TupleValues // once
	by := make(map[held][]*asked, len(as))
	for _, a := range as {
		if by[a.held] == nil {
			each = append(each, bun.Tuple([]any{a.user, a.jti}))
		}
		by[a.held] = append(by[a.held], a)
	}
	var rows []*holderRow
	err := db.view(ctx, "token holders", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).ColumnExpr("?TableColumns").ColumnExpr("a.column2 AS jti").
			ColumnExpr("EXISTS (SELECT 1 FROM revoked_tokens AS r WHERE r.jti = a.column2) AS revoked").
			Join("JOIN (VALUES ?) AS a ON a.column1 = u.id", bun.List(each)).Scan(ctx)
	})
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, a := range by[held{row.ID, row.JTI}] {
			a.row = row // shared, and only read
		}
	}
	return nil
}
