package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// FeedbackReview is what people say of answers, for admins. [cifra/store.DB] is one.
type FeedbackReview interface {
	// Feedbacks returns a page of the feedback that f chooses, newest first, as [AuditBook.Audits] does.
	Feedbacks(ctx context.Context, f cifra.FeedbackFilter, cursor string, perPage int) (items []cifra.Feedback, next string, err error)
	// Feedback returns one. NotFound where there is none with this number.
	Feedback(ctx context.Context, id int64) (*cifra.Feedback, error)
	// DecideFeedback keeps what an admin makes of one. NotFound where it isn't there or doesn't count any more, Impossible
	// where there is no digit to accept.
	DecideFeedback(ctx context.Context, id int64, d cifra.Decision, label int, a cifra.Audit) (*cifra.Feedback, error)
	// Prediction returns the prediction that it is about, with its picture. NotFound where that was deleted.
	Prediction(ctx context.Context, id string) (*cifra.Recognition, error)
}

// feedbackJSON is a piece of feedback as programs get it.
type feedbackJSON struct {
	ID           string              `json:"id"`
	Username     string              `json:"username"`
	Prediction   int                 `json:"prediction"`
	Correct      bool                `json:"correct"`
	Label        *int                `json:"label"`
	Comment      string              `json:"comment"`
	PredictionID *string             `json:"prediction_id"`
	Version      *cifra.API          `json:"version"`
	Model        *string             `json:"modelo"`
	State        cifra.FeedbackState `json:"state"`
	Decided      *int                `json:"decided_label"`
	DecidedBy    *string             `json:"decided_by"`
	DecidedAt    *string             `json:"decided_at"`
	UsedBy       *string             `json:"used_by"`
	Timestamp    string              `json:"timestamp"`
}

func wireFeedback(f cifra.Feedback) feedbackJSON {
	j := feedbackJSON{
		ID: formatID(f.ID), Username: f.Username, Prediction: f.Prediction, Correct: f.Correct, Comment: f.Comment, State: f.State,
		Label: digitOrNull(f.Label), Decided: digitOrNull(f.Decided), PredictionID: orNull(f.PredictionID), Version: orNull(f.API),
		Model: orNull(f.Model), DecidedBy: orNull(f.DecidedBy), UsedBy: orNull(f.UsedBy), Timestamp: wireTime(f.CreatedAt),
	}
	if !f.DecidedAt.IsZero() {
		at := wireTime(f.DecidedAt)
		j.DecidedAt = &at
	}
	return j
}

// orNull is a text as JSON, null where it is empty.
func orNull[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

func digitOrNull(d int) *int {
	if d == cifra.NoLabel {
		return nil
	}
	return &d
}

// GetFeedback lists what people say of answers: the page on which an admin reviews it, or a list for programs.
func (s *Site) GetFeedback(c echo.Context) error {
	ctx := c.Request().Context()
	filter, show, err := feedbackFilter(c)
	if err != nil {
		return err
	}
	perPage, err := perPage(c)
	if err != nil {
		return err
	}
	items, next, err := s.Feedback.Feedbacks(ctx, filter, c.QueryParam("after"), perPage)
	if err != nil {
		return err
	}
	if !wantsHTML(c) {
		out := make([]feedbackJSON, 0, len(items))
		for _, f := range items {
			out = append(out, wireFeedback(f))
		}
		return answerTagged(c, list(out, next))
	}
	v := views.FeedbackView{Show: show, Said: filter.Said, Label: filter.Label, Items: items, First: c.QueryParam("after") == ""}
	q := filterQuery(c, "show", "said", "label")
	v.FirstURL = withQuery("/admin/feedback", q)
	if next != "" {
		q.Set("after", next)
		v.NextURL = withQuery("/admin/feedback", q)
	}
	return render(c, http.StatusOK, views.Feedback(s.page(c), v))
}

// feedbackFilter reads the address. Pages show what waits for a decision unless it says otherwise; programs everything
// that counts, or the state that they ask for.
func feedbackFilter(c echo.Context) (f cifra.FeedbackFilter, show string, err error) {
	if f.Said, err = digitOf(c, "said"); err != nil {
		return f, "", err
	}
	if f.Label, err = digitOf(c, "label"); err != nil {
		return f, "", err
	}
	if !wantsHTML(c) {
		f.State = cifra.FeedbackState(c.QueryParam("state"))
		if f.State != "" && !f.State.Valid() {
			return f, "", impossible("state")
		}
		return f, "", nil
	}
	yes, no := true, false
	switch show = c.QueryParam("show"); show {
	case views.ShowRight:
		f.State, f.Correct = cifra.FeedbackNew, &yes
	case views.ShowAccepted:
		f.State = cifra.FeedbackAccepted
	case views.ShowRejected:
		f.State = cifra.FeedbackRejected
	case views.ShowAll:
	default:
		show, f.State, f.Correct = views.ShowWrong, cifra.FeedbackNew, &no
	}
	return f, show, nil
}

// digitOf reads a digit of the address, nil where there is none.
func digitOf(c echo.Context, name string) (*int, error) {
	text := c.QueryParam(name)
	if text == "" {
		return nil, nil //nolint:nilnil // none is asked for
	}
	d, err := strconv.Atoi(text)
	if err != nil || d < 0 || d > 9 {
		return nil, impossible(name)
	}
	return &d, nil
}

// PostDecision keeps what an admin makes of a piece of feedback.
func (s *Site) PostDecision(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	var in struct {
		Decision cifra.Decision `json:"decision"`
		Label    *int           `json:"label"`
	}
	err = readBody(c, &in, func(get func(string) string) {
		in.Decision, in.Label = cifra.Decision(get("decision")), formDigit(get("label"))
	})
	if err != nil {
		return err
	}
	label := cifra.NoLabel
	if in.Label != nil {
		label = *in.Label
	}
	switch {
	case in.Decision == "":
		e := cifra.E(cifra.Invalid, "error.field.missing")
		e.Fields = map[string]*cifra.Error{"decision": cifra.E(cifra.Invalid, "error.field.missing")}
		return e
	case !in.Decision.Valid():
		return impossible("decision")
	case label != cifra.NoLabel && (label < 0 || label > 9):
		return impossible("label")
	}
	a := actor(c)
	f, err := s.Feedback.DecideFeedback(c.Request().Context(), id, in.Decision, label, cifra.Audit{
		UserID: a.UserID(), Username: a.Name(), Action: cifra.ActionReview, IP: a.IP, At: s.Now().UTC(),
	})
	if !wantsHTML(c) {
		if err != nil {
			return err
		}
		return answerJSON(c, http.StatusOK, wireFeedback(*f))
	}
	if !fromHTMX(c) {
		if err != nil {
			return err
		}
		back := "/admin/feedback"
		if u, err := url.Parse(c.FormValue("next")); err == nil && u.Path == back {
			back = u.RequestURI()
		}
		return see(c, back+"#feedback-"+formatID(id))
	}
	return s.showDecided(c, id, f, err)
}

// showDecided shows the row as it is now, with what went wrong.
func (s *Site) showDecided(c echo.Context, id int64, f *cifra.Feedback, wrong error) error {
	status, said := http.StatusOK, ""
	if wrong != nil {
		switch cifra.CodeOf(wrong) {
		case cifra.Impossible, cifra.NotFound:
		default:
			return wrong
		}
		status, said = http.StatusUnprocessableEntity, words(c).ErrorOf(wrong)
		var err error
		if f, err = s.Feedback.Feedback(c.Request().Context(), id); err != nil {
			return err
		}
	}
	return render(c, status, views.FeedbackRow(s.page(c), *f, said))
}

// GetDrawing gives the drawing that a piece of feedback is about, as a small PNG.
func (s *Site) GetDrawing(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	f, err := s.Feedback.Feedback(ctx, id)
	if err != nil {
		return err
	}
	if f.PredictionID == "" {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	r, err := s.Feedback.Prediction(ctx, f.PredictionID)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "private, max-age=3600")
	return c.Blob(http.StatusOK, "image/png", r.Picture.Thumbnail)
}
