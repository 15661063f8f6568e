package store

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// recent is how far back, and how many at most, answers count for how long they take.
const (
	recentSpan = 5 * time.Minute
	recentMost = 500
)

// Overview tells how the site is doing just now.
func (db *DB) Overview(ctx context.Context) (*cifra.Overview, error) {
	o := &cifra.Overview{}
	now := stamp(db.now())
	s := db.Stats()
	o.PoolInUse, o.PoolMax = s.InUse, s.Max
	err := db.view(ctx, "overview", func(ctx context.Context, q bun.IDB) (err error) {
		if o.Rates, err = db.rates(ctx, q, now.Add(-cifra.RateSpan)); err != nil {
			return err
		}
		if o.P95, err = slowest(ctx, q, now.Add(-recentSpan)); err != nil {
			return err
		}
		var today []feedbackCountRow
		if err := q.NewSelect().Model(&today).Where("day = ?", now.Format(time.DateOnly)).Scan(ctx); err != nil {
			return err
		}
		for _, c := range today {
			o.Today.Total += c.N
			if c.Correct {
				o.Today.Correct += c.N
			} else {
				o.Today.Incorrect += c.N
			}
		}
		var reigns []championRow
		err = q.NewSelect().Model(&reigns).Where("since >= ?", now.Add(-cifra.RateSpan)).Order("id DESC").Limit(20).Scan(ctx)
		for _, r := range slices.Backward(reigns) {
			o.Promoted = append(o.Promoted, cifra.Reign{
				API: cifra.API(r.API), Model: r.Model, Since: r.Since.UTC(), Until: value(r.Until).UTC(), By: r.MadeBy, Reason: r.Reason,
			})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// rates counts answers in steps of ten minutes: the first 15 characters of a time, "2026-03-14 14:0".
func (db *DB) rates(ctx context.Context, q bun.IDB, since time.Time) ([]cifra.Rate, error) {
	step := "substr(created_at, 1, 15)"
	if db.isPostgres() {
		step = "left(to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), 15)"
	}
	var rows []struct {
		Step    string
		Answers int64
		Cached  int64
	}
	err := q.NewSelect().Model((*predictionRow)(nil)).ColumnExpr(step+" AS step").ColumnExpr("count(*) AS answers").
		ColumnExpr("sum(CASE WHEN source = ? THEN 1 ELSE 0 END) AS cached", cifra.SourceCache).
		Where("created_at >= ?", since).GroupExpr("1").OrderExpr("1").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	rates := make([]cifra.Rate, 0, len(rows))
	for _, r := range rows {
		at, err := time.Parse("2006-01-02 15:04", r.Step+"0")
		if err != nil {
			return nil, err
		}
		rates = append(rates, cifra.Rate{At: at, Answers: r.Answers, Cached: r.Cached})
	}
	return rates, nil
}

// slowest returns the time within which 95 of 100 of the latest answers were given.
func slowest(ctx context.Context, q bun.IDB, since time.Time) (time.Duration, error) {
	var rows []string
	err := q.NewSelect().Model((*predictionRow)(nil)).Column("provenance").Where("created_at >= ?", since).
		Order("created_at DESC").Limit(recentMost).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var took []time.Duration
	for _, r := range rows {
		var p provenanceJSON
		if err := fromJSON(r, &p); err != nil {
			return 0, err
		}
		took = append(took, p.Took)
	}
	slices.Sort(took)
	return took[(len(took)*95+99)/100-1], nil
}
