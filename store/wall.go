package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type wallRow struct {
	bun.BaseModel `bun:"table:wall,alias:w"`

	ID           int64     `bun:"id,pk,autoincrement"`
	PredictionID string    `bun:"prediction_id"`
	Hidden       bool      `bun:"hidden"`
	At           time.Time `bun:"at"`
}

// AddToWall shows the room the drawing of a prediction, whose maker agreed. NotFound where there is no such prediction,
// Conflict where it is on the wall already.
func (db *DB) AddToWall(ctx context.Context, predictionID string) error {
	return db.change(ctx, "add to wall", func(ctx context.Context, t *tx) error {
		var p predictionRow
		if err := t.NewSelect().Model(&p).Where("id = ?", clean(predictionID)).Scan(ctx); err != nil {
			return err
		}
		row := &wallRow{PredictionID: p.ID, At: stamp(t.db.now())}
		if _, err := t.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		return t.tell(cifra.EventWallShown, wallDrawing(row, &p))
	})
}

func wallDrawing(w *wallRow, p *predictionRow) cifra.WallDrawing {
	return cifra.WallDrawing{
		ID: w.ID, Digit: p.Digit, Probability: p.Probability, Sure: p.Sure, Source: cifra.Source(p.Source), API: cifra.API(p.API), At: w.At.UTC(),
	}
}

// Wall returns the latest drawings on the wall that nobody has hidden, the latest first, [cifra.WallMost] at most.
func (db *DB) Wall(ctx context.Context) ([]cifra.WallDrawing, error) {
	var rows []struct {
		wallRow     `bun:",extend"`
		Digit       int
		Probability float64
		Sure        bool
		Source      string
		API         string
	}
	err := db.view(ctx, "wall", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).ColumnExpr("w.*").
			ColumnExpr("p.digit, p.probability, p.sure, p.source, p.api").Join("JOIN predictions AS p ON p.id = w.prediction_id").
			Where("NOT w.hidden").Order("w.id DESC").Limit(cifra.WallMost).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	list := make([]cifra.WallDrawing, 0, len(rows))
	for _, r := range rows {
		p := predictionRow{Digit: r.Digit, Probability: r.Probability, Sure: r.Sure, Source: r.Source, API: r.API}
		list = append(list, wallDrawing(&r.wallRow, &p))
	}
	return list, nil
}

// WallPicture returns a drawing on the wall as a PNG. NotFound where there is none, or it was hidden.
func (db *DB) WallPicture(ctx context.Context, id int64) ([]byte, error) {
	var thumbnail []byte
	err := db.view(ctx, "wall picture", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model((*wallRow)(nil)).ColumnExpr("i.thumbnail").
			Join("JOIN predictions AS p ON p.id = w.prediction_id").
			Join("JOIN images AS i ON i.hash = p.image_hash AND i.preparation = p.preparation").
			Where("w.id = ?", id).Where("NOT w.hidden").Scan(ctx, &thumbnail)
	})
	return thumbnail, err
}

// HideFromWall takes a drawing down, with an audit row. NotFound where it isn't on the wall.
func (db *DB) HideFromWall(ctx context.Context, id int64, a cifra.Audit) error {
	return db.change(ctx, "hide from wall", func(ctx context.Context, t *tx) error {
		res, err := t.NewUpdate().Model((*wallRow)(nil)).Set("hidden = ?", true).Where("id = ?", id).Where("NOT hidden").Exec(ctx)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		if err := t.tell(cifra.EventWallHidden, cifra.WallHidden{ID: id}); err != nil {
			return err
		}
		return t.audit(ctx, a)
	})
}

// takeDown tells the room that drawings go whose predictions are about to be deleted.
func (t *tx) takeDown(ctx context.Context, predictionIDs []string) error {
	var ids []int64
	err := t.NewSelect().Model((*wallRow)(nil)).Column("id").Where("prediction_id IN (?)", bun.List(predictionIDs)).
		Where("NOT hidden").Order("id").Scan(ctx, &ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.tell(cifra.EventWallHidden, cifra.WallHidden{ID: id}); err != nil {
			return err
		}
	}
	return nil
}
