// Package storetest makes a fresh database for each test, of either kind. Only tests import it.
package storetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cifra/store"
)

// Each runs f on a fresh, migrated database of each kind, as the subtests sqlite and postgres, both at once.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, address string) { f(t, Open(t, address)) })
}

// EachURL runs f with the address of an empty database of each kind, as the subtests sqlite and postgres, both at once.
func EachURL(t *testing.T, f func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLiteURL(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, PostgresURL(t))
	})
}

// SQLite returns a fresh, migrated SQLite database, closed when the test ends.
func SQLite(t testing.TB, change ...func(*store.Options)) *store.DB {
	t.Helper()
	return Open(t, SQLiteURL(t), change...)
}

// Postgres returns a fresh, migrated PostgreSQL database, closed and dropped when the test ends.
func Postgres(t testing.TB, change ...func(*store.Options)) *store.DB {
	t.Helper()
	return Open(t, PostgresURL(t), change...)
}

// Open opens and migrates the database at address, with a [Clock] and few connections unless change says otherwise,
// and closes it when the test ends.
func Open(t testing.TB, address string, change ...func(*store.Options)) *store.DB {
	t.Helper()
	o := store.Options{Now: Clock(), KeepConns: 1, MaxConns: 8, Timeout: 30 * time.Second}
	for _, c := range change {
		c(&o)
	}
	db, err := store.Open(t.Context(), address, o)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the test's database: %v", err)
		}
	})
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate the test's database: %v", err)
	}
	return db
}

// SQLiteURL returns the address of a SQLite database that does not exist yet, in a folder of the test's own.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// PostgresURL returns the address of an empty PostgreSQL database, dropped when the test ends. The server is that of
// TEST_POSTGRES_URL. Without it the test is skipped, or fails where CIFRA_REQUIRE_SERVICES is set, as in make test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("TEST_POSTGRES_URL")
	if server == "" {
		if os.Getenv("CIFRA_REQUIRE_SERVICES") == "1" {
			t.Fatal("TEST_POSTGRES_URL names no PostgreSQL; make test starts one")
		}
		t.Skip("TEST_POSTGRES_URL names no PostgreSQL; make test starts one")
	}
	name := "test_" + strings.ToLower(rand.Text())
	// Copying the template's files takes a fraction of the time of copying it through the log.
	command(t.Context(), t, server, "CREATE DATABASE "+name+" STRATEGY file_copy")
	t.Cleanup(func() { command(context.WithoutCancel(t.Context()), t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("TEST_POSTGRES_URL: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

func command(ctx context.Context, t testing.TB, server, sql string) {
	t.Helper()
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("TEST_POSTGRES_URL: %v", err)
	}
	defer func() {
		if err := c.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	if _, err := c.Exec(ctx, sql); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
}

// Start is the first time that a [Clock] shows.
var Start = time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)

// Clock returns a clock that shows [Start] and then, each time it is read, a millisecond more:
// whatever happens later has a later time, in every run the same.
func Clock() func() time.Time {
	var mu sync.Mutex // guards now
	now := Start
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		shown := now
		now = now.Add(time.Millisecond)
		return shown
	}
}
