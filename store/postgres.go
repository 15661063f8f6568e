package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// checkedWithin is for how long after its last use a connection is believed to be good.
const checkedWithin = 100 * time.Millisecond

// openPostgres opens the pool: so many connections kept, more under load, each renewed after half an hour.
// A call waits for a connection no longer than for its answer, see [Options.Timeout].
func openPostgres(ctx context.Context, db *DB, address string, o Options) error {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return err // pgx hides the password in it
	}
	c.MinConns, c.MaxConns = 10, 30
	if o.MaxConns > 0 {
		c.MaxConns = int32(o.MaxConns) //nolint:gosec // a handful
	}
	if o.KeepConns > 0 {
		c.MinConns = int32(o.KeepConns) //nolint:gosec // a handful
	}
	c.MinConns = min(c.MinConns, c.MaxConns)
	c.MaxConnLifetime, c.MaxConnLifetimeJitter = cmp.Or(o.Recycle, 30*time.Minute), time.Minute
	// Whoever gets a connection that lay idle asks first whether anybody is there; under load that would double the round
	// trips, and one that was used a moment ago is believed.
	c.ShouldPing = func(_ context.Context, p pgxpool.ShouldPingParams) bool { return p.IdleDuration >= checkedWithin }
	c.MaxConnIdleTime = time.Minute // what load has opened beyond those that are kept
	if db.timeout == 0 {
		db.timeout = 1800 * time.Millisecond // an answer is to be out within 2 s
	}
	c.ConnConfig.ConnectTimeout = db.timeout
	// bun writes values into the statement, so each is another text: preparing and remembering them
	// (pgx's default) would fill both sides' memory with pictures.
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	params := c.ConnConfig.RuntimeParams
	params["timezone"] = "UTC"
	// An instance that stops in the middle of a transaction, holding the outbox's lock, must not stop the others.
	params["idle_in_transaction_session_timeout"] = "5s"
	if params["application_name"] == "" {
		params["application_name"] = "cifra"
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return fmt.Errorf("pool: %w", err)
	}
	db.pool = pool
	db.read = bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New())
	db.write = db.read
	db.close = func() error {
		err := db.read.Close() // first, as it hands its connections back
		pool.Close()
		return err
	}
	return nil
}
