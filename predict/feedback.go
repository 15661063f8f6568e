package predict

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"cifra"
)

// FeedbackStore keeps what people say of answers. [cifra/store.DB] is one.
type FeedbackStore interface {
	// AddFeedback keeps f with its audit row and its event, all or nothing, and sets its ID, State and CreatedAt. Where the
	// same owner has sent one under this key before, f becomes what was kept then.
	AddFeedback(ctx context.Context, f *cifra.Feedback, key string, a cifra.Audit) (repeated bool, err error)
	// WithdrawFeedback takes back what who said since then. NotFound where it isn't theirs, Conflict where it is too late.
	WithdrawFeedback(ctx context.Context, id int64, who cifra.Actor, since time.Time, a cifra.Audit) error
	// FeedbackOf returns what was last said of a prediction and still counts. NotFound where nothing was.
	FeedbackOf(ctx context.Context, predictionID string) (*cifra.Feedback, error)
	// FeedbackAbout returns the same of each of the predictions of which something was said, by prediction.
	FeedbackAbout(ctx context.Context, predictionIDs []string) (map[string]*cifra.Feedback, error)
}

// Limits of what people send.
const (
	maxKey    = 255             // characters of a request's own name
	undoGrace = 5 * time.Second // for the way that a click takes, beyond cifra.UndoTime
)

// GiveFeedback keeps what the asker says of an answer: f's PredictionID, Prediction, Correct, Label and Comment. key is the
// client's own name for the request, "" for none: sent twice, it is kept once. Impossible where what is said can't be:
// no digit, a label that agrees with what is said to be wrong, another digit than was answered. NotFound where the
// prediction isn't the asker's.
func (s *Service) GiveFeedback(ctx context.Context, f *cifra.Feedback, key string) error {
	if err := checkFeedback(f, key); err != nil {
		return err
	}
	actor := cifra.ActorFrom(ctx)
	f.UserID, f.Guest, f.Username = actor.UserID(), actor.Guest, actor.Name()
	if f.PredictionID != "" {
		r, err := s.Recognition(ctx, f.PredictionID)
		if err != nil {
			return err
		}
		if r.Reading.Digit != f.Prediction {
			return wrongField("prediction", "error.feedback.digit", "Digit", r.Reading.Digit)
		}
		f.API, f.Model = r.API, r.Reading.Model
		if len(r.Reading.Digits) > 1 {
			f.Label = cifra.NoLabel // no one digit is the right one
		}
	}
	details := fmt.Sprintf("said=%d correct=%v", f.Prediction, f.Correct)
	if f.Label != cifra.NoLabel {
		details += fmt.Sprintf(" label=%d", f.Label)
	}
	_, err := s.Said.AddFeedback(ctx, f, key, cifra.Audit{
		UserID: f.UserID, Username: f.Username, Action: cifra.ActionFeedback, IP: actor.IP, At: s.Now().UTC(),
		Details: details,
	})
	return err
}

// checkFeedback holds that what is said can be, and fills in what follows from it.
func checkFeedback(f *cifra.Feedback, key string) error {
	isDigit := func(d int) bool { return d >= 0 && d <= 9 }
	switch {
	case !isDigit(f.Prediction):
		return wrongField("prediction", "error.field.value", "Field", "prediction")
	case f.Label != cifra.NoLabel && !isDigit(f.Label):
		return wrongField("label", "error.field.value", "Field", "label")
	case f.Label != cifra.NoLabel && f.Correct != (f.Label == f.Prediction):
		return wrongField("label", "error.feedback.contradiction")
	case utf8.RuneCountInString(f.Comment) > cifra.MaxComment:
		return wrongField("comment", "error.feedback.long", "Max", cifra.MaxComment)
	case utf8.RuneCountInString(key) > maxKey:
		return wrongField("Idempotency-Key", "error.field.value", "Field", "Idempotency-Key")
	}
	if f.Correct {
		f.Label = f.Prediction
	}
	return nil
}

// wrongField is a refusal because of one field.
func wrongField(field, key string, pairs ...any) error {
	e := cifra.E(cifra.Impossible, key, pairs...)
	e.Fields = map[string]*cifra.Error{field: cifra.E(cifra.Impossible, key, pairs...)}
	return e
}

// WithdrawFeedback takes back what the asker has said, within [cifra.UndoTime] of it. Conflict after that.
func (s *Service) WithdrawFeedback(ctx context.Context, id int64) error {
	actor, now := cifra.ActorFrom(ctx), s.Now().UTC()
	return s.Said.WithdrawFeedback(ctx, id, actor, now.Add(-cifra.UndoTime-undoGrace), cifra.Audit{
		UserID: actor.UserID(), Username: actor.Name(), Action: cifra.ActionWithdraw, IP: actor.IP, At: now, Details: fmt.Sprintf("id=%d", id),
	})
}

// FeedbackOf returns what was last said of a prediction and still counts; nil where nothing was. Who may see it is who
// may see the prediction, which the caller has checked.
func (s *Service) FeedbackOf(ctx context.Context, predictionID string) (*cifra.Feedback, error) {
	f, err := s.Said.FeedbackOf(ctx, predictionID)
	if cifra.CodeOf(err) == cifra.NotFound {
		return nil, nil //nolint:nilnil // nothing was said, which is no error
	}
	return f, err
}

// FeedbackAbout returns what was last said of each of the predictions and still counts, by prediction. Who may see it is
// who may see the predictions, which the caller has checked.
func (s *Service) FeedbackAbout(ctx context.Context, predictionIDs []string) (map[string]*cifra.Feedback, error) {
	return s.Said.FeedbackAbout(ctx, predictionIDs)
}
