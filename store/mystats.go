package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// MyStats counts what a user has done. One who has done nothing, or does not exist, has zeros.
func (db *DB) MyStats(ctx context.Context, userID int64) (*cifra.MyStats, error) {
	m := &cifra.MyStats{ByAPI: map[cifra.API]int64{cifra.V1: 0, cifra.V2: 0}}
	err := db.view(ctx, "my stats", func(ctx context.Context, q bun.IDB) error {
		var rows []struct {
			API                   string
			Digit                 int
			Drawings, Sure, Given int64
		}
		err := q.NewSelect().Model((*predictionRow)(nil)).Column("api", "digit").ColumnExpr("count(*) AS drawings").
			ColumnExpr("count(*) FILTER (WHERE sure) AS sure").ColumnExpr("count(*) FILTER (WHERE source = ?) AS given", cifra.SourceCache).
			Where("user_id = ?", userID).Group("api", "digit").Scan(ctx, &rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			m.Drawings += r.Drawings
			m.ByDigit[r.Digit] += r.Drawings
			m.ByAPI[cifra.API(r.API)] += r.Drawings
			m.Sure += r.Sure
			m.Cached += r.Given
		}
		var first []struct{ CreatedAt time.Time }
		err = q.NewSelect().Model((*predictionRow)(nil)).Column("created_at").Where("user_id = ?", userID).
			Order("created_at", "id").Limit(1).Scan(ctx, &first)
		if err != nil {
			return err
		}
		if len(first) > 0 {
			m.Since = first[0].CreatedAt.UTC()
		}
		var said struct{ Judged, Right int64 }
		err = q.NewSelect().Model((*feedbackRow)(nil)).ColumnExpr("count(*) AS judged").
			ColumnExpr(`count(*) FILTER (WHERE f.correct) AS "right"`).Where("f.user_id = ?", userID).
			Where("f.state NOT IN (?)", bun.List([]cifra.FeedbackState{cifra.FeedbackWithdrawn, cifra.FeedbackReplaced})).Scan(ctx, &said)
		m.Judged, m.Right = said.Judged, said.Right
		return err
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}
