package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func asError(err error) (*cifra.Error, bool) {
	var e *cifra.Error
	return e, errors.As(err, &e)
}

func isCanceled(err error) bool { return errors.Is(err, context.Canceled) }

func TestSQLiteHeldByAnotherProcess(t *testing.T) {
	t.Parallel()
	address := storetest.SQLiteURL(t)
	holder := storetest.Open(t, address)
	waiter := storetest.Open(t, address, func(o *store.Options) { o.Timeout = 200 * time.Millisecond })
	ana := addUser(t, holder, "ana")
	held, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- holder.SlowEvent(context.WithoutCancel(t.Context()), "slow", func() { close(held); <-release })
	}()
	<-held
	wantUnavailable(t, "a write", waiter.SetMeta(t.Context(), "k", "v"))
	wantUnavailable(t, "a transaction", waiter.AddAudit(t.Context(), cifra.Audit{}))
	if got, err := waiter.User(t.Context(), ana.ID); err != nil || got.Username != "ana" {
		t.Errorf("a read: got %v, %v; want it to go on", got, err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := waiter.SetMeta(t.Context(), "k", "v"); err != nil {
		t.Errorf("a write once it is free: %v", err)
	}
}

func TestSQLiteOnAFullDisk(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	ana := addUser(t, db, "ana")
	// SQLite says the same of its own limit of pages as of a disk without room: SQLITE_FULL.
	limit := func(pages string) {
		if _, err := store.Raw(db).ExecContext(t.Context(), "PRAGMA max_page_count="+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // SQLite takes it as the number of pages that there are
	var err error
	for i := 0; err == nil && i < 100; i++ {
		pic := picture(i)
		err = db.AddPrediction(t.Context(), prediction(pic), pic, cifra.Audit{})
	}
	wantUnavailable(t, "a write", err)
	if got, err := db.User(t.Context(), ana.ID); err != nil || got.Username != "ana" {
		t.Errorf("a read: got %v, %v; want it to go on", got, err)
	}
	limit("1000000")
	addPrediction(t, db, cifra.Actor{}, 1)
}

func TestSQLiteThatIsReadOnly(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	if _, err := store.Raw(db).ExecContext(t.Context(), "PRAGMA query_only=1"); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, "a write", db.SetMeta(t.Context(), "k", "v"))
}

func TestPostgresCutsEveryConnection(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	admin, err := pgx.Connect(t.Context(), os.Getenv("TEST_POSTGRES_URL"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // nothing to lose
	name := store.Strings(t, db, "SELECT current_database()")[0]

	// Writers go on while all connections are cut ten times: what was acknowledged is there, nothing is doubled, and
	// every refusal says that trying again makes sense.
	var wg sync.WaitGroup
	var kept, refused [4]int
	stop := make(chan struct{})
	for i := range kept {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				switch err := db.AddAudit(t.Context(), cifra.Audit{UserID: int64(i + 1), Action: "kept"}); err {
				case nil:
					kept[i]++
				default:
					wantUnavailable(t, "a write that was cut", err)
					refused[i]++
				}
			}
		})
	}
	for range 10 {
		before := store.Count(t, db, "audit")
		for store.Count(t, db, "audit") < before+5 {
			continue // until the writers are at work
		}
		if _, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name); err != nil {
			t.Fatal(err)
		}
		for _, err := db.HasAdmin(t.Context()); err != nil; _, err = db.HasAdmin(t.Context()) {
			wantUnavailable(t, "a read that was cut", err)
		}
	}
	close(stop)
	wg.Wait()
	for i := range kept {
		got := store.Strings(t, db, "SELECT count(*)::text FROM audit WHERE user_id = ?", i+1)
		// A commit whose answer was cut off may have happened: at most one for each refusal.
		var rows int
		if _, err := fmt.Sscan(got[0], &rows); err != nil || rows < kept[i] || rows > kept[i]+refused[i] {
			t.Errorf("writer %d: got %s rows, want the %d acknowledged and at most %d that were cut off", i, got[0], kept[i], refused[i])
		}
	}
	if a, e := store.Count(t, db, "audit"), store.Count(t, db, "events"); a != e {
		t.Errorf("got %d audit rows and %d events, want each with its event", a, e)
	}
}

func TestPostgresThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t, func(o *store.Options) { o.Timeout = 300 * time.Millisecond })
	conn, err := store.Raw(db).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // given back either way
	lock, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.ExecContext(t.Context(), "LOCK TABLE users"); err != nil {
		t.Fatal(err)
	}
	_, err = db.User(t.Context(), 1)
	wantUnavailable(t, "a read", err)
	wantUnavailable(t, "a write", db.SetRole(t.Context(), 1, cifra.RoleAdmin, cifra.Audit{}))
	wantUnavailable(t, "the first admin", db.AddFirstAdmin(t.Context(), &cifra.User{Username: "ana"}, cifra.Audit{}))
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	_, err = db.User(t.Context(), 1)
	wantCode(t, "once it answers", err, cifra.NotFound)
}

func TestPostgresWithNoConnectionLeft(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	name := store.Strings(t, db, "SELECT current_database()")[0]
	if _, err := store.Raw(db).ExecContext(t.Context(), "ALTER DATABASE "+name+" CONNECTION LIMIT 0"); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(os.Getenv("TEST_POSTGRES_URL"))
	if err != nil {
		t.Fatal(err)
	}
	// The limit does not hold for superusers, so a role of its own comes in.
	role := "role_" + strings.TrimPrefix(name, "test_")
	if _, err := store.Raw(db).ExecContext(t.Context(), "CREATE ROLE "+role+" LOGIN PASSWORD 'x'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := store.Raw(db).ExecContext(context.WithoutCancel(t.Context()), "DROP ROLE "+role); err != nil {
			t.Error(err)
		}
	})
	u.User, u.Path = url.UserPassword(role, "x"), "/"+name
	_, err = store.Open(t.Context(), u.String(), store.Options{Now: storetest.Clock(), KeepConns: 1})
	wantUnavailable(t, "the database takes no more connections", err)
}
