package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// Count returns how many rows a table has.
func Count(t testing.TB, db *DB, table string) int {
	t.Helper()
	n, err := db.read.NewSelect().TableExpr("?", bun.Ident(table)).Count(t.Context())
	if err != nil {
		t.Fatalf("count %s: %v", table, err)
	}
	return int(n)
}

// Raw returns the handle that writes.
func Raw(db *DB) *bun.DB { return db.write }

// Strings returns the first column of what a query gives.
func Strings(t testing.TB, db *DB, query string, args ...any) []string {
	t.Helper()
	var out []string
	if err := db.write.NewRaw(query, args...).Scan(t.Context(), &out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// SlowEvent adds an event in a transaction that calls during once the event has its number, before it commits.
func (db *DB) SlowEvent(ctx context.Context, kind cifra.EventKind, during func()) error {
	return db.change(ctx, "slow event", func(ctx context.Context, t *tx) error {
		if err := t.tell(kind, nil); err != nil {
			return err
		}
		err := t.flush(ctx)
		t.told = nil
		during()
		return err
	})
}

// Explain returns the plan of the query by which history is read.
func Explain(t testing.TB, db *DB, who cifra.Actor, f cifra.HistoryFilter, cursor string) string {
	t.Helper()
	before, err := parsePlace(cursor)
	if err != nil {
		t.Fatal(err)
	}
	return explain(t, db, history(db.read, who, f, before).Model((*predictionRow)(nil)).Limit(21).String())
}

// ExplainAudits returns the plan of the query by which the book is read.
func ExplainAudits(t testing.TB, db *DB, f cifra.AuditFilter, before int64) string {
	t.Helper()
	return explain(t, db, audits(db.read, f, before, 21).Model((*auditRow)(nil)).String())
}

// ExplainUsers returns the plan of the query by which accounts are listed.
func ExplainUsers(t testing.TB, db *DB, f cifra.UserFilter, after string) string {
	t.Helper()
	return explain(t, db, db.users(db.read, f, after).Model((*accountRow)(nil)).Limit(21).String())
}

func explain(t testing.TB, db *DB, query string) string {
	t.Helper()
	plan := ""
	explain := "EXPLAIN QUERY PLAN "
	if db.isPostgres() {
		explain = "EXPLAIN "
	}
	rows, err := db.read.QueryContext(t.Context(), explain+query)
	if err != nil {
		t.Fatalf("explain: %v", err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var planSb74 strings.Builder
	for rows.Next() {
		values, places := make([]string, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		planSb74.WriteString(values[len(values)-1] + "\n")
	}
	plan += planSb74.String()
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}

// Stall migrates and calls then within the transaction, which never ends.
func Stall(ctx context.Context, db *DB, then func()) error {
	return db.migrate(ctx, func(ctx context.Context, t bun.Tx, steps []step, _ []migrationRow) error {
		for _, s := range steps {
			if err := runSQL(ctx, t, s.up); err != nil {
				return err
			}
		}
		then()
		<-ctx.Done()
		return ctx.Err()
	})
}

// Hold keeps others from migrating from when it calls then until ctx ends.
func Hold(ctx context.Context, db *DB, then func()) error {
	return db.migrate(ctx, func(ctx context.Context, _ bun.Tx, _ []step, _ []migrationRow) error {
		then()
		<-ctx.Done()
		return ctx.Err()
	})
}

// BeforeReading returns db so that it calls f before each query that reads, with how many there were before.
func BeforeReading(db *DB, f func(queries int)) *DB {
	hooked := *db
	hooked.read = db.read.WithQueryHook(&hook{f: f})
	return &hooked
}

type hook struct {
	n int
	f func(queries int)
}

func (h *hook) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	h.f(h.n)
	h.n++
	return ctx
}

func (*hook) AfterQuery(context.Context, *bun.QueryEvent) {}

// Patience is how long a call may take now.
func Patience(db *DB) time.Duration { return db.patience() }

// HoldersWaiting returns how many wait for the next statement that asks who holds a token.
func HoldersWaiting(db *DB) int {
	db.holders.mu.Lock()
	defer db.holders.mu.Unlock()
	return len(db.holders.waiting)
}
