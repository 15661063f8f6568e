package main

import (
	"fmt"

	"cifra/store"
)

// backupCommand copies the database while a server uses it.
type backupCommand struct {
	File string `arg:"" help:"A new file." type:"path"`
}

// Run writes the copy. PostgreSQL has programs of its own for that.
func (cmd *backupCommand) Run(env *environment) error {
	return withStore(env, func(db *store.DB) error {
		if db.Kind() != "sqlite" {
			return &usageError{fmt.Errorf("%s is backed up with pg_dump: see docs/operations.md", db.Kind())}
		}
		if err := db.Backup(env.ctx, cmd.File); err != nil {
			return err
		}
		_, err := fmt.Fprintln(env.out, cmd.File)
		return err
	})
}
