package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"cifra"
)

// Backup writes the database as it is at one moment into a new file at path, for this user alone, while others read and
// write. It may take as long as the disk needs. SQLite only: PostgreSQL has programs of its own for that, and then
// the error is Impossible. A file that exists is left alone, which is an error too.
func (db *DB) Backup(ctx context.Context, path string) (err error) {
	if db.isPostgres() {
		return cifra.E(cifra.Impossible, "error.internal").Wrap(errors.New("store: backup: PostgreSQL is backed up by pg_dump"))
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(fmt.Errorf("store: backup: %w", err), os.Remove(path)) // no half of one
		}
	}()
	// A connection of its own: those for reading may write nothing, and the one for writing has others to serve.
	own, err := sql.Open("sqlite", sqliteDSN(db.path, db.timeout, "journal_mode(WAL)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	if _, err := own.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return err
	}
	if err := f.Sync(); err != nil { // SQLite leaves that to whoever asked
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
