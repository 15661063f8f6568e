package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestBackup(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	ana := addUser(t, db, "ana")
	path := filepath.Join(t.TempDir(), "backup.db")
	if err := db.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	addUser(t, db, "eva") // after it
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file for this user alone", info, err)
	}
	copied := storetest.Open(t, "sqlite:"+path)
	if got, err := copied.User(t.Context(), ana.ID); err != nil || got.Username != "ana" {
		t.Errorf("got %v, %v in the backup, want ana", got, err)
	}
	if _, err := copied.UserByName(t.Context(), "eva"); cifra.CodeOf(err) != cifra.NotFound {
		t.Errorf("got %v, want nothing of what came later", err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), path); err == nil {
		t.Error("a second backup took the place of the first, want an error")
	}
	if after, err := os.ReadFile(path); err != nil || len(after) != len(before) {
		t.Errorf("got %d bytes, %v, want the first backup as it was", len(after), err)
	}
	if err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "nowhere", "backup.db")); err == nil {
		t.Error("got a backup in a folder that isn't there, want an error")
	}
}

// TestWhoWaitsForASilentDatabase holds that after a call without an answer the next ones wait less, until one is answered.
func TestWhoWaitsForASilentDatabase(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t, func(o *store.Options) { o.Timeout = 1500 * time.Millisecond })
	whole := store.Patience(db)
	lock, err := store.Raw(db).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.ExecContext(t.Context(), "LOCK TABLE users"); err != nil {
		t.Fatal(err)
	}
	_, err = db.User(t.Context(), 1)
	wantUnavailable(t, "a read", err)
	if got := store.Patience(db); got >= whole {
		t.Errorf("got %s of patience with a database that is silent, want less than %s", got, whole)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err = db.User(t.Context(), 1); cifra.CodeOf(err) != cifra.NotFound {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := store.Patience(db); got != whole {
		t.Errorf("got %s of patience with a database that answers, want %s", got, whole)
	}
}
