package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type userRow struct {
	bun.BaseModel `bun:"table:users"`

	ID           int64     `bun:"id,pk,autoincrement"`
	Username     string    `bun:"username"`
	NameKey      string    `bun:"name_key"`
	Role         string    `bun:"role"`
	Disabled     bool      `bun:"disabled"`
	PasswordHash string    `bun:"password_hash"`
	CreatedAt    time.Time `bun:"created_at"`
	Language     string    `bun:"language"`
	Theme        string    `bun:"theme"`
}

func (r *userRow) user() *cifra.User {
	return &cifra.User{
		ID: r.ID, Username: r.Username, Role: cifra.Role(r.Role), Disabled: r.Disabled,
		PasswordHash: r.PasswordHash, CreatedAt: r.CreatedAt.UTC(), Language: r.Language, Theme: r.Theme,
	}
}

// AddUser keeps a new account with its audit row, and sets its ID, and CreatedAt where that is zero. Names that
// differ only in upper and lower case, or in Unicode's compatibility forms, are one account: a name that is taken
// in this sense is a Conflict, "error.username.taken". An audit row without a user is the new user's own.
func (db *DB) AddUser(ctx context.Context, u *cifra.User, a cifra.Audit) error {
	return db.change(ctx, "add user", func(ctx context.Context, t *tx) error { return t.addUser(ctx, u, a) })
}

// AddFirstAdmin is [DB.AddUser] for an admin, where there is none yet. Of any number of callers at once one wins;
// whoever comes later gets a Conflict, "error.setup.done".
func (db *DB) AddFirstAdmin(ctx context.Context, u *cifra.User, a cifra.Audit) error {
	return db.change(ctx, "add first admin", func(ctx context.Context, t *tx) error {
		if err := t.alone(ctx, "users"); err != nil {
			return err
		}
		has, err := hasAdmin(ctx, t)
		if err != nil {
			return err
		}
		if has {
			return cifra.E(cifra.Conflict, "error.setup.done")
		}
		u.Role = cifra.RoleAdmin
		return t.addUser(ctx, u, a)
	})
}

func (t *tx) addUser(ctx context.Context, u *cifra.User, a cifra.Audit) error {
	if u.CreatedAt.IsZero() {
		u.CreatedAt = t.db.now()
	}
	u.Username, u.CreatedAt = clean(u.Username), stamp(u.CreatedAt)
	row := userRow{
		Username: u.Username, NameKey: nameKey(u.Username), Role: string(u.Role), Disabled: u.Disabled,
		PasswordHash: clean(u.PasswordHash), CreatedAt: u.CreatedAt,
	}
	if _, err := t.NewInsert().Model(&row).Exec(ctx); err != nil {
		return err
	}
	u.ID = row.ID
	if a.UserID == 0 && a.Username == "" {
		a.UserID, a.Username = u.ID, u.Username
	}
	return t.audit(ctx, a)
}

// User returns the account with this id, or NotFound.
func (db *DB) User(ctx context.Context, id int64) (*cifra.User, error) {
	return db.user(ctx, "id = ?", id)
}

// UserByName returns the account that this name signs in to, however it is written, or NotFound.
func (db *DB) UserByName(ctx context.Context, name string) (*cifra.User, error) {
	return db.user(ctx, "name_key = ?", nameKey(name))
}

func (db *DB) user(ctx context.Context, where string, arg any) (*cifra.User, error) {
	var row userRow
	err := db.view(ctx, "user", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where(where, arg).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	return row.user(), nil
}

// HasAdmin reports whether there is an admin, disabled or not.
func (db *DB) HasAdmin(ctx context.Context) (has bool, err error) {
	err = db.view(ctx, "has admin", func(ctx context.Context, q bun.IDB) error {
		has, err = hasAdmin(ctx, q)
		return err
	})
	return has, err
}

func hasAdmin(ctx context.Context, q bun.IDB) (bool, error) {
	return q.NewSelect().Model((*userRow)(nil)).Where("role = ?", cifra.RoleAdmin).Exists(ctx)
}

// SetRole gives the account another role and ends its sessions, so that none has more rights than it began with, with an
// audit row. No such account: NotFound. The last admin who is not disabled stays one: Conflict, "error.user.last-admin".
func (db *DB) SetRole(ctx context.Context, id int64, role cifra.Role, a cifra.Audit) error {
	return db.change(ctx, "set role", func(ctx context.Context, t *tx) error {
		return t.keepAdmin(ctx, func() error { return t.setRights(ctx, id, "role", string(role), a) })
	})
}

// SetDisabled shuts the account out, or lets it in again, and ends its sessions, with an audit row. No such account:
// NotFound. The last admin who is not disabled stays so: Conflict, "error.user.last-admin".
func (db *DB) SetDisabled(ctx context.Context, id int64, disabled bool, a cifra.Audit) error {
	return db.change(ctx, "set disabled", func(ctx context.Context, t *tx) error {
		return t.keepAdmin(ctx, func() error { return t.setRights(ctx, id, "disabled", disabled, a) })
	})
}

// setRights is [tx.setUser], and the end of the user's sessions.
func (t *tx) setRights(ctx context.Context, id int64, column string, v any, a cifra.Audit) error {
	if _, err := t.NewDelete().Model((*sessionRow)(nil)).Where("user_id = ?", id).Exec(ctx); err != nil {
		return err
	}
	return t.setUser(ctx, id, column, v, a)
}

// SetPassword gives the account another password, as its hash, with an audit row. No such account: NotFound.
// Its sessions stay: see [DB.DeleteUserSessions].
func (db *DB) SetPassword(ctx context.Context, id int64, hash string, a cifra.Audit) error {
	return db.change(ctx, "set password", func(ctx context.Context, t *tx) error {
		return t.setUser(ctx, id, "password_hash", clean(hash), a)
	})
}

// keepAdmin makes a change of users, unless it leaves nobody to administer where there was somebody.
func (t *tx) keepAdmin(ctx context.Context, change func() error) error {
	if err := t.alone(ctx, "users"); err != nil {
		return err
	}
	able := t.NewSelect().Model((*userRow)(nil)).Where("role = ?", cifra.RoleAdmin).Where("NOT disabled")
	before, err := able.Exists(ctx)
	if err != nil {
		return err
	}
	if err := change(); err != nil || !before {
		return err
	}
	after, err := able.Exists(ctx)
	if err == nil && !after {
		return cifra.E(cifra.Conflict, "error.user.last-admin")
	}
	return err
}

func (t *tx) setUser(ctx context.Context, id int64, column string, v any, a cifra.Audit) error {
	res, err := t.NewUpdate().Model((*userRow)(nil)).Set("? = ?", bun.Ident(column), v).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("rows: %w", err)
	} else if n == 0 {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	return t.audit(ctx, a)
}
