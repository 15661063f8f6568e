package store_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra/store"
	"cifra/store/storetest"
)

func TestBothDialectsHaveTheSameShape(t *testing.T) {
	t.Parallel()
	lite, pg := schema(t, storetest.SQLite(t)), schema(t, storetest.Postgres(t))
	if len(lite) < 10 {
		t.Fatalf("got %d tables and indexes, want 10 at least: %v", len(lite), lite)
	}
	if diff := cmp.Diff(lite, pg); diff != "" {
		t.Errorf("the shapes differ (-sqlite +postgres):\n%s", diff)
	}
}

// schema returns, by the name of each table, its columns ("name", with "?" where it may be null and "key" where
// it is part of the primary key), and by the name of each index its table and columns.
func schema(t *testing.T, db *store.DB) map[string][]string {
	t.Helper()
	columns := `SELECT m.name || ' ' || c.name || ' ' ||
			CASE WHEN c."notnull" OR c.pk THEN '' ELSE '?' END || CASE WHEN c.pk THEN ' key' ELSE '' END
		FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	indexes := `SELECT m.name || ' on ' || m.tbl_name || ' ' || c.name || CASE WHEN c."desc" THEN ' desc' ELSE '' END ||
			CASE WHEN i."unique" THEN ' unique' ELSE '' END || CASE WHEN i.partial THEN ' partial' ELSE '' END
		FROM sqlite_master m JOIN pragma_index_xinfo(m.name) c JOIN pragma_index_list(m.tbl_name) i ON i.name = m.name
		WHERE m.type = 'index' AND c.key AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.seqno`
	if db.Kind() == "postgres" {
		columns = `SELECT c.relname || ' ' || a.attname || ' ' ||
				CASE WHEN a.attnotnull THEN '' ELSE '?' END ||
				CASE WHEN a.attnum = ANY (k.conkey) THEN ' key' ELSE '' END
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
			LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
			WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum`
		indexes = `SELECT x.relname || ' on ' || c.relname || ' ' || a.attname ||
				CASE WHEN i.indoption[a.attnum - 1] & 1 = 1 THEN ' desc' ELSE '' END ||
				CASE WHEN i.indisunique THEN ' unique' ELSE '' END || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
			FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
			JOIN pg_attribute a ON a.attrelid = x.oid
			WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisprimary ORDER BY x.relname, a.attnum`
	}
	shape := map[string][]string{}
	for _, line := range append(store.Strings(t, db, columns), store.Strings(t, db, indexes)...) {
		name, rest, _ := strings.Cut(line, " ")
		shape[name] = append(shape[name], rest)
	}
	return shape
}
