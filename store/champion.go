package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type championRow struct {
	bun.BaseModel `bun:"table:champions"`

	ID     int64      `bun:"id,pk,autoincrement"`
	API    string     `bun:"api"`
	Model  string     `bun:"model"`
	Since  time.Time  `bun:"since"`
	Until  *time.Time `bun:"until"`
	MadeBy string     `bun:"made_by"`
	Reason string     `bun:"reason"`
}

// promotedFact is the data of a model_promoted event.
type promotedFact struct {
	API       cifra.API `json:"api"`
	Model     string    `json:"model"`
	Previous  string    `json:"previous"` // "" for the first
	By        string    `json:"by"`
	Reason    string    `json:"reason"`
	Timestamp time.Time `json:"timestamp"`
}

// Champion returns the id of the version that serves api, or NotFound where none was promoted yet.
func (db *DB) Champion(ctx context.Context, api cifra.API) (id string, err error) {
	err = db.view(ctx, "champion", func(ctx context.Context, q bun.IDB) error {
		return serving(q, api).Column("model").Scan(ctx, &id)
	})
	return id, err
}

func serving(q bun.IDB, api cifra.API) *bun.SelectQuery {
	return q.NewSelect().Model((*championRow)(nil)).Where("api = ?", api).Where("until IS NULL")
}

// Promote makes a version the one that serves api: the pointer is swapped, the audit row and the event
// model_promoted are written in one transaction, after the weights in the database were checked. The audit row says
// who does it. A version that serves already stays, and nothing is told. An unknown one is NotFound, one of
// the other API or with damaged weights Impossible.
func (db *DB) Promote(ctx context.Context, api cifra.API, id, reason string, a cifra.Audit) error {
	return db.change(ctx, "promote", func(ctx context.Context, t *tx) error {
		if err := t.promote(ctx, api, id, nil, reason, a); err != nil {
			return err
		}
		return t.promotedByHand(ctx, clean(id), reason)
	})
}

// promote is Promote within a transaction. Where expected isn't nil, the version that serves must be that one
// ("" for none); else Conflict, "error.training.champion".
func (t *tx) promote(ctx context.Context, api cifra.API, id string, expected *string, reason string, a cifra.Audit) error {
	if err := t.alone(ctx, "champions"); err != nil {
		return err
	}
	var model modelRow
	if err := readModel(ctx, t, &model, id); err != nil {
		return err
	}
	if model.API != string(api) {
		return cifra.E(cifra.Impossible, "error.model.api", "Model", id, "API", string(api))
	}
	var before []championRow
	if err := serving(t, api).Scan(ctx, &before); err != nil {
		return err
	}
	previous := ""
	if len(before) > 0 {
		previous = before[0].Model
	}
	if expected != nil && previous != *expected {
		return cifra.E(cifra.Conflict, "error.training.champion", "Model", previous)
	}
	if previous == model.ID {
		return nil
	}
	if a.At.IsZero() {
		a.At = t.db.now()
	}
	if err := t.crown(ctx, &championRow{
		API: string(api), Model: model.ID, Since: stamp(a.At), MadeBy: clean(a.Username), Reason: clip(reason, maxDetails),
	}); err != nil {
		return err
	}
	if err := t.dropChallenger(ctx, string(api), model.ID); err != nil {
		return err
	}
	if _, err := t.record(ctx, a); err != nil {
		return err
	}
	return t.tell(cifra.EventModelPromoted, promotedFact{
		API: api, Model: model.ID, Previous: previous, By: a.Username, Reason: clip(reason, maxDetails), Timestamp: stamp(a.At),
	})
}

// crown ends the reign of the version that serves and begins that of next.
func (t *tx) crown(ctx context.Context, next *championRow) error {
	_, err := t.NewUpdate().Model((*championRow)(nil)).Set("until = ?", next.Since).
		Where("api = ?", next.API).Where("until IS NULL").Exec(ctx)
	if err != nil {
		return err
	}
	_, err = t.NewInsert().Model(next).Exec(ctx)
	return err
}

// Reigns returns which versions have served api, from when to when, the one that serves first, 100 at most.
func (db *DB) Reigns(ctx context.Context, api cifra.API) ([]cifra.Reign, error) {
	var rows []championRow
	err := db.view(ctx, "reigns", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Where("api = ?", api).Order("id DESC").Limit(100).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	reigns := make([]cifra.Reign, 0, len(rows))
	for _, r := range rows {
		reigns = append(reigns, cifra.Reign{
			API: cifra.API(r.API), Model: r.Model, Since: r.Since.UTC(), Until: value(r.Until).UTC(), By: r.MadeBy, Reason: r.Reason,
		})
	}
	return reigns, nil
}
