package store

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// kept is one prediction with everything that is written about it.
type kept struct {
	image      *imageRow
	prediction *predictionRow
	audit      *auditRow
	fact       predictedFact
}

// AddPrediction keeps a prediction with its picture, its audit row and its event, all or nothing. The picture is
// kept once, however many predictions are about it. Where p's CreatedAt is zero, it is now. An id that is taken is a
// Conflict, a user who does not exist NotFound. Predictions that are added at the same time share a commit.
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
	k, err := db.newKept(p, pic, a)
	if err != nil {
		return fmt.Errorf("store: add prediction: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, db.patience())
	defer cancel()
	if err := classify(ctx, db.keeps.do(within, k, db.keepAll)); err != nil {
		return fmt.Errorf("store: add prediction: %w", err)
	}
	return nil
}

// newKept makes the rows here, so that nothing of the caller's is read after the caller has gone.
func (db *DB) newKept(p *cifra.Prediction, pic *cifra.Picture, a cifra.Audit) (*kept, error) {
	image, err := newImageRow(pic, db.now())
	if err != nil {
		return nil, err
	}
	row, err := newPredictionRow(p, image)
	if err != nil {
		return nil, err
	}
	audit := db.newAuditRow(a)
	return &kept{image: image, prediction: row, audit: audit, fact: predictedFact{
		ID: row.ID, Username: audit.Username, Digit: row.Digit, Probability: row.Probability,
		Version: p.API, Model: row.Model, Sure: row.Sure, Reason: null(p.Reading.Reason),
		Source: p.Provenance.Source, Cached: p.Provenance.Cached(), Timestamp: row.CreatedAt,
	}}, nil
}

// keepAll writes all of ks in one transaction.
func (db *DB) keepAll(ctx context.Context, ks []*kept) error {
	return db.change(ctx, "add predictions", func(ctx context.Context, t *tx) error {
		rows, audits := make([]*predictionRow, len(ks)), make([]*auditRow, len(ks))
		images := make([]*imageRow, len(ks))
		for i, k := range ks {
			audit := *k.audit // a copy, as it gets a number, which is void where this transaction is not committed
			rows[i], audits[i], images[i] = k.prediction, &audit, k.image
			if err := t.tell(cifra.EventPredicted, k.fact); err != nil {
				return err
			}
		}
		if err := t.keepImages(ctx, images); err != nil {
			return err
		}
		if _, err := t.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return err
		}
		_, err := t.NewInsert().Model(&audits).Exec(ctx)
		return err
	})
}
