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
	row := t.db.newAuditRow(a)
	_, err := t.NewInsert().Model(row).Exec(ctx)
	return row, err
}

// newAuditRow returns a's row. Where At is zero, it is now.
func (db *DB) newAuditRow(a cifra.Audit) *auditRow {
	if a.At.IsZero() {
		a.At = db.now()
	}
	return &auditRow{
		UserID: null(a.UserID), Username: clean(a.Username), Action: clean(string(a.Action)),
		Details: clip(a.Details, maxDetails), IP: clean(a.IP), At: stamp(a.At),
	}
}

// Audits returns a page of the book, newest first, of the lines that f chooses. cursor is the next of the page before,
// "" for the first page; next is "" on the last one.
func (db *DB) Audits(ctx context.Context, f cifra.AuditFilter, cursor string, perPage int) (audits []cifra.Audit, next string, err error) {
	before, err := parseNumber(cursor)
	if err != nil {
		return nil, "", err
	}
	perPage = pageSize(perPage)
	rows, err := db.audits(ctx, f, before, perPage+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		next = strconv.FormatInt(rows[perPage-1].ID, 10)
	}
	audits = make([]cifra.Audit, 0, len(rows))
	for _, r := range rows {
		audits = append(audits, r.audit())
	}
	return audits, next, nil
}

// exportBatch is how many rows are read at a time for an export, so that no statement runs for long.
const exportBatch = 1000

// EachAudit calls f with every line that the filter chooses, newest first, until f returns an error, which it hands back.
// Lines that are added meanwhile are not among them.
func (db *DB) EachAudit(ctx context.Context, filter cifra.AuditFilter, f func(cifra.Audit) error) error {
	for before := int64(0); ; {
		rows, err := db.audits(ctx, filter, before, exportBatch)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := f(r.audit()); err != nil {
				return err
			}
			before = r.ID
		}
		if len(rows) < exportBatch {
			return nil
		}
	}
}

// audits reads rows below a number, all where it is 0, newest first.
func (db *DB) audits(ctx context.Context, f cifra.AuditFilter, before int64, limit int) (rows []auditRow, err error) {
	err = db.view(ctx, "audits", func(ctx context.Context, q bun.IDB) error {
		s := q.NewSelect().Model(&rows).Order("id DESC").Limit(int64(limit))
		if before > 0 {
			s.Where("id < ?", before)
		}
		if f.Like.UserID != 0 {
			s.Where("user_id = ?", f.Like.UserID)
		}
		if f.Like.Username != "" {
			s.Where("username = ?", clean(f.Like.Username))
		}
		if f.Like.Action != "" {
			s.Where("action = ?", clean(string(f.Like.Action)))
		}
		if !f.From.IsZero() {
			s.Where("at >= ?", stamp(f.From))
		}
		if !f.Until.IsZero() {
			s.Where("at < ?", stamp(f.Until))
		}
		return s.Scan(ctx)
	})
	return rows, err
}

func (r *auditRow) audit() cifra.Audit {
	return cifra.Audit{
		ID: r.ID, UserID: value(r.UserID), Username: r.Username, Action: cifra.Action(r.Action),
		Details: r.Details, IP: r.IP, At: r.At.UTC(),
	}
}
