package store

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type feedbackRow struct {
	bun.BaseModel `bun:"table:feedback,alias:f"`

	ID           int64      `bun:"id,pk,autoincrement"`
	PredictionID *string    `bun:"prediction_id"`
	UserID       *int64     `bun:"user_id"`
	Guest        *string    `bun:"guest"`
	Owner        string     `bun:"owner"`
	Username     string     `bun:"username"`
	API          string     `bun:"api"`
	Model        string     `bun:"model"`
	Said         int        `bun:"said"`
	Correct      bool       `bun:"correct"`
	Label        int        `bun:"label"`
	Comment      string     `bun:"comment"`
	State        string     `bun:"state"`
	Decided      int        `bun:"decided"`
	DecidedBy    string     `bun:"decided_by"`
	DecidedAt    *time.Time `bun:"decided_at"`
	Idempotency  *string    `bun:"idempotency"`
	CreatedAt    time.Time  `bun:"created_at"`

	UsedBy string `bun:"used_by,scanonly"`
}

// feedbackFact is the data of an event about feedback, with the field names of the system that this one replaces.
type feedbackFact struct {
	ID           string              `json:"id"`
	Username     string              `json:"username"`
	Prediction   int                 `json:"prediction"`
	Correct      bool                `json:"correct"`
	Label        *int                `json:"label"`
	Comment      string              `json:"comment"`
	Timestamp    time.Time           `json:"timestamp"`
	PredictionID *string             `json:"prediction_id"`
	Version      cifra.API           `json:"version,omitempty"`
	Model        string              `json:"modelo,omitempty"`
	State        cifra.FeedbackState `json:"state"`
	Decided      *int                `json:"decided_label"`
	DecidedBy    string              `json:"decided_by,omitempty"`
}

func newFeedbackRow(f *cifra.Feedback, key string) *feedbackRow {
	return &feedbackRow{
		PredictionID: null(clean(f.PredictionID)), UserID: null(f.UserID), Guest: null(clean(f.Guest)), Owner: owner(f.UserID, clean(f.Guest)),
		Username: clean(f.Username), API: clean(string(f.API)), Model: clean(f.Model), Said: f.Prediction, Correct: f.Correct, Label: f.Label,
		Comment: clip(f.Comment, cifra.MaxComment), State: string(cifra.FeedbackNew), Decided: cifra.NoLabel,
		Idempotency: null(clean(key)), CreatedAt: stamp(f.CreatedAt),
	}
}

// owner is whose label it is.
func owner(userID int64, guest string) string {
	if userID != 0 {
		return "u" + strconv.FormatInt(userID, 10)
	}
	return "g" + guest
}

func (r *feedbackRow) feedback() *cifra.Feedback {
	return &cifra.Feedback{
		ID: r.ID, PredictionID: value(r.PredictionID), UserID: value(r.UserID), Guest: value(r.Guest), Username: r.Username,
		API: cifra.API(r.API), Model: r.Model, Prediction: r.Said, Correct: r.Correct, Label: r.Label, Comment: r.Comment,
		State: cifra.FeedbackState(r.State), Decided: r.Decided, DecidedBy: r.DecidedBy, DecidedAt: value(r.DecidedAt).UTC(),
		UsedBy: r.UsedBy, CreatedAt: r.CreatedAt.UTC(),
	}
}

func (r *feedbackRow) fact() feedbackFact {
	return feedbackFact{
		ID: strconv.FormatInt(r.ID, 10), Username: r.Username, Prediction: r.Said, Correct: r.Correct, Label: labelOrNull(r.Label),
		Comment: r.Comment, Timestamp: r.CreatedAt.UTC(), PredictionID: r.PredictionID, Version: cifra.API(r.API), Model: r.Model,
		State: cifra.FeedbackState(r.State), Decided: labelOrNull(r.Decided), DecidedBy: r.DecidedBy,
	}
}

// sameWords reports whether two rows say the same, whenever and under whatever number.
func (r *feedbackRow) sameWords(o *feedbackRow) bool {
	return value(r.PredictionID) == value(o.PredictionID) && r.Said == o.Said && r.Correct == o.Correct && r.Label == o.Label && r.Comment == o.Comment
}

func labelOrNull(label int) *int {
	if label == cifra.NoLabel {
		return nil
	}
	return &label
}

// feedbacks selects rows with what has become of them.
func feedbacks(q bun.IDB) *bun.SelectQuery {
	return q.NewSelect().ColumnExpr("f.*").
		ColumnExpr("coalesce((SELECT run FROM feedback_uses u WHERE u.feedback_id = f.id ORDER BY u.at DESC LIMIT 1), '') AS used_by")
}

// count changes a number of the report by n.
func (t *tx) count(ctx context.Context, r *feedbackRow, n int64) error {
	row := feedbackCountRow{
		Day: r.CreatedAt.UTC().Format(time.DateOnly), API: r.API, Model: r.Model, Said: r.Said, Label: r.Label, Correct: r.Correct, N: n,
	}
	_, err := t.NewInsert().Model(&row).On("CONFLICT (day, api, model, said, label, correct) DO UPDATE").
		Set("n = feedback_counts.n + EXCLUDED.n").Exec(ctx)
	return err
}

type feedbackCountRow struct {
	bun.BaseModel `bun:"table:feedback_counts,alias:feedback_counts"`

	Day     string `bun:"day,pk"`
	API     string `bun:"api,pk"`
	Model   string `bun:"model,pk"`
	Said    int    `bun:"said,pk"`
	Label   int    `bun:"label,pk"`
	Correct bool   `bun:"correct,pk"`
	N       int64  `bun:"n"`
}
