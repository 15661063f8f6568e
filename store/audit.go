package store

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// maxDetails is how many characters of an audit row's details are kept.
const maxDetails = 500

type auditRow struct {
	bun.BaseModel `bun:"table:audit"`

	ID       int64     `bun:"id,pk,autoincrement"`
	UserID   *int64    `bun:"user_id"`
	Username string    `bun:"username"`
	Action   string    `bun:"action"`
	Details  string    `bun:"details"`
	IP       string    `bun:"ip"`
	At       time.Time `bun:"at"`
}

// auditFact is the data of an audit event.
type auditFact struct {
	ID        string    `json:"id"`
	Username  string    `json:"username"`
	Action    string    `json:"action"`
	Details   string    `json:"details"`
	Timestamp time.Time `json:"timestamp"`
}

// AddAudit adds a row to the book of who did what, and tells it as an event. Where At is zero, it is now.
func (db *DB) AddAudit(ctx context.Context, a cifra.Audit) error {
	return db.change(ctx, "add audit", func(ctx context.Context, t *tx) error { return t.audit(ctx, a) })
}

// audit adds a row and tells it. Where a transaction tells an event of a kind of its own, which says it all,
// it only records the row.
func (t *tx) audit(ctx context.Context, a cifra.Audit) error {
	row, err := t.record(ctx, a)
	if err != nil {
		return err
	}
	return t.tell(cifra.EventAudit, auditFact{
		ID: strconv.FormatInt(row.ID, 10), Username: row.Username, Action: row.Action, Details: row.Details, Timestamp: row.At,
	})
}

// record adds a row.
func (t *tx) record(ctx context.Context, a cifra.Audit) (*auditRow, error) {
	if a.At.IsZero() {
		a.At = t.db.now()
	}
	row := &auditRow{
		UserID: null(a.UserID), Username: clean(a.Username), Action: clean(string(a.Action)),
		Details: clip(a.Details, maxDetails), IP: clean(a.IP), At: stamp(a.At),
	}
	_, err := t.NewInsert().Model(row).Exec(ctx)
	return row, err
}

// Audits returns a page of the book, newest first. Where like has a UserID, a Username or an Action, only rows with
// the same are returned. cursor is the next of the page before, "" for the first page; next is "" on the last one.
func (db *DB) Audits(ctx context.Context, like cifra.Audit, cursor string, perPage int) (audits []cifra.Audit, next string, err error) {
	before, err := parseNumber(cursor)
	if err != nil {
		return nil, "", err
	}
	perPage = pageSize(perPage)
	var rows []auditRow
	err = db.view(ctx, "audits", func(ctx context.Context, q bun.IDB) error {
		s := q.NewSelect().Model(&rows).Order("id DESC").Limit(int64(perPage) + 1)
		if before > 0 {
			s.Where("id < ?", before)
		}
		if like.UserID != 0 {
			s.Where("user_id = ?", like.UserID)
		}
		if like.Username != "" {
			s.Where("username = ?", clean(like.Username))
		}
		if like.Action != "" {
			s.Where("action = ?", clean(string(like.Action)))
		}
		return s.Scan(ctx)
	})
	if err != nil {
		return nil, "", err
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		next = strconv.FormatInt(rows[perPage-1].ID, 10)
	}
	audits = make([]cifra.Audit, 0, len(rows))
	for _, r := range rows {
		audits = append(audits, cifra.Audit{
			ID: r.ID, UserID: value(r.UserID), Username: r.Username, Action: cifra.Action(r.Action),
			Details: r.Details, IP: r.IP, At: r.At.UTC(),
		})
	}
	return audits, next, nil
}
