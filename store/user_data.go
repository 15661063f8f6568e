package store

import (
	"context"

	"github.com/uptrace/bun"

	"cifra"
)

// SetPreferences keeps how somebody likes the pages: a language, or a theme, "" each for what their browser asks for.
// What is nil stays. No such account: NotFound.
func (db *DB) SetPreferences(ctx context.Context, userID int64, language, theme *string) error {
	return db.put(ctx, "set preferences", func(ctx context.Context, q bun.IDB) error {
		u := q.NewUpdate().Model((*userRow)(nil)).Where("id = ?", userID).Set("id = id")
		if language != nil {
			u.Set("language = ?", *language)
		}
		if theme != nil {
			u.Set("theme = ?", *theme)
		}
		res, err := u.Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return cifra.E(cifra.NotFound, "error.not-found")
	})
}

// UserSessions returns the data of a user's sessions that have not expired, by the SHA-256 of their tokens.
func (db *DB) UserSessions(ctx context.Context, userID int64) (map[string][]byte, error) {
	var rows []sessionRow
	err := db.view(ctx, "user sessions", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Where("user_id = ?", userID).Where("expiry > ?", stamp(db.now())).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	all := make(map[string][]byte, len(rows))
	for _, r := range rows {
		all[string(r.TokenHash)] = r.Data
	}
	return all, nil
}

// FeedbackBy returns what a user has said of answers, oldest first, what was replaced or withdrawn too.
func (db *DB) FeedbackBy(ctx context.Context, userID int64) ([]cifra.Feedback, error) {
	var rows []feedbackRow
	err := db.view(ctx, "feedback of a user", func(ctx context.Context, q bun.IDB) error {
		return feedbacks(q).Model(&rows).Where("f.user_id = ?", userID).Order("f.id").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	all := make([]cifra.Feedback, 0, len(rows))
	for _, r := range rows {
		all = append(all, *r.feedback())
	}
	return all, nil
}

// MayDelete returns nil where the account can go: there is another admin who is not disabled, or it is no admin's.
// Else Conflict, "error.user.last-admin".
func (db *DB) MayDelete(ctx context.Context, id int64) error {
	return db.view(ctx, "may delete", func(ctx context.Context, q bun.IDB) error {
		able := q.NewSelect().Model((*userRow)(nil)).Where("role = ?", cifra.RoleAdmin).Where("NOT disabled")
		others, err := able.Clone().Where("id <> ?", id).Exists(ctx)
		if err != nil || others {
			return err
		}
		last, err := able.Where("id = ?", id).Exists(ctx)
		if err == nil && last {
			return cifra.E(cifra.Conflict, "error.user.last-admin")
		}
		return err
	})
}

// DeleteUser removes an account and everything of theirs, with an audit row: predictions, pictures that nobody else's
// prediction is about, what they said and what was told of it, sessions, tokens. It returns the hashes of the images of the
// predictions that went. Where somebody has many, [DB.DeletePredictions] goes before it, as all of this is one
// transaction. What stays is the book of who did what, and numbers that name nobody.
//
// No such account: NotFound. The last admin who is not disabled stays: Conflict, "error.user.last-admin".
func (db *DB) DeleteUser(ctx context.Context, id int64, a cifra.Audit) (images []string, err error) {
	err = db.change(ctx, "delete user", func(ctx context.Context, t *tx) error {
		images = nil
		return t.keepAdmin(ctx, func() error {
			var row userRow
			s := t.NewSelect().Model(&row).Where("id = ?", id)
			if db.isPostgres() {
				s.For("UPDATE") // whoever is about to keep something of theirs waits, and finds them gone
			}
			if err := s.Scan(ctx); err != nil {
				return err
			}
			gone, err := t.drop(ctx, t.NewSelect().Where("user_id = ?", id))
			if err != nil {
				return err
			}
			for _, g := range gone {
				images = append(images, g.ImageHash)
			}
			if err := t.dropPerson(ctx, &row); err != nil {
				return err
			}
			return t.audit(ctx, a)
		})
	})
	return images, err
}

// dropPerson deletes what is a user's besides predictions, and the account. Sessions and tokens go with its row.
func (t *tx) dropPerson(ctx context.Context, u *userRow) error {
	if _, err := t.NewDelete().Model((*feedbackRow)(nil)).Where("user_id = ?", u.ID).Exec(ctx); err != nil {
		return err
	}
	_, err := t.NewDelete().Model((*eventRow)(nil)).Where("kind <> ?", string(cifra.EventAudit)).
		Where("data ->> 'username' = ?", u.Username).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = t.NewDelete().Model(u).WherePK().Exec(ctx)
	return err
}
