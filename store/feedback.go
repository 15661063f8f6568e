package store

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// AddFeedback keeps what somebody said of an answer, with its audit row and its event, all or nothing, and sets f's ID,
// State, and CreatedAt where that is zero. Of what one owner says about one picture the last counts: what they said
// before is replaced. A prediction that isn't there is NotFound.
//
// key is the client's own name for this request, "" for none. Where the owner has sent one of this name before, nothing is
// kept again: f becomes what was kept then, and repeated is true; had it other words, it is Impossible,
// "error.idempotency".
func (db *DB) AddFeedback(ctx context.Context, f *cifra.Feedback, key string, a cifra.Audit) (repeated bool, err error) {
	if f.CreatedAt.IsZero() {
		f.CreatedAt = db.now()
	}
	row := newFeedbackRow(f, key)
	err = db.change(ctx, "add feedback", func(ctx context.Context, t *tx) error {
		row.ID, repeated = 0, false
		old, err := t.feedbackBefore(ctx, row)
		if err != nil {
			return err
		}
		res, err := t.NewInsert().Model(row).On("CONFLICT (owner, idempotency) DO NOTHING").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			repeated = true
			return t.sameFeedback(ctx, row)
		}
		for _, r := range old {
			if err := t.setFeedback(ctx, &r, cifra.FeedbackReplaced); err != nil {
				return err
			}
		}
		a.Details = "id=" + strconv.FormatInt(row.ID, 10) + " " + a.Details
		if _, err := t.record(ctx, a); err != nil {
			return err
		}
		if err := t.tell(cifra.EventNewFeedback, row.fact()); err != nil {
			return err
		}
		return t.count(ctx, row, 1)
	})
	if err != nil {
		return false, err
	}
	*f = *row.feedback()
	return repeated, nil
}

// feedbackBefore returns what the row's owner said about the same picture before and what still counts. Until this
// transaction ends nobody else can say something about it, so that of two at once one replaces the other.
func (t *tx) feedbackBefore(ctx context.Context, row *feedbackRow) (old []feedbackRow, err error) {
	if row.PredictionID == nil {
		return nil, nil
	}
	var image imageKey
	err = t.NewSelect().Model((*predictionRow)(nil)).Column("image_hash", "preparation").Where("id = ?", *row.PredictionID).Scan(ctx, &image)
	if err != nil {
		return nil, err
	}
	if _, err := t.holdImage(ctx, &imageRow{Hash: image.ImageHash, Preparation: image.Preparation}, "NO KEY UPDATE"); err != nil {
		return nil, err
	}
	err = t.NewSelect().Model(&old).Where("f.owner = ?", row.Owner).Where("f.state IN (?)", bun.List(counting)).
		Where("f.prediction_id IN (?)", t.NewSelect().Model((*predictionRow)(nil)).Column("id").Where("image_hash = ?", image.ImageHash)).
		Where("(f.idempotency IS NULL OR ? IS NULL OR f.idempotency <> ?)", row.Idempotency, row.Idempotency).
		Order("f.id").Scan(ctx)
	return old, err
}

// counting are the states of what counts.
var counting = []cifra.FeedbackState{cifra.FeedbackNew, cifra.FeedbackAccepted, cifra.FeedbackRejected}

// sameFeedback fills row with what its owner sent under its name before.
func (t *tx) sameFeedback(ctx context.Context, row *feedbackRow) error {
	var old feedbackRow
	err := feedbacks(t).Model(&old).Where("f.owner = ?", row.Owner).Where("f.idempotency = ?", *row.Idempotency).Scan(ctx)
	if err != nil {
		return err
	}
	if !row.sameWords(&old) {
		return cifra.E(cifra.Impossible, "error.idempotency")
	}
	*row = old
	return nil
}

// setFeedback gives a row that counts a state in which it doesn't.
func (t *tx) setFeedback(ctx context.Context, r *feedbackRow, state cifra.FeedbackState) error {
	if _, err := t.NewUpdate().Model(r).Set("state = ?", state).WherePK().Exec(ctx); err != nil {
		return err
	}
	r.State = string(state)
	return t.count(ctx, r, -1)
}

// WithdrawFeedback takes back what who said. Where it isn't theirs or isn't there it is NotFound; what an admin has
// decided already, was replaced, or is older than since stays: Conflict, "error.feedback.late". What was taken back
// already stays so, which is no error.
func (db *DB) WithdrawFeedback(ctx context.Context, id int64, who cifra.Actor, since time.Time, a cifra.Audit) error {
	return db.change(ctx, "withdraw feedback", func(ctx context.Context, t *tx) error {
		row, err := t.holdFeedback(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case row.Owner != owner(who.UserID(), clean(who.Guest)):
			return cifra.E(cifra.NotFound, "error.not-found")
		case row.State == string(cifra.FeedbackWithdrawn):
			return nil
		case row.State != string(cifra.FeedbackNew) || row.CreatedAt.Before(since):
			return cifra.E(cifra.Conflict, "error.feedback.late")
		}
		if err := t.setFeedback(ctx, row, cifra.FeedbackWithdrawn); err != nil {
			return err
		}
		if _, err := t.record(ctx, a); err != nil {
			return err
		}
		return t.tell(cifra.EventFeedbackWithdrawn, row.fact())
	})
}

// holdFeedback reads a row and keeps others from changing it until the transaction ends.
func (t *tx) holdFeedback(ctx context.Context, id int64) (*feedbackRow, error) {
	var row feedbackRow
	s := t.NewSelect().Model(&row).Where("f.id = ?", id)
	if t.db.isPostgres() {
		s = s.For("NO KEY UPDATE")
	}
	return &row, s.Scan(ctx)
}
