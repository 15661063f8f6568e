// Package store keeps what the application must not lose, in SQLite or in PostgreSQL, through bun.
//
// It speaks the nouns of package cifra; rows are its own affair. What belongs together is written in one
// transaction: a fact, its audit row and its event. Errors of the drivers become [cifra.Error]s: Conflict for
// what is taken, NotFound, and Unavailable, with RetryAfter, where the database is gone, full or too busy.
// Everything else is wrapped, and a bug.
//
// Text is cleaned before it is stored: bytes that are no UTF-8 become U+FFFD, and NUL, which PostgreSQL cannot
// hold, is left out. Times are stored and returned in UTC, to a microsecond.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"cifra"
)

// startTime is how long opening waits for other processes that are at it too.
const startTime = time.Minute

// Options are what [Open] needs beside the address. Only Now is required.
type Options struct {
	Now       func() time.Time
	Logger    *slog.Logger    // nil: nothing is logged
	KeepConns int             // connections to PostgreSQL kept open, 10 unless set; SQLite opens its own as it needs them
	MaxConns  int             // the most connections to PostgreSQL, 30 unless set, or to read SQLite, 8 unless set
	Told      func()          // called after each commit that published events; must not block; nil: nobody is
	Timeout   time.Duration   // the most that one call waits: 1.8 s on PostgreSQL, 6 s on SQLite (whose own wait for a lock is 5 s)
	Hooks     []bun.QueryHook // called around each statement; must be quick
	Recycle   time.Duration   // after which a connection to PostgreSQL is renewed, half an hour unless set

	SlowFrom time.Duration                          // a statement that takes this long is slow; 0: none is
	Slow     func(context.Context, cifra.SlowQuery) // told of each slow statement; must not block
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	read    *bun.DB
	write   *bun.DB       // SQLite: one connection, as there is one writer; PostgreSQL: the same as read
	pool    *pgxpool.Pool // nil with SQLite
	now     func() time.Time
	log     *slog.Logger
	timeout time.Duration
	told    func()
	close   func() error
	path    string // SQLite's file
	silence *silence
	keeps   *group[*kept]  // predictions that share a commit
	holders *group[*asked] // tokens and sessions whose holders are asked for by one statement
}

// Open opens the database at url and checks that it answers. It makes the folder and the file of a SQLite
// database, but no tables: see [DB.Migrate]. These forms are understood:
//
//	sqlite:data/cifra.db       relative to the working directory
//	sqlite:/var/lib/cifra.db   absolute
//	sqlite:///data/cifra.db    relative, as SQLAlchemy writes it; absolute with four slashes
//	postgres://user:password@host/name?sslmode=require
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	if o.Now == nil {
		return nil, errors.New("store: no clock")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	db := &DB{now: o.Now, log: o.Logger, timeout: o.Timeout, told: o.Told, silence: new(silence), keeps: new(group[*kept]), holders: new(group[*asked])}
	open := openPostgres
	path, isSQLite, err := sqlitePath(url)
	switch {
	case err != nil:
		return nil, err
	case isSQLite:
		url, open = path, openSQLite
	case !isPostgres(url):
		return nil, errors.New("store: the database's address must begin with sqlite: or postgres://")
	}
	within, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := open(within, db, url, o); err != nil {
		return nil, fmt.Errorf("store: open: %w", classify(ctx, err))
	}
	db.close = sync.OnceValue(db.close)
	if o.Slow != nil && o.SlowFrom > 0 {
		db.hook(&slowHook{db: db, from: o.SlowFrom, tell: o.Slow})
	}
	for _, h := range o.Hooks {
		db.hook(h)
	}
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// hook has h called around each statement.
func (db *DB) hook(h bun.QueryHook) {
	same := db.read == db.write
	db.read = db.read.WithQueryHook(h)
	if same {
		db.write = db.read
		return
	}
	db.write = db.write.WithQueryHook(h)
}

// Close closes the database once running calls are done. It may be called twice.
func (db *DB) Close() error {
	db.keeps.work.Wait()
	db.holders.work.Wait()
	return db.close()
}

// Ping reports whether the database answers, as [cifra.Unavailable] where it does not.
func (db *DB) Ping(ctx context.Context) error {
	return db.view(ctx, "ping", func(ctx context.Context, q bun.IDB) error {
		var one int
		return q.NewRaw("SELECT 1").Scan(ctx, &one)
	})
}

// Kind returns "sqlite" or "postgres".
func (db *DB) Kind() string {
	if db.isPostgres() {
		return "postgres"
	}
	return "sqlite"
}

func (db *DB) isPostgres() bool { return db.read.Dialect().Name() == dialect.PG }

// Stats counts the database's connections.
type Stats struct {
	Kept     int           // connections that are kept without load
	Max      int           // the most that there may be
	Open     int           // open now
	InUse    int           // at work now
	Overflow int           // open now beyond those that are kept
	Waits    int64         // calls so far that had to wait for a connection
	Waited   time.Duration // that they waited, all together
	Recycle  time.Duration // after which a connection is renewed; 0: never
	Patience time.Duration // that a call waits at most, for a connection and its answer
	Checked  bool          // connections are checked before they are used
}

// Stats returns how the connections are used just now.
func (db *DB) Stats() Stats {
	if db.pool != nil {
		p, c := db.pool.Stat(), db.pool.Config()
		s := Stats{
			Kept: int(c.MinConns), Max: int(c.MaxConns), Open: int(p.TotalConns()), InUse: int(p.AcquiredConns()),
			Waits: p.EmptyAcquireCount(), Waited: p.EmptyAcquireWaitTime(),
			Recycle: c.MaxConnLifetime, Patience: db.timeout, Checked: true,
		}
		s.Overflow = max(0, s.Open-s.Kept)
		return s
	}
	r, w := db.read.DB.Stats(), db.write.DB.Stats()
	return Stats{
		Kept: r.MaxOpenConnections + w.MaxOpenConnections, Max: r.MaxOpenConnections + w.MaxOpenConnections,
		Open: r.OpenConnections + w.OpenConnections, InUse: r.InUse + w.InUse,
		Waits: r.WaitCount + w.WaitCount, Waited: r.WaitDuration + w.WaitDuration, Patience: db.timeout,
	}
}

// view reads with f.
func (db *DB) view(ctx context.Context, what string, f func(ctx context.Context, q bun.IDB) error) error {
	return db.run(ctx, what, db.read, f)
}

// put writes with the single statement of f.
func (db *DB) put(ctx context.Context, what string, f func(ctx context.Context, q bun.IDB) error) error {
	return db.run(ctx, what, db.write, f)
}

// run calls f with q, within the time that a call may take.
func (db *DB) run(ctx context.Context, what string, q bun.IDB, f func(ctx context.Context, q bun.IDB) error) error {
	within, cancel := context.WithTimeout(ctx, db.patience())
	defer cancel()
	err := f(within, q)
	db.heard(err)
	if err := classify(ctx, err); err != nil {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	return nil
}
