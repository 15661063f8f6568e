package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// The outbox keeps its last eventsKept events, those of the last eventsFor, and all that a process has not read yet.
const (
	eventsKept  = 1000
	eventsFor   = 10 * time.Minute
	eventsBatch = 1000 // that one transaction deletes
)

// metaPruned is where the number is kept up to which events may have been deleted.
const metaPruned = "events_pruned"

// pruneLock is the advisory lock of who prunes on PostgreSQL: "prune".
const pruneLock = 0x7072756e65

// PruneEvents deletes events that nobody asks for any more, and returns how many they were. The last 1,000 stay, those of
// the last ten minutes, and all that a process which is there ([DB.SayHere]) has not read yet. It goes on in small
// transactions until none is left or ctx ends. Any number of processes may do so at the same time.
func (db *DB) PruneEvents(ctx context.Context) (total int64, err error) {
	for {
		n, err := db.pruneBatch(ctx)
		total += n
		if err != nil || n < eventsBatch {
			return total, err
		}
	}
}

func (db *DB) pruneBatch(ctx context.Context) (n int64, err error) {
	err = db.change(ctx, "prune events", func(ctx context.Context, t *tx) error {
		n = 0
		if db.isPostgres() { // one at a time, so that the number below only ever grows
			var got bool
			if err := t.NewRaw("SELECT pg_try_advisory_xact_lock(?)", int64(pruneLock)).Scan(ctx, &got); err != nil || !got {
				return err
			}
		}
		upTo, err := t.prunable(ctx)
		if err != nil || upTo <= 0 {
			return err
		}
		batch := t.NewSelect().Model((*eventRow)(nil)).Column("seq").Where("seq <= ?", upTo).Order("seq").Limit(eventsBatch)
		var gone []int64
		err = t.NewDelete().Model((*eventRow)(nil)).Where("seq IN (?)", batch).Returning("seq").Scan(ctx, &gone)
		if err != nil || len(gone) == 0 {
			return err
		}
		n = int64(len(gone))
		row := metaRow{Key: metaPruned, Value: strconv.FormatInt(slices.Max(gone), 10), UpdatedAt: stamp(db.now())}
		_, err = t.NewInsert().Model(&row).On("CONFLICT (key) DO UPDATE").
			Set("value = EXCLUDED.value").Set("updated_at = EXCLUDED.updated_at").Exec(ctx)
		return err
	})
	return n, err
}

// prunable returns the highest number that may be deleted, with all below it; 0 where none may.
func (t *tx) prunable(ctx context.Context) (int64, error) {
	now := t.db.now()
	limits := []*bun.SelectQuery{
		t.NewSelect().Model((*eventRow)(nil)).Column("seq").Order("seq DESC").Offset(eventsKept).Limit(1),
		t.NewSelect().Model((*eventRow)(nil)).Column("seq").Where("at < ?", stamp(now.Add(-eventsFor))).Order("seq DESC").Limit(1),
	}
	upTo := int64(-1)
	for _, q := range limits {
		var seq []int64
		if err := q.Scan(ctx, &seq); err != nil || len(seq) == 0 {
			return 0, err
		}
		if upTo < 0 || seq[0] < upTo {
			upTo = seq[0]
		}
	}
	var read []*int64
	err := t.NewSelect().Model((*instanceRow)(nil)).Column("seq").Where("seq IS NOT NULL").
		Where("seen_at >= ?", stamp(now.Add(-forgottenAfter))).Scan(ctx, &read)
	for _, seq := range read {
		upTo = min(upTo, *seq)
	}
	return upTo, err
}

// PrunedSeq returns the number up to which events may have been deleted, 0 where none were: whoever has seen fewer can't be
// told all that they missed.
func (db *DB) PrunedSeq(ctx context.Context) (int64, error) {
	text, err := db.Meta(ctx, metaPruned)
	if cifra.CodeOf(err) == cifra.NotFound {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}
