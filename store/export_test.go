package store

import (
	"testing"

	"github.com/uptrace/bun"
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
