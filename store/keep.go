package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun/schema"

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
	picture    cifra.Picture
	there      bool // the answer was remembered, so the picture's row is there as a rule
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

// newKept makes the rows here, so that nothing of the caller's is read after the caller has gone, but for what the picture
// holds, which nobody changes.
func (db *DB) newKept(p *cifra.Prediction, pic *cifra.Picture, a cifra.Audit) (*kept, error) {
	row, err := newPredictionRow(p, pic)
	if err != nil {
		return nil, err
	}
	audit := db.newAuditRow(a)
	return &kept{picture: *pic, there: p.Provenance.Cached(), prediction: row, audit: audit, fact: predictedFact{
		ID: row.ID, Username: audit.Username, Digit: row.Digit, Probability: row.Probability,
		Version: p.API, Model: row.Model, Sure: row.Sure, Reason: null(p.Reading.Reason),
		Source: p.Provenance.Source, Cached: p.Provenance.Cached(), Timestamp: row.CreatedAt,
	}}, nil
}

// keepAll writes all of ks, or nothing.
func (db *DB) keepAll(ctx context.Context, ks []*kept) error {
	// In one order, so that two transactions never wait for each other's pictures in a circle.
	ks = slices.SortedStableFunc(slices.Values(ks), func(a, b *kept) int {
		return cmp.Or(cmp.Compare(a.prediction.ImageHash, b.prediction.ImageHash), cmp.Compare(a.prediction.Preparation, b.prediction.Preparation))
	})
	if db.isPostgres() {
		if err := db.keepAtOnce(ctx, ks); !isReference(err) {
			return err
		}
		// A picture isn't there after all, or a user; only the first can be mended.
	}
	return db.change(ctx, "add predictions", func(ctx context.Context, t *tx) error {
		images, err := db.pictureRows(ks, func(*kept) bool { return true })
		if err != nil {
			return err
		}
		for _, row := range images {
			if err := t.keepImage(ctx, row); err != nil {
				return err
			}
		}
		if t.told, err = db.predicted(ks); err != nil {
			return err
		}
		rows, audits := rowsOf(ks)
		if _, err := t.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return err
		}
		_, err = t.NewInsert().Model(&audits).Exec(ctx)
		return err
	})
}

// texts are buffers for what keepAtOnce sends, some 3 KB for each prediction.
var texts = sync.Pool{New: func() any { return new([]byte) }}

// finished is text that needs no more values. It is an argument of another text, so that traces, which show that one, show
// none of the values in it.
type finished []byte

// AppendQuery implements [schema.QueryAppender].
func (f finished) AppendQuery(_ schema.QueryGen, b []byte) ([]byte, error) {
	const andMore = 64 // for what follows
	return append(slices.Grow(b, len(f)+andMore), f...), nil
}

// keepAtOnce writes all of ks as one text of several statements, which PostgreSQL runs as one transaction
// (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT): one way there and back in
// place of seven. Nothing is looked up before, so it fails where a picture's row that should be there is not.
func (db *DB) keepAtOnce(ctx context.Context, ks []*kept) error {
	images, err := db.pictureRows(ks, func(k *kept) bool { return !k.there })
	if err != nil {
		return err
	}
	told, err := db.predicted(ks)
	if err != nil {
		return err
	}
	rows, audits := rowsOf(ks)
	statements := []schema.QueryAppender{
		db.write.NewInsert().Model(&rows),
		db.write.NewInsert().Model(&audits).Returning("NULL"),
		db.write.NewRaw(showNumbers, int64(outboxTag)),
		db.write.NewInsert().Model(&told).Returning("NULL"),
	}
	if len(images) > 0 {
		pictures := db.write.NewInsert().Model(&images).On("CONFLICT (hash, preparation) DO NOTHING")
		statements = append([]schema.QueryAppender{pictures}, statements...)
	}
	buffer, _ := texts.Get().(*[]byte)
	defer texts.Put(buffer)
	text := (*buffer)[:0]
	for _, s := range statements {
		if text, err = s.AppendQuery(db.write.QueryGen(), text); err != nil {
			return fmt.Errorf("store: add predictions: %w", err)
		}
		text = append(text, ";\n"...)
	}
	*buffer = text
	err = db.insist(ctx, db.patience(), "add predictions", func(ctx context.Context) error {
		_, err := db.write.ExecContext(ctx, "?-- predictions, with pictures, audit and events", finished(text))
		return err
	})
	if err == nil {
		db.tell()
	}
	return err
}

// pictureRows returns the rows of those pictures that want asks for, each once, in the order of ks.
func (db *DB) pictureRows(ks []*kept, want func(*kept) bool) ([]*imageRow, error) {
	var rows []*imageRow
	for _, k := range ks {
		if last := len(rows) - 1; !want(k) || last >= 0 && rows[last].Hash == k.prediction.ImageHash && rows[last].Preparation == k.prediction.Preparation {
			continue
		}
		row, err := newImageRow(&k.picture, db.now())
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// rowsOf returns the rows about ks. Those of the audit are copies, as they get numbers, which are void where the transaction
// isn't committed.
func rowsOf(ks []*kept) ([]*predictionRow, []*auditRow) {
	rows, audits := make([]*predictionRow, len(ks)), make([]*auditRow, len(ks))
	for i, k := range ks {
		audit := *k.audit
		rows[i], audits[i] = k.prediction, &audit
	}
	return rows, audits
}

// predicted returns what is told about ks.
func (db *DB) predicted(ks []*kept) ([]eventRow, error) {
	told := make([]eventRow, len(ks))
	for i, k := range ks {
		var err error
		if told[i], err = db.newEventRow(cifra.EventPredicted, k.fact); err != nil {
			return nil, err
		}
	}
	return told, nil
}
