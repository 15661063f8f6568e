package views

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"cifra"
)

// What of the feedback a page shows.
const (
	ShowWrong    = "wrong" // said to be wrong, and not decided yet: what waits for an admin
	ShowRight    = "right"
	ShowAccepted = "accepted"
	ShowRejected = "rejected"
	ShowAll      = "all"
)

// FeedbackView is what people say of answers, for review.
type FeedbackView struct {
	Show        string // one of the constants
	Said, Label *int   // only these digits; nil for all
	Items       []cifra.Feedback
	First       bool
	FirstURL    string
	NextURL     string
}

// listID names the list on a page, so that what happens finds it: only where it shows whatever is new of its kind.
func (v FeedbackView) listID() string {
	if !v.First || v.Said != nil || v.Label != nil {
		return "feedback-rows"
	}
	return "feedback-" + v.Show
}

// shown are the choices, in their order.
func shown() []string { return []string{ShowWrong, ShowRight, ShowAccepted, ShowRejected, ShowAll} }

// feedbackFact is the data of an event about feedback.
type feedbackFact struct {
	ID           int64     `json:"id,string"`
	Username     string    `json:"username"`
	Prediction   int       `json:"prediction"`
	Correct      bool      `json:"correct"`
	Label        *int      `json:"label"`
	Comment      string    `json:"comment"`
	Timestamp    time.Time `json:"timestamp"`
	PredictionID *string   `json:"prediction_id"`
	Version      cifra.API `json:"version"`
	Model        string    `json:"modelo"`
	State        string    `json:"state"`
	Decided      *int      `json:"decided_label"`
	DecidedBy    string    `json:"decided_by"`
}

func (f feedbackFact) feedback() cifra.Feedback {
	digit := func(d *int) int {
		if d == nil {
			return cifra.NoLabel
		}
		return *d
	}
	out := cifra.Feedback{
		ID: f.ID, Username: f.Username, Prediction: f.Prediction, Correct: f.Correct, Label: digit(f.Label), Comment: f.Comment,
		CreatedAt: f.Timestamp, API: f.Version, Model: f.Model, State: cifra.FeedbackState(f.State), Decided: digit(f.Decided), DecidedBy: f.DecidedBy,
	}
	if f.PredictionID != nil {
		out.PredictionID = *f.PredictionID
	}
	return out
}

// showNewFeedback shows what somebody has just said, in the list that waits for it and on the first page.
func showNewFeedback(p Page, data json.RawMessage) (templ.Component, string, error) {
	var fact feedbackFact
	if err := json.Unmarshal(data, &fact); err != nil {
		return nil, "", err
	}
	f := fact.feedback()
	if f.Correct {
		return feedbackItem(p, f, "", "#feedback-right, #feedback-all"), "", nil
	}
	return templ.Join(feedbackItem(p, f, "", "#feedback-wrong, #feedback-all"), correction(p, f, "#now-corrections")), p.Words.T("review.said.new"), nil
}

// showFeedback shows a piece of feedback as it is now, where it is on a page.
func showFeedback(p Page, data json.RawMessage) (templ.Component, string, error) {
	var fact feedbackFact
	if err := json.Unmarshal(data, &fact); err != nil {
		return nil, "", err
	}
	return templ.Join(feedbackItem(p, fact.feedback(), "", ""), correction(p, fact.feedback(), "")), "", nil
}

func feedbackID(f cifra.Feedback) string { return "feedback-" + strconv.FormatInt(f.ID, 10) }

func feedbackURL(f cifra.Feedback, more string) string {
	return "/admin/feedback/" + strconv.FormatInt(f.ID, 10) + more
}

// isOpen reports whether it waits for a decision.
func isOpen(f cifra.Feedback) bool { return f.State == cifra.FeedbackNew }

// isDecided reports whether a decision can be taken back.
func isDecided(f cifra.Feedback) bool {
	return f.State == cifra.FeedbackAccepted || f.State == cifra.FeedbackRejected
}

// stateOf says what became of it.
func stateOf(p Page, f cifra.Feedback) string {
	if f.State == cifra.FeedbackAccepted {
		return p.Words.T("review.accepted.as", "Digit", f.Decided, "Name", f.DecidedBy)
	}
	if f.State == cifra.FeedbackRejected {
		return p.Words.T("review.rejected.by", "Name", f.DecidedBy)
	}
	return p.Words.T("review.state." + string(f.State))
}

// saysOf says what its author says it is.
func saysOf(f cifra.Feedback) string {
	if f.Label == cifra.NoLabel {
		return "?"
	}
	return digits[f.Label]
}
