package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// tx is one transaction. What it tells is written when everything else is, as the last thing before the commit.
type tx struct {
	bun.Tx
	db   *DB
	told []eventRow
}

// change writes with f in one transaction: all of it is kept, or nothing. f may run again, where the database
// broke it off in favour of another transaction.
func (db *DB) change(ctx context.Context, what string, f func(ctx context.Context, t *tx) error) error {
	return db.changeWithin(ctx, db.patience(), what, f)
}

// changeWithin is change for what takes long and for which nobody waits at a page.
func (db *DB) changeWithin(ctx context.Context, patience time.Duration, what string, f func(ctx context.Context, t *tx) error) error {
	told := false
	err := db.insist(ctx, patience, what, func(ctx context.Context) error {
		return db.write.RunInTx(ctx, nil, func(ctx context.Context, bt bun.Tx) error {
			t := &tx{Tx: bt, db: db}
			if err := f(ctx, t); err != nil {
				return err
			}
			told = len(t.told) > 0
			return t.flush(ctx)
		})
	})
	if err == nil && told {
		db.tell()
	}
	return err
}

// insist calls f, which is one transaction, and calls it again where the database broke it off in favour of another.
func (db *DB) insist(ctx context.Context, patience time.Duration, what string, f func(ctx context.Context) error) error {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var err error
	for range 3 {
		if err = f(within); !isDeadlock(err) {
			break
		}
	}
	db.heard(err)
	if err = classify(ctx, err); err != nil {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	return nil
}

// tell says that a commit published events.
func (db *DB) tell() {
	if db.told != nil {
		db.told()
	}
}

// alone lets no other transaction change table until this one ends. SQLite has one writer anyway.
func (t *tx) alone(ctx context.Context, table string) error {
	if !t.db.isPostgres() {
		return nil
	}
	if _, err := t.ExecContext(ctx, "LOCK TABLE ? IN SHARE ROW EXCLUSIVE MODE", bun.Ident(table)); err != nil {
		return fmt.Errorf("lock %s: %w", table, err)
	}
	return nil
}

// tell adds an event that is published by the commit. Its data is JSON.
func (t *tx) tell(kind cifra.EventKind, data any) error {
	row, err := t.db.newEventRow(kind, data)
	if err != nil {
		return err
	}
	t.told = append(t.told, row)
	return nil
}
