package store

import (
	"context"
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"cifra"
)

// accountRow is a user's row as lists need it: without the password's hash.
type accountRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`

	ID        int64     `bun:"id"`
	Username  string    `bun:"username"`
	NameKey   string    `bun:"name_key"`
	Role      string    `bun:"role"`
	Disabled  bool      `bun:"disabled"`
	CreatedAt time.Time `bun:"created_at"`
	Sessions  int       `bun:"sessions,scanonly"`
}

// Users returns a page of the accounts that f chooses, by name. cursor is the next of the page before, "" for the first
// one; next is "" on the last one. A cursor that nobody gave out is Invalid.
func (db *DB) Users(ctx context.Context, f cifra.UserFilter, cursor string, perPage int) (accounts []cifra.Account, next string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || !utf8.Valid(after) {
		return nil, "", badCursor(err)
	}
	perPage = pageSize(perPage)
	var rows []accountRow
	err = db.view(ctx, "users", func(ctx context.Context, q bun.IDB) error {
		return db.users(q, f, clean(string(after))).Model(&rows).Limit(int64(perPage) + 1).Scan(ctx)
	})
	if err != nil {
		return nil, "", err
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		next = base64.RawURLEncoding.EncodeToString([]byte(rows[perPage-1].NameKey))
	}
	accounts = make([]cifra.Account, 0, len(rows))
	for _, r := range rows {
		accounts = append(accounts, cifra.Account{Sessions: r.Sessions, User: cifra.User{
			ID: r.ID, Username: r.Username, Role: cifra.Role(r.Role), Disabled: r.Disabled, CreatedAt: r.CreatedAt.UTC(),
		}})
	}
	return accounts, next, nil
}

// users selects accounts after a name, in the order of the names' index.
func (db *DB) users(q bun.IDB, f cifra.UserFilter, after string) *bun.SelectQuery {
	s := q.NewSelect().Column("id", "username", "name_key", "role", "disabled", "created_at").
		ColumnExpr("(SELECT count(*) FROM sessions WHERE user_id = u.id AND expiry > ?) AS sessions", stamp(db.now())).Order("name_key")
	if after != "" {
		s.Where("name_key > ?", after)
	}
	if key := nameKey(f.Name); key != "" {
		s.Where(`name_key LIKE ? ESCAPE '!'`, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(key)+"%")
	}
	if f.Role != "" {
		s.Where("role = ?", string(f.Role))
	}
	if f.Disabled != nil {
		s.Where("disabled = ?", *f.Disabled)
	}
	return s
}
