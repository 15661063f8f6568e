package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// predictedFact is the data of a predicted event: what admins see at once, under the names of the API.
type predictedFact struct {
	ID          string        `json:"id"`
	Username    string        `json:"username"`
	Digit       int           `json:"prediccion"`
	Probability float64       `json:"probabilidad"`
	Version     cifra.API     `json:"version"`
	Model       string        `json:"modelo"`
	Sure        bool          `json:"segura"`
	Reason      *cifra.Reason `json:"motivo"`
	Source      cifra.Source  `json:"source"`
	Cached      bool          `json:"cached"`
	Timestamp   time.Time     `json:"timestamp"`
}

// AddPrediction keeps a prediction with its picture, its audit row and its event, all or nothing. The picture is
// kept once, however many predictions are about it. Where p's CreatedAt is zero, it is now. An id that is taken is a
// Conflict, a user who does not exist NotFound.
func (db *DB) AddPrediction(ctx context.Context, p *cifra.Prediction, pic *cifra.Picture, a cifra.Audit) error {
	switch {
	case p.ID == "":
		return errors.New("store: add prediction: no id")
	case p.ImageHash != pic.Hash:
		return fmt.Errorf("store: add prediction: it is about image %q, the picture is of %q", p.ImageHash, pic.Hash)
	}
	if p.CreatedAt.IsZero() {
		p.CreatedAt = db.now()
	}
	return db.change(ctx, "add prediction", func(ctx context.Context, t *tx) error {
		image, err := t.keepImage(ctx, pic)
		if err != nil {
			return err
		}
		row, err := newPredictionRow(p, image)
		if err != nil {
			return err
		}
		if _, err := t.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		audited, err := t.record(ctx, a)
		if err != nil {
			return err
		}
		return t.tell(cifra.EventPredicted, predictedFact{
			ID: row.ID, Username: audited.Username, Digit: row.Digit, Probability: row.Probability,
			Version: p.API, Model: row.Model, Sure: row.Sure, Reason: null(p.Reading.Reason),
			Source: p.Provenance.Source, Cached: p.Provenance.Cached(), Timestamp: row.CreatedAt,
		})
	})
}

// Prediction returns the prediction with this id and its picture, or NotFound. Whose it is, the caller checks.
func (db *DB) Prediction(ctx context.Context, id string) (*cifra.Recognition, error) {
	var row predictionRow
	var image imageRow
	err := db.view(ctx, "prediction", func(ctx context.Context, q bun.IDB) error {
		if err := q.NewSelect().Model(&row).Where("id = ?", clean(id)).Scan(ctx); err != nil {
			return err
		}
		// If both are deleted in between, there is no picture: not found, as a moment later.
		return q.NewSelect().Model(&image).Where("hash = ?", row.ImageHash).Where("preparation = ?", row.Preparation).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	p, err := row.prediction()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	pic, err := image.picture()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &cifra.Recognition{Prediction: *p, Picture: *pic}, nil
}

// Predictions returns a page of who's own predictions, newest first: the user's, or else the guest's. Nobody's
// page is empty. cursor is the next of the page before, "" for the first page; next is "" on the last one.
func (db *DB) Predictions(ctx context.Context, who cifra.Actor, cursor string, perPage int) (items []cifra.Prediction, next string, err error) {
	before, err := parsePlace(cursor)
	if err != nil {
		return nil, "", err
	}
	items = []cifra.Prediction{}
	if who.User == nil && who.Guest == "" {
		return items, "", nil
	}
	perPage = pageSize(perPage)
	var rows []predictionRow
	err = db.view(ctx, "predictions", func(ctx context.Context, q bun.IDB) error {
		return history(q, who, before).Model(&rows).Limit(int64(perPage) + 1).Scan(ctx)
	})
	if err != nil {
		return nil, "", err
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		last := rows[perPage-1]
		next = place{last.CreatedAt, last.ID}.String()
	}
	for _, r := range rows {
		p, err := r.prediction()
		if err != nil {
			return nil, "", fmt.Errorf("store: %w", err)
		}
		items = append(items, *p)
	}
	return items, next, nil
}

// history selects who's predictions before a place, in the order of their index.
func history(q bun.IDB, who cifra.Actor, before place) *bun.SelectQuery {
	s := q.NewSelect().Order("created_at DESC", "id DESC")
	if who.User != nil {
		s.Where("user_id = ?", who.User.ID)
	} else {
		s.Where("guest = ?", clean(who.Guest))
	}
	if before.id != "" {
		s.Where("(created_at, id) < (?, ?)", before.at, before.id)
	}
	return s
}

// DeletePrediction removes a prediction, with an audit row, and its picture where no other prediction is about it.
// One that is not there is NotFound. Whose it is, the caller checks.
func (db *DB) DeletePrediction(ctx context.Context, id string, a cifra.Audit) error {
	return db.change(ctx, "delete prediction", func(ctx context.Context, t *tx) error {
		// What was said of it stays in the report's numbers; the words go with the drawing.
		_, err := t.NewUpdate().Model((*feedbackRow)(nil)).Set("comment = ''").Where("prediction_id = ?", clean(id)).Exec(ctx)
		if err != nil {
			return err
		}
		var image struct{ ImageHash, Preparation string }
		err = t.NewDelete().Model((*predictionRow)(nil)).Where("id = ?", clean(id)).
			Returning("image_hash, preparation").Scan(ctx, &image)
		if err != nil {
			return err
		}
		if err := t.dropImage(ctx, image.ImageHash, image.Preparation); err != nil {
			return err
		}
		return t.audit(ctx, a)
	})
}

// ClaimGuest makes a guest's predictions those of the user that the guest has signed in as, and returns how many
// they were. A user who does not exist is NotFound.
func (db *DB) ClaimGuest(ctx context.Context, guest string, userID int64) (n int64, err error) {
	if guest = clean(guest); guest == "" {
		return 0, nil
	}
	err = db.change(ctx, "claim guest", func(ctx context.Context, t *tx) error {
		// Always in one order, so that two claims of one guest do not wait for each other in a circle.
		own := t.NewSelect().Model((*predictionRow)(nil)).Column("id").Where("guest = ?", guest).Order("id")
		if db.isPostgres() {
			own = own.For("UPDATE")
		}
		res, err := t.NewUpdate().Model((*predictionRow)(nil)).
			Set("user_id = ?", userID).Set("guest = NULL").Where("id IN (?)", own).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil {
			return err
		}
		// What they said goes with them. Its place in the order of requests stays the guest's: that name is used up.
		_, err = t.NewUpdate().Model((*feedbackRow)(nil)).Set("user_id = ?", userID).Set("guest = NULL").
			Set("owner = ?", owner(userID, "")).Set("idempotency = NULL").Where("owner = ?", owner(0, guest)).Exec(ctx)
		return err
	})
	return n, err
}
