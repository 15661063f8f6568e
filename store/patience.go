package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Times of a database that doesn't answer. Who asks has often asked it before within the same request, as for who is signed
// in (a second at most): both waits together must fit into the 2 s within which a refusal is to be out.
const (
	silentPatience = 800 * time.Millisecond
	silentFor      = 2 * time.Second
)

// silence remembers that the last call had no answer in time, so that those after it wait less. The first answer ends it.
type silence struct {
	since atomic.Int64 // nanoseconds of Unix time; 0: it answers
}

// patience is how long a call may take now.
func (db *DB) patience() time.Duration {
	if since := db.silence.since.Load(); since != 0 && db.isPostgres() {
		if gone := db.now().Sub(time.Unix(0, since)); gone >= 0 && gone < silentFor {
			return min(db.timeout, silentPatience)
		}
	}
	return db.timeout
}

// heard notes how a call ended: err as the driver gave it, or nil.
func (db *DB) heard(err error) {
	switch {
	case err == nil:
		if db.silence.since.Load() != 0 {
			db.silence.since.Store(0)
		}
	case errors.Is(err, context.DeadlineExceeded):
		db.silence.since.Store(db.now().UnixNano())
	}
}
