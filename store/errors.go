package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"

	"cifra"
)

// retryAfter is told to whoever meets a database that is gone: writes are back within 3 s of it.
const retryAfter = 2 * time.Second

// classify turns a driver's error into a [cifra.Error] where it is one of those that callers can act on.
// ctx is the caller's own: a call that its caller has given up is not the database's fault.
func classify(ctx context.Context, err error) error {
	var already *cifra.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &already):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return cifra.E(cifra.NotFound, "error.not-found").Wrap(err)
	case isUnique(err):
		key := "error.conflict"
		if strings.Contains(err.Error(), "users_name_key") || strings.Contains(err.Error(), "users.name_key") {
			key = "error.username.taken"
		}
		return cifra.E(cifra.Conflict, key).Wrap(err)
	case isReference(err):
		return cifra.E(cifra.NotFound, "error.not-found").Wrap(err)
	case errors.Is(ctx.Err(), context.Canceled) && !errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", context.Canceled, err) // between two statements database/sql says ErrTxDone
	case errors.Is(ctx.Err(), context.Canceled):
		return err
	case isGone(err):
		return unavailable(err)
	}
	return err
}

func unavailable(err error) error {
	return cifra.E(cifra.Unavailable, "error.database").Retry(retryAfter).Wrap(err)
}

// isUnique reports whether err says that a unique key is taken.
func isUnique(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) &&
		(lite.Code() == sqlitecode.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlitecode.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// isReference reports whether err says that what a row refers to does not exist, such as its user.
func isReference(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23503"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqlitecode.SQLITE_CONSTRAINT_FOREIGNKEY
}

// isGone reports whether err says that the database cannot be reached, has no room, or did not answer in time.
func isGone(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return isGonePostgres(pg.Code)
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlitecode.SQLITE_BUSY, sqlitecode.SQLITE_LOCKED, sqlitecode.SQLITE_FULL, sqlitecode.SQLITE_IOERR,
			sqlitecode.SQLITE_CANTOPEN, sqlitecode.SQLITE_READONLY, sqlitecode.SQLITE_NOMEM, sqlitecode.SQLITE_INTERRUPT,
			sqlitecode.SQLITE_PROTOCOL:
			return true
		}
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, sql.ErrTxDone) || // between two statements its time was over, and it was rolled back
		errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.Contains(err.Error(), "conn closed") // pgx has no value for it
}

// isGonePostgres reports whether a state of PostgreSQL (its documentation, appendix A) means that trying again
// later makes sense.
func isGonePostgres(state string) bool {
	switch state[:min(2, len(state))] {
	case "08", // connection exceptions
		"53", // insufficient resources: connections, disk, memory
		"58": // errors of the system, such as input and output
		return true
	}
	switch state {
	case "57014", // cancelled, as by a timeout
		"57P01", "57P02", "57P03", "57P05", // shut down, crashed, not yet started, idle too long
		"25P03", "25006", // idle in a transaction too long; read-only, as while a standby takes over
		"55P03",          // a lock that could not be had
		"40001", "40P01": // serialisation, deadlock; tried again before
		return true
	}
	return false
}

// isDeadlock reports whether the database broke a transaction off in favour of another, so that it may be repeated.
func isDeadlock(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}
