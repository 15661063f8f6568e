package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// TestMain lets this test's binary be the processes that TestManyProcessesStartAtOnce starts.
func TestMain(m *testing.M) {
	address := os.Getenv("CIFRA_TEST_START")
	if address == "" {
		os.Exit(m.Run())
	}
	if err := start(context.Background(), address); err != nil {
		os.Stderr.WriteString(err.Error() + "\n") //nolint:errcheck // nobody else to tell
		os.Exit(1)
	}
}

// start does with the database what every process does first, and writes what it applied. Where CIFRA_TEST_STALL
// is set it never commits.
func start(ctx context.Context, address string) error {
	db, err := store.Open(ctx, address, store.Options{Now: storetest.Clock(), KeepConns: 1, MaxConns: 2, Timeout: 30 * time.Second})
	if err != nil {
		return err
	}
	if os.Getenv("CIFRA_TEST_STALL") != "" {
		return store.Stall(ctx, db, func() { os.Stdout.WriteString("stalled\n") }) //nolint:errcheck // the reader would see nothing
	}
	names, err := db.Migrate(ctx)
	if err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString(strings.Join(names, " ")); err != nil {
		return err
	}
	return db.Close()
}

func process(t *testing.T, address string, env ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	c.Env = append(append(os.Environ(), "CIFRA_TEST_START="+address), env...)
	return c
}

func TestManyProcessesStartAtOnce(t *testing.T) {
	t.Parallel()
	const processes = 25
	storetest.EachURL(t, func(t *testing.T, address string) {
		var cmds [processes]*exec.Cmd
		var out, errs [processes]bytes.Buffer
		for i := range cmds {
			cmds[i] = process(t, address)
			cmds[i].Stdout, cmds[i].Stderr = &out[i], &errs[i]
			if err := cmds[i].Start(); err != nil {
				t.Fatal(err)
			}
		}
		applied := 0
		for i, c := range cmds {
			if err := c.Wait(); err != nil {
				t.Errorf("process %d: %v: %s", i, err, &errs[i])
			}
			if out[i].Len() > 0 {
				applied++
			}
		}
		if applied != 1 {
			t.Errorf("got %d processes that applied the migrations, want 1", applied)
		}
		addPrediction(t, storetest.Open(t, address), cifra.Actor{}, 1)
	})
}

func TestAProcessKilledInTheMiddleLeavesNoLockAndNoHalf(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, address string) {
		c := process(t, address, "CIFRA_TEST_STALL=1")
		stdout, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 8)
		if _, err := stdout.Read(line); err != nil {
			t.Fatalf("the process that is to be killed: %v", err)
		}
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err == nil {
			t.Fatal("the process ended by itself, want killed")
		}
		db := storetest.Open(t, address)
		if got := store.Count(t, db, "users"); got != 0 {
			t.Errorf("got %d users, want 0", got)
		}
	})
}

func TestMigratingWaitsForAnotherProcessThatTakesLong(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, address string) {
		holder := storetest.Open(t, address)
		waiting := make(chan struct{}, 1)
		o := store.Options{Now: storetest.Clock(), KeepConns: 1, Logger: slog.New(slog.NewTextHandler(signal(waiting), nil))}
		waiter, err := store.Open(t.Context(), address, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := waiter.Close(); err != nil {
				t.Error(err)
			}
		})
		if waiter.Kind() == "sqlite" { // so that SQLite gives up waiting soon
			if _, err := store.Raw(waiter).ExecContext(t.Context(), "PRAGMA busy_timeout=20"); err != nil {
				t.Fatal(err)
			}
		}
		stall, stop := context.WithCancel(t.Context())
		defer stop()
		held, ended := make(chan struct{}), make(chan error, 1)
		go func() { ended <- store.Hold(stall, holder, func() { close(held) }) }()
		<-held
		migrated := make(chan error, 1)
		go func() {
			_, err := waiter.Migrate(t.Context())
			migrated <- err
		}()
		for len(migrated) == 0 && len(waiting) == 0 && (waiter.Kind() != "postgres" || !waits(t, holder)) {
			runtime.Gosched() // on SQLite until it has waited for longer than SQLite does by itself
		}
		stop()
		if err := <-ended; !isCanceled(err) {
			t.Errorf("the one that took long: got %v, want it to end with its context", err)
		}
		if err := <-migrated; err != nil {
			t.Errorf("the one that waited: %v", err)
		}
	})
}

// signal is a log that says each time that something is written.
type signal chan struct{}

func (s signal) Write(b []byte) (int, error) {
	select {
	case s <- struct{}{}:
	default:
	}
	return len(b), nil
}

func TestUpDownStatus(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		all, err := db.MigrationStatus(t.Context())
		if err != nil || len(all) < 4 {
			t.Fatalf("status: got %d migrations, %v; want 4 at least", len(all), err)
		}
		full := schema(t, db)
		names, err := db.Migrate(t.Context())
		if err != nil || len(names) != 0 {
			t.Errorf("up a second time: got %v, %v; want nothing to do", names, err)
		}
		for i, m := range slices.Backward(all) {
			if m.AppliedAt.IsZero() || m.Unknown {
				t.Errorf("%s: got %+v, want applied and known", m.Name, m)
			}
			name, err := db.MigrateDown(t.Context())
			if err != nil || name != m.Name {
				t.Fatalf("down: got %q, %v; want %q", name, err, m.Name)
			}
			left, err := db.MigrationStatus(t.Context())
			if err != nil || left[i].AppliedAt != (time.Time{}) {
				t.Errorf("after down: got %+v, %v; want it not applied", left[i], err)
			}
		}
		if name, err := db.MigrateDown(t.Context()); name != "" || err != nil {
			t.Errorf("down with nothing left: got %q, %v; want nothing", name, err)
		}
		if got := schema(t, db); len(got) != 1 {
			t.Errorf("got left after all the way down: %v; want only the list of migrations", got)
		}
		names, err = db.Migrate(t.Context())
		if err != nil || len(names) != len(all) {
			t.Errorf("up again: got %v, %v; want all", names, err)
		}
		if diff := cmp.Diff(full, schema(t, db)); diff != "" {
			t.Errorf("down and up makes another shape (-before +after):\n%s", diff)
		}
	})
}

func TestStatusOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, address string) {
		db, err := store.Open(t.Context(), address, store.Options{Now: storetest.Clock(), KeepConns: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close() //nolint:errcheck // read only
		all, err := db.MigrationStatus(t.Context())
		if err != nil || len(all) == 0 || !all[0].AppliedAt.IsZero() {
			t.Errorf("got %+v, %v; want all, none applied", all, err)
		}
	})
}

func TestADatabaseOfANewerVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if _, err := store.Raw(db).ExecContext(t.Context(), "INSERT INTO schema_migrations VALUES ('9999_later', ?)", storetest.Start); err != nil {
			t.Fatal(err)
		}
		if names, err := db.Migrate(t.Context()); err != nil || len(names) != 0 {
			t.Errorf("up: got %v, %v; want it to run on the newer shape", names, err)
		}
		all, err := db.MigrationStatus(t.Context())
		if last := all[len(all)-1]; err != nil || !last.Unknown || !last.AppliedAt.Equal(storetest.Start) {
			t.Errorf("status: got %+v, %v; want it told as unknown", last, err)
		}
		if _, err := db.MigrateDown(t.Context()); err == nil || !strings.Contains(err.Error(), "9999_later") {
			t.Errorf("down: got %v, want an error that names it", err)
		}
	})
}
