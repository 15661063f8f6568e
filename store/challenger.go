package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type challengerRow struct {
	bun.BaseModel `bun:"table:challengers,alias:challengers"`

	API    string    `bun:"api,pk"`
	Model  string    `bun:"model"`
	Since  time.Time `bun:"since"`
	MadeBy string    `bun:"made_by"`
}

// HoldChallenger holds a version beside the champion of its API, in the place of the one that was, with an audit row that
// says who does it. One that is held already stays, since then. An unknown one is NotFound; the champion itself is
// Conflict, "error.model.serves"; damaged weights are Impossible.
func (db *DB) HoldChallenger(ctx context.Context, id string, a cifra.Audit) error {
	return db.change(ctx, "hold challenger", func(ctx context.Context, t *tx) error {
		if err := t.alone(ctx, "champions"); err != nil {
			return err
		}
		var model modelRow
		if err := readModel(ctx, t, &model, id); err != nil {
			return err
		}
		n, err := serving(t, cifra.API(model.API)).Where("model = ?", model.ID).Count(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return cifra.E(cifra.Conflict, "error.model.serves", "Model", model.ID)
		}
		row := challengerRow{API: model.API, Model: model.ID, Since: stamp(db.now()), MadeBy: clean(a.Username)}
		res, err := t.NewInsert().Model(&row).On("CONFLICT (api) DO UPDATE").
			Set("model = EXCLUDED.model").Set("since = EXCLUDED.since").Set("made_by = EXCLUDED.made_by").
			Where("challengers.model <> EXCLUDED.model").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return t.audit(ctx, a)
	})
}

// ReleaseChallenger ends the comparison of an API, with an audit row. NotFound where there is none.
func (db *DB) ReleaseChallenger(ctx context.Context, api cifra.API, a cifra.Audit) error {
	return db.change(ctx, "release challenger", func(ctx context.Context, t *tx) error {
		res, err := t.NewDelete().Model((*challengerRow)(nil)).Where("api = ?", string(api)).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		return t.audit(ctx, a)
	})
}

// dropChallenger ends the comparison of an API if its challenger is the model, which becomes the champion.
func (t *tx) dropChallenger(ctx context.Context, api, model string) error {
	_, err := t.NewDelete().Model((*challengerRow)(nil)).Where("api = ?", api).Where("model = ?", model).Exec(ctx)
	return err
}

// Challengers returns the versions that are held for comparison, one an API at most.
func (db *DB) Challengers(ctx context.Context) ([]cifra.Challenger, error) {
	var rows []challengerRow
	err := db.view(ctx, "challengers", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Order("api DESC").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	var list []cifra.Challenger
	for _, r := range rows {
		list = append(list, cifra.Challenger{API: cifra.API(r.API), Model: r.Model, Since: r.Since.UTC(), By: r.MadeBy})
	}
	return list, nil
}

// Compare returns how the answers of a challenger and of a champion went since the challenger was held.
func (db *DB) Compare(ctx context.Context, c cifra.Challenger, champion string) (*cifra.Contest, error) {
	models := bun.List([]string{champion, c.Model})
	var answers []struct {
		Model         string
		Answers, Sure int64
	}
	var said []struct {
		Model   string
		Correct bool
		N       int64
	}
	err := db.view(ctx, "compare", func(ctx context.Context, q bun.IDB) error {
		err := q.NewSelect().Model((*predictionRow)(nil)).ColumnExpr("model").ColumnExpr("count(*) AS answers").
			ColumnExpr("sum(CASE WHEN sure THEN 1 ELSE 0 END) AS sure").
			Where("created_at >= ?", c.Since).Where("model IN (?)", models).GroupExpr("model").Scan(ctx, &answers)
		if err != nil {
			return err
		}
		return q.NewSelect().Model((*feedbackRow)(nil)).ColumnExpr("model").ColumnExpr("correct").ColumnExpr("count(*) AS n").
			Where("created_at >= ?", c.Since).Where("model IN (?)", models).Where("state IN (?)", bun.List(counting)).
			GroupExpr("model, correct").Scan(ctx, &said)
	})
	if err != nil {
		return nil, err
	}
	out := &cifra.Contest{API: c.API, Since: c.Since, Champion: cifra.Faring{Model: champion}, Challenger: cifra.Faring{Model: c.Model}}
	of := func(model string) *cifra.Faring {
		if model == champion {
			return &out.Champion
		}
		return &out.Challenger
	}
	for _, r := range answers {
		f := of(r.Model)
		f.Answers, f.Sure = r.Answers, r.Sure
	}
	for _, r := range said {
		f := of(r.Model)
		f.Said.Total += r.N
		if r.Correct {
			f.Said.Correct += r.N
		} else {
			f.Said.Incorrect += r.N
		}
	}
	return out, nil
}
