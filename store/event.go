package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// outboxTag marks the advisory locks that say from which number on a transaction of PostgreSQL may have taken some:
// "cif", and 40 bits of that number.
const outboxTag = 0x636966

// maxEvents is how many events one call returns at most.
const maxEvents = 1000

type eventRow struct {
	bun.BaseModel `bun:"table:events"`

	Seq  int64     `bun:"seq,pk,autoincrement"`
	Kind string    `bun:"kind"`
	Data string    `bun:"data"`
	At   time.Time `bun:"at"`
}

// newEventRow returns the row of an event of now. Its data becomes JSON.
func (db *DB) newEventRow(kind cifra.EventKind, data any) (eventRow, error) {
	b, err := json.Marshal(data)
	if err != nil {
		return eventRow{}, fmt.Errorf("event %s: %w", kind, err)
	}
	return eventRow{Kind: clean(string(kind)), Data: cleanJSON(b), At: stamp(db.now())}, nil
}

// showNumbers has a transaction of PostgreSQL show from which number on its events will be, see [tx.flush]. The sequence's
// last value may be one that is yet to be given out, hence less one.
const showNumbers = "SELECT pg_advisory_xact_lock_shared(?::bigint << 40 | last_value - 1) FROM events_seq_seq"

// flush writes what the transaction tells, as its last act.
//
// A reader asks for events after the last number that it saw, so it must not be shown a number while a lower one may
// still come. SQLite has one writer, so none does. PostgreSQL gives out numbers when they are asked for, not when the
// transaction commits. So whoever takes one shows first, by a shared lock that ends with the transaction, from
// which number on that will be; [DB.Events] shows nothing above the lowest one. Nobody ever waits for these locks.
//
// The two usual ways were worse: under an exclusive lock until the commit, writes wait for each other's disk (16 callers
// of BenchmarkAddPrediction needed 6 to 8 ms for each, in place of 1 to 2), and an instance that is paused in the middle stops all the others; and below the oldest
// running transaction, any long one, such as a backup, holds up everything that follows the outbox.
func (t *tx) flush(ctx context.Context) error {
	if len(t.told) == 0 {
		return nil
	}
	if t.db.isPostgres() {
		if _, err := t.ExecContext(ctx, showNumbers, int64(outboxTag)); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
	}
	if _, err := t.NewInsert().Model(&t.told).Exec(ctx); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// settled returns the number up to which no event can be added any more. On PostgreSQL only events that were seen
// before it was called count: later ones may have been numbered since.
func (db *DB) settled(ctx context.Context, q bun.IDB) (int64, error) {
	if !db.isPostgres() {
		return math.MaxInt64, nil
	}
	var lowest *int64
	err := q.NewRaw(`SELECT min((classid::bigint << 32 | objid::bigint) & (1::bigint << 40) - 1) FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 8 = ?
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, int64(outboxTag)).Scan(ctx, &lowest)
	if err != nil || lowest == nil {
		return math.MaxInt64, err
	}
	return *lowest, nil
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
		err := q.NewSelect().Model(&rows).Where("seq > ?", seq).Order("seq").Limit(int64(limit)).Scan(ctx)
		if err != nil || len(rows) == 0 || rows[len(rows)-1].Seq == seq+int64(len(rows)) {
			return err // none is missing between them, so none can come
		}
		settled, err := db.settled(ctx, q)
		if err != nil {
			return err
		}
		// Those that were missing and are settled now show only in a look taken after that.
		last := min(settled, rows[len(rows)-1].Seq)
		rows = nil
		return q.NewSelect().Model(&rows).Where("seq > ?", seq).Where("seq <= ?", last).Order("seq").Limit(int64(limit)).Scan(ctx)
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

// LastSeq returns the number after which a new reader of [DB.Events] begins, so that it misses nothing that is not
// committed yet: that of the last event, or a lower one, 0 where there is none.
func (db *DB) LastSeq(ctx context.Context) (seq int64, err error) {
	err = db.view(ctx, "last event", func(ctx context.Context, q bun.IDB) error {
		if err := q.NewSelect().Model((*eventRow)(nil)).ColumnExpr("coalesce(max(seq), 0)").Scan(ctx, &seq); err != nil {
			return err
		}
		settled, err := db.settled(ctx, q)
		seq = min(seq, settled)
		return err
	})
	return seq, err
}
