package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"text/tabwriter"

	"cifra/store"
)

// migrateCommand brings the database's tables to where the program wants them.
type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Apply what is missing."`
	Down   migrateDown   `cmd:"" help:"Take the last migration back, with all that its tables hold."`
	Status migrateStatus `cmd:"" help:"Tell which migrations are applied."`
}

type migrateUp struct{}

type migrateDown struct {
	Yes bool `help:"Really: what the last migration's tables hold is lost." required:""`
}

type migrateStatus struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// withStore opens the configured database for one command.
func withStore(env *environment, do func(db *store.DB) error) (err error) {
	db, err := openStore(env, slog.New(slog.NewTextHandler(env.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer func() {
		if e := db.Close(); err == nil {
			err = e
		}
	}()
	return do(db)
}

// Run applies what is missing.
func (migrateUp) Run(env *environment) error {
	return withStore(env, func(db *store.DB) error {
		names, err := db.Migrate(env.ctx)
		if err != nil {
			return err
		}
		for _, n := range names {
			if _, err := fmt.Fprintln(env.out, n); err != nil {
				return err
			}
		}
		if len(names) == 0 {
			_, err = fmt.Fprintln(env.out, "nothing to apply")
		}
		return err
	})
}

// Run takes the last migration back.
func (migrateDown) Run(env *environment) error {
	return withStore(env, func(db *store.DB) error {
		name, err := db.MigrateDown(env.ctx)
		if err != nil {
			return err
		}
		if name == "" {
			name = "nothing to take back"
		}
		_, err = fmt.Fprintln(env.out, name)
		return err
	})
}

// Run tells which migrations are applied.
func (cmd migrateStatus) Run(env *environment) error {
	return withStore(env, func(db *store.DB) error {
		all, err := db.MigrationStatus(env.ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return json.NewEncoder(env.out).Encode(all)
		}
		w := tabwriter.NewWriter(env.out, 0, 4, 2, ' ', 0)
		for _, m := range all {
			state := "missing"
			switch {
			case m.Unknown:
				state = "applied by a newer version"
			case !m.AppliedAt.IsZero():
				state = "applied " + m.AppliedAt.Format("2006-01-02 15:04:05 MST")
			}
			if _, err := fmt.Fprintf(w, "%s\t%s\n", m.Name, state); err != nil {
				return err
			}
		}
		return w.Flush()
	})
}
