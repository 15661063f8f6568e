package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// outboxLock is the key of the advisory lock under which PostgreSQL gives events their numbers: "cifra" and a number.
const outboxLock = 0x6369667261_02

// maxEvents is how many events one call returns at most.
const maxEvents = 1000

type eventRow struct {
	bun.BaseModel `bun:"table:events"`

	Seq  int64     `bun:"seq,pk,autoincrement"`
	Kind string    `bun:"kind"`
	Data string    `bun:"data"`
	At   time.Time `bun:"at"`
}

// flush writes what the transaction tells, as its last act.
//
// A reader asks for events after the last number that it saw, so an event must never become visible after one of
// a higher number. SQLite has one writer and cannot do otherwise. PostgreSQL's sequences count when they are asked,
// not when the transaction commits; so numbers are given out under a lock that is let go only once the commit can be
// seen. It is held for one insert and the commit, and whoever holds it waits for no other lock: it cannot be part
// of a deadlock. (Reading only below the oldest running transaction needs no lock, but then any long transaction,
// a backup for one, would hold up everything that follows the outbox.)
func (t *tx) flush(ctx context.Context) error {
	if len(t.told) == 0 {
		return nil
	}
	if t.db.isPostgres() {
		if _, err := t.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", int64(outboxLock)); err != nil {
			return fmt.Errorf("outbox lock: %w", err)
		}
	}
	if _, err := t.NewInsert().Model(&t.told).Exec(ctx); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// AddEvent publishes a fact of its own. Its data becomes JSON.
func (db *DB) AddEvent(ctx context.Context, kind cifra.EventKind, data any) error {
	return db.change(ctx, "add event", func(_ context.Context, t *tx) error { return t.tell(kind, data) })
}

// Events returns the events after the one with number seq, in their order, limit of them at most (1,000 where
// limit is 0 or more than that). Numbers may be missing, as those of transactions that failed, but none is
// added later below one that was returned.
func (db *DB) Events(ctx context.Context, seq int64, limit int) ([]cifra.Event, error) {
	if limit <= 0 || limit > maxEvents {
		limit = maxEvents
	}
	var rows []eventRow
	err := db.view(ctx, "events", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Where("seq > ?", seq).Order("seq").Limit(int64(limit)).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	events := make([]cifra.Event, 0, len(rows))
	for _, r := range rows {
		events = append(events, cifra.Event{
			Seq: r.Seq, Kind: cifra.EventKind(r.Kind), Data: json.RawMessage(r.Data), At: r.At.UTC(),
		})
	}
	return events, nil
}

// LastSeq returns the number of the last event, 0 where there is none.
func (db *DB) LastSeq(ctx context.Context) (seq int64, err error) {
	err = db.view(ctx, "last event", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model((*eventRow)(nil)).ColumnExpr("coalesce(max(seq), 0)").Scan(ctx, &seq)
	})
	return seq, err
}
