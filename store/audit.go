package store

import (
	"context"
	"math"
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
		return audits(q, f, before, limit).Model(&rows).Scan(ctx)
	})
	return rows, err
}

// audits selects rows below a number, newest first.
func audits(q bun.IDB, f cifra.AuditFilter, before int64, limit int) *bun.SelectQuery {
	s := q.NewSelect().Order("id DESC").Limit(int64(limit))
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
	// Rows are written in the order of their times, give or take a transaction. So a time is also a place in the order of
	// the numbers, from where to read; without it, days that are long past would be looked for row by row.
	edge := q.NewSelect().Model((*auditRow)(nil)).Column("id").Limit(1)
	if !f.From.IsZero() {
		s.Where("at >= ?", stamp(f.From))
		s.Where("id > coalesce((?), 0)", edge.Clone().Where("at < ?", stamp(f.From.Add(-auditSkew))).Order("at DESC", "id DESC"))
	}
	if !f.Until.IsZero() {
		s.Where("at < ?", stamp(f.Until))
		s.Where("id < coalesce((?), ?)", edge.Clone().Where("at >= ?", stamp(f.Until.Add(auditSkew))).Order("at", "id"), int64(math.MaxInt64))
	}
	return s
}

// auditSkew is by how much two rows' times may be in another order than their numbers: more than clocks of instances differ,
// and than any transaction takes.
const auditSkew = 10 * time.Minute

func (r *auditRow) audit() cifra.Audit {
	return cifra.Audit{
		ID: r.ID, UserID: value(r.UserID), Username: r.Username, Action: cifra.Action(r.Action),
		Details: r.Details, IP: r.IP, At: r.At.UTC(),
	}
}
