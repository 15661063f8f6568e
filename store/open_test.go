package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestAddresses(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, test := range []struct {
		name    string
		address string
		file    string // "": refused
	}{
		{"a relative path", "sqlite:data/a.db", "data/a.db"},
		{"an absolute path", "sqlite:" + dir + "/b.db", "b.db"},
		{"SQLAlchemy's relative path has three slashes", "sqlite:///app.db", "app.db"},
		{"SQLAlchemy's absolute path has four", "sqlite:///" + dir + "/c.db", "c.db"},
		{"characters that mean something in addresses", "sqlite:d ñ?#%41&x=1.db", "d ñ?#%41&x=1.db"},
		{"SQLAlchemy's form with a host", "sqlite://app.db", ""},
		{"no file", "sqlite:", ""},
		{"no file in SQLAlchemy's form", "sqlite://", ""},
		{"memory, which two connections do not share", "sqlite::memory:", ""},
		{"another database", "mysql://root@localhost/x", ""},
		{"nothing", "", ""},
		{"a folder", "sqlite:" + dir, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, err := store.Open(t.Context(), test.address, store.Options{Now: storetest.Clock()})
			if test.file == "" {
				if err == nil {
					t.Errorf("got it opened, want an error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
			for range 2 {
				if err := db.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}
			if db.Kind() != "sqlite" {
				t.Errorf("got kind %q, want sqlite", db.Kind())
			}
			info, err := os.Stat(filepath.Join(dir, test.file))
			if err != nil {
				t.Fatal(err)
			}
			if info.Size() == 0 || info.Mode().Perm() != 0o600 {
				t.Errorf("got a file of %d bytes with mode %v, want some, for its owner alone", info.Size(), info.Mode())
			}
		})
	}
	info, err := os.Stat("data")
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got folder %v, %v; want it for its owner alone", info, err)
	}
	if _, err := store.Open(t.Context(), "sqlite:x.db", store.Options{}); err == nil {
		t.Error("got a database without a clock, want an error")
	}
}

func TestNobodyThereIsUnavailable(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"postgres://ana:hunter2@127.0.0.1:1/cifra", // nothing listens there
		"postgres://ana:hunter2@127.0.0.1:x/cifra", // no address at all
	} {
		_, err := store.Open(t.Context(), address, store.Options{Now: storetest.Clock()})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want an error without the password", address, err)
		}
		if strings.Contains(address, ":1/") {
			wantCode(t, address, err, cifra.Unavailable)
		}
	}
}

func TestSQLiteIsAsDurableAsItIsSaidToBe(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	for _, test := range []struct{ pragma, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"busy_timeout", "5000"},
	} {
		if got := store.Strings(t, db, "PRAGMA "+test.pragma); len(got) != 1 || got[0] != test.want {
			t.Errorf("%s: got %v, want %s", test.pragma, got, test.want)
		}
	}
	if n := db.Stats().Max; n != 9 {
		t.Errorf("got %d connections at most, want one that writes and 8 that read", n)
	}
}

func TestThePoolOfPostgres(t *testing.T) {
	t.Parallel()
	address := storetest.PostgresURL(t)
	db, err := store.Open(t.Context(), address, store.Options{Now: storetest.Clock()})
	if err != nil {
		t.Fatal(err)
	}
	if s := db.Stats(); s.Kept != 10 || s.Max != 30 {
		t.Errorf("got %+v, want 10 kept and 30 at most", s)
	}
	for range 5000 { // the pool opens them one by one, beside what it is asked
		if err := db.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if db.Stats().Open >= 10 {
			break
		}
	}
	if s := db.Stats(); s.Open < 10 {
		t.Errorf("got %+v, want 10 open without load", s)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}

	// One connection, which is taken: others wait no longer than they may.
	small := storetest.Open(t, address, func(o *store.Options) { o.MaxConns, o.Timeout = 1, 300*time.Millisecond })
	hold, err := store.Raw(small).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s := small.Stats(); s.InUse != 1 || s.Open != 1 {
		t.Errorf("got %+v, want 1 in use", s)
	}
	_, err = small.HasAdmin(t.Context())
	wantUnavailable(t, "no connection left", err)
	if err := hold.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := small.HasAdmin(t.Context()); err != nil {
		t.Errorf("once it is free: %v", err)
	}
	got := store.Strings(t, small, "SELECT name || '=' || setting FROM pg_settings "+
		"WHERE name IN ('TimeZone', 'application_name', 'idle_in_transaction_session_timeout') ORDER BY lower(name)")
	want := []string{"application_name=cifra", "idle_in_transaction_session_timeout=5000", "TimeZone=UTC"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// wantUnavailable checks that err says that the database is gone, and when to try again.
func wantUnavailable(t testing.TB, what string, err error) {
	t.Helper()
	wantCode(t, what, err, cifra.Unavailable)
	if e, ok := asError(err); ok && (e.Key != "error.database" || e.RetryAfter <= 0) {
		t.Errorf("%s: got key %q and retry after %v, want error.database and a time", what, e.Key, e.RetryAfter)
	}
}

func TestGivenUpByTheCallerIsNobodysFault(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := db.User(ctx, 1)
		wantCode(t, "a caller who left", err, cifra.Internal)
		if !isCanceled(err) {
			t.Errorf("got %v, want context.Canceled in it", err)
		}
	})
}
