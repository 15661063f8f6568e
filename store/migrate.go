package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"cifra/migrations"
)

// Migration is one step of the database's shape.
type Migration struct {
	Name      string    // such as 0001_people
	AppliedAt time.Time // zero where it is not applied
	Unknown   bool      // applied by a newer version of the program; this one has no file of it
}

// migrationLock is the key of the advisory lock under which PostgreSQL is migrated: "cifra" and a number.
const migrationLock = 0x6369667261_01

// migrationTime is how long a run of migrations may take, waiting for other processes included.
const migrationTime = 10 * time.Minute

type migrationRow struct {
	bun.BaseModel `bun:"table:schema_migrations"`

	Name      string    `bun:"name,pk"`
	AppliedAt time.Time `bun:"applied_at"`
}

// step is a migration's SQL.
type step struct{ name, up, down string }

// Migrate applies what is missing and returns the names of what it applied. All of it happens in one transaction
// under a lock that ends with it, on either database. So any number of processes may start at once, and one
// that is killed in the middle leaves nothing behind. (bun's own migrator keeps its lock as a row, which outlives
// a killed process, and marks a step as done after that step's commit; both can keep a server from starting.)
func (db *DB) Migrate(ctx context.Context) ([]string, error) {
	var names []string
	err := db.migrate(ctx, func(ctx context.Context, t bun.Tx, steps []step, applied []migrationRow) error {
		names = nil
		for _, s := range steps {
			if slices.ContainsFunc(applied, func(r migrationRow) bool { return r.Name == s.name }) {
				continue
			}
			if err := runSQL(ctx, t, s.up); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			row := migrationRow{Name: s.name, AppliedAt: stamp(db.now())}
			if _, err := t.NewInsert().Model(&row).Exec(ctx); err != nil {
				return err
			}
			names = append(names, s.name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: migrate up: %w", err)
	}
	return names, nil
}

// MigrateDown takes the last migration back, with all that its tables hold, and returns its name,
// "" where there is nothing to take back. A migration that this program does not know is an error.
func (db *DB) MigrateDown(ctx context.Context) (string, error) {
	var name string
	err := db.migrate(ctx, func(ctx context.Context, t bun.Tx, steps []step, applied []migrationRow) error {
		name = ""
		if len(applied) == 0 {
			return nil
		}
		last := applied[len(applied)-1]
		i := slices.IndexFunc(steps, func(s step) bool { return s.name == last.Name })
		if i < 0 {
			return fmt.Errorf("%s was applied by a newer version, which must take it back", last.Name)
		}
		if err := runSQL(ctx, t, steps[i].down); err != nil {
			return fmt.Errorf("%s: %w", last.Name, err)
		}
		name = last.Name
		_, err := t.NewDelete().Model(&last).WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("store: migrate down: %w", err)
	}
	return name, nil
}

// MigrationStatus returns every migration in its order, applied or not.
func (db *DB) MigrationStatus(ctx context.Context) ([]Migration, error) {
	steps, err := db.steps()
	if err != nil {
		return nil, fmt.Errorf("store: migrate status: %w", err)
	}
	var applied []migrationRow
	err = db.view(ctx, "migrate status", func(ctx context.Context, q bun.IDB) error {
		table := "SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'"
		if db.isPostgres() {
			table = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_migrations')"
		}
		var tables int
		if err := q.NewRaw(table).Scan(ctx, &tables); err != nil || tables == 0 {
			return err
		}
		return q.NewSelect().Model(&applied).Order("name").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	all := make([]Migration, 0, len(steps))
	for _, s := range steps {
		all = append(all, Migration{Name: s.name})
	}
	for _, r := range applied {
		i := slices.IndexFunc(all, func(m Migration) bool { return m.Name == r.Name })
		if i < 0 {
			all = append(all, Migration{Name: r.Name, Unknown: true})
			i = len(all) - 1
		}
		all[i].AppliedAt = r.AppliedAt.UTC()
	}
	slices.SortFunc(all, func(a, b Migration) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// migrate calls f in one transaction in which nobody else migrates, with what is applied in order.
func (db *DB) migrate(ctx context.Context, f func(context.Context, bun.Tx, []step, []migrationRow) error) error {
	steps, err := db.steps()
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, migrationTime)
	defer cancel()
	err = db.patiently(within, "migrate", func() error {
		return db.write.RunInTx(within, nil, func(ctx context.Context, t bun.Tx) error {
			if db.isPostgres() { // SQLite's transaction has taken the file's only write lock already
				if _, err := t.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", int64(migrationLock)); err != nil {
					return err
				}
			}
			applied, err := appliedMigrations(ctx, t, db.isPostgres())
			if err != nil {
				return err
			}
			return f(ctx, t, steps, applied)
		})
	})
	return classify(ctx, err)
}

func appliedMigrations(ctx context.Context, t bun.Tx, postgres bool) ([]migrationRow, error) {
	table := "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT NOT NULL PRIMARY KEY, applied_at TEXT NOT NULL) STRICT"
	if postgres {
		table = "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT NOT NULL PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL)"
	}
	if err := runSQL(ctx, t, table); err != nil {
		return nil, err
	}
	var applied []migrationRow
	err := t.NewSelect().Model(&applied).Order("name").Scan(ctx)
	return applied, err
}

// runSQL runs statements as they are: what looks like a place for a value in them is none.
func runSQL(ctx context.Context, t bun.Tx, statements string) error {
	raw := t.Tx
	_, err := raw.ExecContext(ctx, statements)
	return err
}

// steps reads the migrations of this database's dialect, in order.
func (db *DB) steps() ([]step, error) {
	files, err := fs.Glob(migrations.Files, path.Join(db.Kind(), "*.sql"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("no migrations are embedded")
	}
	slices.Sort(files)
	steps := make([]step, 0, len(files))
	for _, f := range files {
		b, err := fs.ReadFile(migrations.Files, f)
		if err != nil {
			return nil, err
		}
		up, down, found := strings.Cut(string(b), "\n-- down\n")
		if !found {
			return nil, fmt.Errorf("%s has no line \"-- down\"", f)
		}
		steps = append(steps, step{name: strings.TrimSuffix(path.Base(f), ".sql"), up: up, down: down})
	}
	return steps, nil
}
