package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"
)

// sqliteBusy is how long SQLite waits for another process's lock.
const sqliteBusy = 5 * time.Second

// sqlitePath returns the file that a sqlite: address names, and whether it is one.
func sqlitePath(address string) (path string, is bool, err error) {
	rest, is := strings.CutPrefix(address, "sqlite:")
	if !is {
		return "", false, nil
	}
	if after, slashes := strings.CutPrefix(rest, "//"); slashes {
		// SQLAlchemy's form: what stands between the second and the third slash would be a host.
		if rest, is = strings.CutPrefix(after, "/"); !is {
			return "", true, errors.New("store: a SQLite address is sqlite:path or sqlite:///path")
		}
	}
	if rest == "" || strings.Contains(rest, ":memory:") {
		return "", true, errors.New("store: a SQLite address must name a file")
	}
	return rest, true, nil
}

// sqliteDSN opens path as every connection must have it. A commit has reached the disk when it returns (FULL);
// a writer waits 5 s for another process's lock, which it takes when its transaction begins, so that no
// transaction fails halfway for want of it. (While SQLite waits it looks at no context, so it waits no longer than
// a call may take.)
func sqliteDSN(path string, timeout time.Duration, pragma string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", min(sqliteBusy, timeout).Milliseconds()), "foreign_keys(1)", "synchronous(FULL)", pragma,
	}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func openSQLite(ctx context.Context, db *DB, path string, o Options) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("path: %w", err)
	}
	if err := makeFile(path); err != nil {
		return err
	}
	if db.timeout == 0 {
		db.timeout = sqliteBusy + time.Second
	}
	db.path = path
	readers := o.MaxConns
	if readers == 0 {
		readers = 8
	}
	write, err := sql.Open("sqlite", sqliteDSN(path, db.timeout, "journal_mode(WAL)"))
	if err != nil {
		return err
	}
	write.SetMaxOpenConns(1)
	// The first connection turns a new file to write-ahead logging, for which it must be alone for a moment.
	if err := db.patiently(ctx, "open", func() error { return write.PingContext(ctx) }); err != nil {
		return errors.Join(err, write.Close())
	}
	read, err := sql.Open("sqlite", sqliteDSN(path, db.timeout, "query_only(1)"))
	if err != nil {
		return errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	db.write, db.read = bun.NewDB(write, sqlitedialect.New()), bun.NewDB(read, sqlitedialect.New())
	// The writer goes last: whoever closes the last connection folds the log into the file.
	db.close = func() error { return errors.Join(db.read.Close(), db.write.Close()) }
	return nil
}

// makeFile makes the database's file and its folder, for this user alone: sessions and password hashes lie in it.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("file: %w", err)
	}
	return f.Close()
}

// patiently calls f again for as long as another process holds SQLite's lock and ctx lasts, where SQLite itself has
// given up waiting: at the start, when many processes come up on a slow disk, giving up would be worse.
func (db *DB) patiently(ctx context.Context, what string, f func() error) error {
	for first := true; ; first = false {
		err := f()
		if !isBusy(err) {
			return err
		}
		if first {
			db.log.InfoContext(ctx, "waiting for another process that uses the database", "to", what)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond): // not all of SQLite's refusals come after a wait
		}
	}
}

// isBusy reports whether err says that another process holds SQLite's lock (https://sqlite.org/rescode.html#busy).
func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlitecode.SQLITE_BUSY
}
