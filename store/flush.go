package store

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"cifra"
)

// AddFlush tells that the cache was flushed, with an audit row, and returns the event's number.
func (db *DB) AddFlush(ctx context.Context, f cifra.Flushed, a cifra.Audit) (seq int64, err error) {
	var told *tx
	err = db.change(ctx, "add flush", func(ctx context.Context, t *tx) error {
		told = t
		if err := t.tell(cifra.EventCacheFlushed, f); err != nil {
			return err
		}
		_, err := t.record(ctx, a)
		return err
	})
	if err != nil {
		return 0, err
	}
	return told.told[0].Seq, nil
}

// Flushes returns the latest flushes, the latest first.
func (db *DB) Flushes(ctx context.Context, most int) ([]cifra.FlushLine, error) {
	var rows []eventRow
	err := db.view(ctx, "flushes", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Where("kind = ?", string(cifra.EventCacheFlushed)).Order("seq DESC").Limit(int64(most)).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	list := make([]cifra.FlushLine, 0, len(rows))
	for _, r := range rows {
		l := cifra.FlushLine{ID: r.Seq}
		if err := json.Unmarshal([]byte(r.Data), &l.Flushed); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// Flush returns a flush by its event's number, or NotFound.
func (db *DB) Flush(ctx context.Context, seq int64) (*cifra.Flushed, error) {
	var row eventRow
	err := db.view(ctx, "flush", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&row).Where("seq = ?", seq).Where("kind = ?", string(cifra.EventCacheFlushed)).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	f := new(cifra.Flushed)
	return f, json.Unmarshal([]byte(row.Data), f)
}
