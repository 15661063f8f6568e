package store

import (
	"context"

	"cifra"
)

// AddWhatIf tells every instance of trouble that a show makes on purpose, with an audit row.
func (db *DB) AddWhatIf(ctx context.Context, w cifra.WhatIf, a cifra.Audit) error {
	return db.change(ctx, "add what-if", func(ctx context.Context, t *tx) error {
		if err := t.tell(cifra.EventWhatIf, w); err != nil {
			return err
		}
		return t.audit(ctx, a)
	})
}
