package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Judgements is what people say of their answers. [cifra/predict.Service] is one.
type Judgements interface {
	// GiveFeedback keeps what the asker says of an answer, and sets f's ID. Sent twice under one key, it is kept once.
	GiveFeedback(ctx context.Context, f *cifra.Feedback, key string) error
	// WithdrawFeedback takes it back. NotFound where it isn't the asker's, Conflict where it is too late.
	WithdrawFeedback(ctx context.Context, id int64) error
	// FeedbackOf returns what was last said of a prediction and still counts; nil where nothing was.
	FeedbackOf(ctx context.Context, predictionID string) (*cifra.Feedback, error)
	// FeedbackAbout returns the same of each of the predictions of which something was said, by prediction.
	FeedbackAbout(ctx context.Context, predictionIDs []string) (map[string]*cifra.Feedback, error)
}

// feedbackBody is what a client sends.
type feedbackBody struct {
	Prediction   *int   `json:"prediction"`
	Correct      *bool  `json:"correct"`
	Label        *int   `json:"label"`
	Comment      string `json:"comment"`
	PredictionID string `json:"prediction_id"`
	key          string
}

// PostFeedback keeps whether an answer is right, and answers once that is durable: 201 and the number for programs, for
// a page's script the part of the page that asks, and a form is sent back to its result.
func (s *Site) PostFeedback(c echo.Context) error {
	f, key, err := readFeedback(c)
	if err == nil {
		err = s.asGuest(c)
	}
	if err == nil {
		err = s.Judgements.GiveFeedback(c.Request().Context(), f, key)
	}
	switch {
	case !wantsHTML(c):
		if err != nil {
			return err
		}
		return answerJSON(c, http.StatusCreated, map[string]string{"msg": words(c).T("judge.thanks"), "id": formatID(f.ID)})
	case fromHTMX(c):
		return s.showJudge(c, f, err)
	case err != nil:
		return err
	}
	return see(c, resultPath(f.PredictionID))
}

// PostFeedbackUndo takes back what somebody has just said.
func (s *Site) PostFeedbackUndo(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	err = s.Judgements.WithdrawFeedback(c.Request().Context(), id)
	f := &cifra.Feedback{PredictionID: c.FormValue("prediction_id")}
	switch {
	case !wantsHTML(c):
		if err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	case fromHTMX(c) && f.PredictionID != "":
		return s.showJudge(c, f, err)
	case err != nil:
		return err
	}
	return see(c, resultPath(f.PredictionID))
}

func resultPath(predictionID string) string {
	if predictionID == "" {
		return "/"
	}
	return localPath("/r/" + predictionID)
}

// readFeedback reads JSON or a form. A form's button may name the digit alone: then that says whether the answer is right.
func readFeedback(c echo.Context) (*cifra.Feedback, string, error) {
	var in feedbackBody
	err := readBody(c, &in, func(get func(string) string) {
		in.Comment, in.PredictionID, in.key = get("comment"), get("prediction_id"), get("key")
		in.Prediction, in.Label = formDigit(get("prediction")), formDigit(get("label"))
		if b, err := strconv.ParseBool(get("correct")); err == nil {
			in.Correct = &b
		} else if in.Label != nil && in.Prediction != nil {
			b = *in.Label == *in.Prediction
			in.Correct = &b
		}
	})
	if err != nil {
		return &cifra.Feedback{}, "", err
	}
	f := &cifra.Feedback{PredictionID: in.PredictionID, Comment: in.Comment, Label: cifra.NoLabel}
	for name, missing := range map[string]bool{"prediction": in.Prediction == nil, "correct": in.Correct == nil} {
		if missing {
			e := cifra.E(cifra.Invalid, "error.field.missing")
			e.Fields = map[string]*cifra.Error{name: cifra.E(cifra.Invalid, "error.field.missing")}
			return f, "", e
		}
	}
	f.Prediction, f.Correct = *in.Prediction, *in.Correct
	if in.Label != nil {
		f.Label = *in.Label
	}
	if key := c.Request().Header.Get("Idempotency-Key"); key != "" {
		in.key = key
	}
	return f, in.key, nil
}

// formDigit reads a number of a form, nil where there is none. What is no number is none that can be.
func formDigit(text string) *int {
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = -2
	}
	return &n
}

// asGuest gives who isn't signed in a guest's name, so that what they say is theirs.
func (s *Site) asGuest(c echo.Context) error {
	a := actor(c)
	if a.User != nil || a.Guest != "" {
		return nil
	}
	ctx := c.Request().Context()
	guest, err := s.Session.BecomeGuest(ctx)
	if err != nil {
		return err
	}
	a.Guest = guest
	c.SetRequest(c.Request().WithContext(cifra.WithActor(ctx, a)))
	return nil
}

// showJudge shows the part of a page that asks whether the answer is right, as it is now, and what went wrong.
func (s *Site) showJudge(c echo.Context, f *cifra.Feedback, wrong error) error {
	var known *cifra.Error
	if wrong != nil && (!errors.As(wrong, &known) || f.PredictionID == "") {
		return wrong
	}
	r, err := s.Predictions.Recognition(c.Request().Context(), f.PredictionID)
	if err != nil {
		return errors.Join(wrong, err)
	}
	v, err := s.judgeView(c, r)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if known != nil {
		v.Error, status = words(c).Error(known), http.StatusUnprocessableEntity
	}
	return render(c, status, views.Judge(s.page(c), *v))
}

// judgeView is what is asked of an answer, or what was said of it; nil for an answer that isn't kept.
func (s *Site) judgeView(c echo.Context, r *cifra.Recognition) (*views.JudgeView, error) {
	if r.ID == "" {
		return nil, nil //nolint:nilnil // nothing is asked
	}
	f, err := s.Judgements.FeedbackOf(c.Request().Context(), r.ID)
	if err != nil {
		return nil, err
	}
	v := &views.JudgeView{PredictionID: r.ID, Reading: r.Reading, Key: rand.Text(), Given: f}
	if f != nil && f.State == cifra.FeedbackNew {
		v.UndoFor = max(0, cifra.UndoTime-s.Now().Sub(f.CreatedAt))
	}
	return v, nil
}

// laterReading is how the model that serves now reads the picture of an older answer, nil where it is that answer's own
// model, or says the same and nobody said anything else.
func (s *Site) laterReading(c echo.Context, r *cifra.Recognition, said *cifra.Feedback) (*cifra.Reading, error) {
	now, err := s.Predict.Compare(c.Request().Context(), &r.Picture, r.API)
	if err != nil {
		return nil, err
	}
	if now.Reading.Model == r.Reading.Model || now.Reading.Digit == r.Reading.Digit && (said == nil || said.Correct) {
		return nil, nil //nolint:nilnil // there is nothing to tell
	}
	return &now.Reading, nil
}
