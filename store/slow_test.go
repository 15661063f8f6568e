package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"cifra"
)

func TestSlowStatementsAreToldWithoutTheirValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, sql, want string }{
		{"texts and numbers", `SELECT "id" FROM "users" WHERE (name_key = 'ana') AND (id > 42) LIMIT 21`, `SELECT "id" FROM "users" WHERE (name_key = ?) AND (id > ?) LIMIT ?`},
		{"a text with a quote", `SELECT 'it''s' || 'x'`, `SELECT ? || ?`},
		{"a text with a statement in it", `SELECT '"; DROP TABLE users; --' FROM t1`, `SELECT ? FROM t1`},
		{"a text that doesn't end", `SELECT 'secret`, `SELECT ?`},
		{"blobs", `VALUES (X'00ff', x'0a', '\x00ff')`, `VALUES (?, ?)`},
		{"numbers of all kinds", `SELECT -1.5e10, v2, u.id2, 7`, `SELECT -?, v2, u.id2, ?`},
		{"many values are one", `WHERE id IN ('a', 'b', 'c', 'd', 'e')`, `WHERE id IN (?, ?)`},
		{"many rows are one", `VALUES ('a', 1), ('b', 2), ('c', 3)`, `VALUES (?, ?)`},
		{"names with signs in them", `SELECT "it's 7" FROM "a"`, `SELECT "it's 7" FROM "a"`},
		{"nothing", ``, ``},
		{"not UTF-8", "SELECT \xff 'x'", "SELECT \uFFFD ?"},
	} {
		if got := withoutValues(tt.sql); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := withoutValues("SELECT " + strings.Repeat("a + ", 10_000)); len(got) > maxSQL {
		t.Errorf("a long one: got %d bytes, want %d at most", len(got), maxSQL)
	}
}

func TestSlowStatements(t *testing.T) {
	t.Parallel()
	var told []cifra.SlowQuery
	now, step := time.Unix(1e9, 0), time.Duration(0)
	db, err := Open(t.Context(), "sqlite:"+t.TempDir()+"/slow.db", Options{
		Now: func() time.Time { now = now.Add(step); return now }, SlowFrom: time.Second,
		Slow: func(_ context.Context, q cifra.SlowQuery) { told = append(told, q) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil || len(told) > 0 {
		t.Fatalf("got %v with %v, want nothing slow", err, told)
	}
	step = time.Second // each look at the clock is a second later than the one before
	ctx := cifra.WithRequestID(t.Context(), "a-request")
	if _, err := db.UserByName(ctx, "ana"); cifra.CodeOf(err) != cifra.NotFound {
		t.Fatal(err)
	}
	if len(told) != 1 || told[0].Took != time.Second || told[0].RequestID != "a-request" || strings.Contains(told[0].SQL, "ana") || !strings.Contains(told[0].SQL, "name_key = ?") {
		t.Errorf("got %+v, want the statement that looked for ana, without her name", told)
	}
}
