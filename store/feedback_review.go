package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"cifra"
)

// DecideFeedback keeps what an admin makes of a piece of feedback, with its audit row and its event, and returns it as it
// is then. label is the digit to accept; NoLabel for the one that its author named. One that isn't there, or doesn't count
// any more, is NotFound; accepting without any digit is Impossible, "error.feedback.label", as is accepting one of a
// line of several digits, "error.feedback.line".
func (db *DB) DecideFeedback(ctx context.Context, id int64, d cifra.Decision, label int, a cifra.Audit) (*cifra.Feedback, error) {
	var row *feedbackRow
	err := db.change(ctx, "decide feedback", func(ctx context.Context, t *tx) (err error) {
		if row, err = t.holdFeedback(ctx, id); err != nil {
			return err
		}
		if s := cifra.FeedbackState(row.State); s == cifra.FeedbackWithdrawn || s == cifra.FeedbackReplaced {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		now := stamp(db.now())
		row.Decided, row.DecidedBy, row.DecidedAt = cifra.NoLabel, clean(a.Username), &now
		switch d {
		case cifra.DecisionAccept:
			if row.Decided = label; label == cifra.NoLabel {
				row.Decided = row.Label
			}
			row.State = string(cifra.FeedbackAccepted)
			if err := t.mayAccept(ctx, row); err != nil {
				return err
			}
		case cifra.DecisionReject:
			row.State = string(cifra.FeedbackRejected)
		case cifra.DecisionReopen:
			row.State, row.DecidedBy, row.DecidedAt = string(cifra.FeedbackNew), "", nil
		default:
			return cifra.E(cifra.Impossible, "error.field.value", "Field", "decision")
		}
		_, err = t.NewUpdate().Model(row).Column("state", "decided", "decided_by", "decided_at").WherePK().Exec(ctx)
		if err != nil {
			return err
		}
		a.Details = fmt.Sprintf("id=%d %s", row.ID, d)
		if d == cifra.DecisionAccept {
			a.Details += fmt.Sprintf(" label=%d", row.Decided)
		}
		if _, err := t.record(ctx, a); err != nil {
			return err
		}
		return t.tell(cifra.EventFeedbackDecided, row.fact())
	})
	if err != nil {
		return nil, err
	}
	return db.Feedback(ctx, row.ID)
}

// mayAccept holds that there is one digit to learn.
func (t *tx) mayAccept(ctx context.Context, row *feedbackRow) error {
	if row.Decided == cifra.NoLabel {
		return cifra.E(cifra.Impossible, "error.feedback.label")
	}
	if row.PredictionID == nil {
		return nil
	}
	var p predictionRow
	if err := t.NewSelect().Model(&p).Where("id = ?", *row.PredictionID).Scan(ctx); err != nil {
		return err
	}
	prediction, err := p.prediction()
	if err != nil {
		return err
	}
	if len(prediction.Reading.Digits) > 1 {
		return cifra.E(cifra.Impossible, "error.feedback.line")
	}
	return nil
}

// Feedback returns a piece of feedback, or NotFound.
func (db *DB) Feedback(ctx context.Context, id int64) (*cifra.Feedback, error) {
	var row feedbackRow
	err := db.view(ctx, "feedback", func(ctx context.Context, q bun.IDB) error {
		return feedbacks(q).Model(&row).Where("f.id = ?", id).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	return row.feedback(), nil
}

// FeedbackOf returns what was last said of a prediction and still counts, NotFound where nothing was.
func (db *DB) FeedbackOf(ctx context.Context, predictionID string) (*cifra.Feedback, error) {
	var row feedbackRow
	err := db.view(ctx, "feedback of", func(ctx context.Context, q bun.IDB) error {
		return feedbacks(q).Model(&row).Where("f.prediction_id = ?", clean(predictionID)).
			Where("f.state IN (?)", bun.List(counting)).Order("f.id DESC").Limit(1).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	return row.feedback(), nil
}

// FeedbackAbout returns what was last said of each of the predictions and still counts, by prediction. Of the others
// nothing is there.
func (db *DB) FeedbackAbout(ctx context.Context, predictionIDs []string) (map[string]*cifra.Feedback, error) {
	about := make(map[string]*cifra.Feedback, len(predictionIDs))
	if len(predictionIDs) == 0 {
		return about, nil
	}
	var rows []feedbackRow
	err := db.view(ctx, "feedback about", func(ctx context.Context, q bun.IDB) error {
		return feedbacks(q).Model(&rows).Where("f.prediction_id IN (?)", bun.List(cleanAll(predictionIDs))).
			Where("f.state IN (?)", bun.List(counting)).Order("f.id").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		about[value(r.PredictionID)] = r.feedback()
	}
	return about, nil
}

// Feedbacks returns a page of the feedback that f chooses, newest first. cursor is the next of the page before, "" for the
// first page; next is "" on the last one.
func (db *DB) Feedbacks(ctx context.Context, f cifra.FeedbackFilter, cursor string, perPage int) (items []cifra.Feedback, next string, err error) {
	before, err := parseNumber(cursor)
	if err != nil {
		return nil, "", err
	}
	perPage = pageSize(perPage)
	var rows []feedbackRow
	err = db.view(ctx, "feedbacks", func(ctx context.Context, q bun.IDB) error {
		s := feedbacks(q).Model(&rows).Order("f.id DESC").Limit(int64(perPage) + 1)
		if before > 0 {
			s.Where("f.id < ?", before)
		}
		return chooseFeedback(s, f).Scan(ctx)
	})
	if err != nil {
		return nil, "", err
	}
	if len(rows) > perPage {
		rows = rows[:perPage]
		next = strconv.FormatInt(rows[perPage-1].ID, 10)
	}
	items = make([]cifra.Feedback, 0, len(rows))
	for _, r := range rows {
		items = append(items, *r.feedback())
	}
	return items, next, nil
}

// CountFeedback returns how many pieces of feedback f chooses.
func (db *DB) CountFeedback(ctx context.Context, f cifra.FeedbackFilter) (n int64, err error) {
	err = db.view(ctx, "count feedback", func(ctx context.Context, q bun.IDB) error {
		n, err = chooseFeedback(q.NewSelect().Model((*feedbackRow)(nil)), f).Count(ctx)
		return err
	})
	return n, err
}

func chooseFeedback(s *bun.SelectQuery, f cifra.FeedbackFilter) *bun.SelectQuery {
	if f.State != "" {
		s.Where("f.state = ?", f.State)
	} else {
		s.Where("f.state IN (?)", bun.List(counting))
	}
	if f.Correct != nil {
		s.Where("f.correct = ?", *f.Correct)
	}
	if f.Said != nil {
		s.Where("f.said = ?", *f.Said)
	}
	if f.Label != nil {
		s.Where("f.label = ?", *f.Label)
	}
	if m := strings.TrimSpace(f.Model); m != "" {
		s.Where("f.model = ?", clean(m))
	}
	return s
}

// FeedbackCounts returns the report's numbers.
func (db *DB) FeedbackCounts(ctx context.Context) ([]cifra.FeedbackCount, error) {
	var rows []feedbackCountRow
	err := db.view(ctx, "feedback counts", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Where("n > 0").Order("day", "api", "model", "said", "label", "correct").Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	counts := make([]cifra.FeedbackCount, 0, len(rows))
	for _, r := range rows {
		counts = append(counts, cifra.FeedbackCount{
			Day: r.Day, API: cifra.API(r.API), Model: r.Model, Said: r.Said, Label: r.Label, Correct: r.Correct, N: r.N,
		})
	}
	return counts, nil
}
