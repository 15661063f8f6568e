package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type modelRow struct {
	bun.BaseModel `bun:"table:models"`

	ID        string    `bun:"id,pk"`
	API       string    `bun:"api"`
	SHA256    string    `bun:"sha256"`
	Weights   []byte    `bun:"weights"`
	Parent    string    `bun:"parent"`
	Note      string    `bun:"note"`
	Metrics   string    `bun:"metrics"`
	MadeBy    string    `bun:"made_by"`
	CreatedAt time.Time `bun:"created_at"`
}

func (r *modelRow) version() (*cifra.ModelVersion, error) {
	m := &cifra.ModelVersion{
		ID: r.ID, API: cifra.API(r.API), SHA256: r.SHA256, Weights: r.Weights, Parent: r.Parent, Note: r.Note,
		By: r.MadeBy, CreatedAt: r.CreatedAt.UTC(),
	}
	if err := fromJSON(r.Metrics, &m.Metrics); err != nil {
		return nil, fmt.Errorf("store: model %s: metrics: %w", r.ID, err)
	}
	return m, nil
}

// damaged says that weights are not those that their SHA-256 names.
func damaged(id string) error { return cifra.E(cifra.Impossible, "error.model.damaged", "Model", id) }

func intact(weights []byte, sum string) bool {
	got := sha256.Sum256(weights)
	return hex.EncodeToString(got[:]) == sum
}

// AddModel keeps a version with its weights. Versions are immutable: one that is there already stays as it is,
// which is no error, unless its weights are others: Conflict. Weights that are not those that SHA256 names are
// refused, as Impossible, "error.model.damaged". Where CreatedAt is zero, it is now.
func (db *DB) AddModel(ctx context.Context, m *cifra.ModelVersion) error {
	if !intact(m.Weights, m.SHA256) {
		return damaged(m.ID)
	}
	metrics, err := toJSON(m.Metrics)
	if err != nil {
		return fmt.Errorf("store: add model: metrics: %w", err)
	}
	if m.CreatedAt.IsZero() {
		m.CreatedAt = db.now()
	}
	row := modelRow{
		ID: clean(m.ID), API: string(m.API), SHA256: m.SHA256, Weights: notNil(m.Weights), Parent: clean(m.Parent),
		Note: clean(m.Note), Metrics: metrics, MadeBy: clean(m.By), CreatedAt: stamp(m.CreatedAt),
	}
	return db.change(ctx, "add model", func(ctx context.Context, t *tx) error {
		if _, err := t.NewInsert().Model(&row).On("CONFLICT (id) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		var sum string
		err := t.NewSelect().Model((*modelRow)(nil)).Column("sha256").Where("id = ?", row.ID).Scan(ctx, &sum)
		if err == nil && sum != m.SHA256 {
			return cifra.E(cifra.Conflict, "error.model.taken", "Model", m.ID)
		}
		return err
	})
}

// Model returns a version with its weights, checked against their SHA-256, or NotFound. Weights that were changed
// on the way are Impossible, "error.model.damaged", and not returned.
func (db *DB) Model(ctx context.Context, id string) (*cifra.ModelVersion, error) {
	var row modelRow
	err := db.view(ctx, "model", func(ctx context.Context, q bun.IDB) error { return readModel(ctx, q, &row, id) })
	if err != nil {
		return nil, err
	}
	return row.version()
}

// readModel fills row with the version and checks its weights.
func readModel(ctx context.Context, q bun.IDB, row *modelRow, id string) error {
	if err := q.NewSelect().Model(row).Where("id = ?", clean(id)).Scan(ctx); err != nil {
		return err
	}
	if !intact(row.Weights, row.SHA256) {
		return damaged(row.ID)
	}
	return nil
}

// Models returns all versions for api without their weights, newest first.
func (db *DB) Models(ctx context.Context, api cifra.API) ([]cifra.ModelVersion, error) {
	var rows []modelRow
	err := db.view(ctx, "models", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).ExcludeColumn("weights").Where("api = ?", api).
			Order("created_at DESC", "id").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	versions := make([]cifra.ModelVersion, 0, len(rows))
	for _, r := range rows {
		v, err := r.version()
		if err != nil {
			return nil, err
		}
		versions = append(versions, *v)
	}
	return versions, nil
}
