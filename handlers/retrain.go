package handlers

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Retraining makes models from what people said. [cifra/train.Service] is one.
type Retraining interface {
	// Start queues a retraining and returns its id. Conflict where one is queued or running.
	Start(ctx context.Context, api cifra.API, promote bool) (int64, error)
	// Run returns a retraining. NotFound where there is none.
	Run(ctx context.Context, id int64) (*cifra.TrainingRun, error)
	// Runs returns a page of them, newest first. cursor is the next of the page before, "" for the first one.
	Runs(ctx context.Context, cursor string, perPage int) (runs []cifra.TrainingRun, next string, err error)
	// Cancel asks one to stop. Conflict where it is finished.
	Cancel(ctx context.Context, id int64) error
	// Discard rejects the challenger of one that waits for an admin. Conflict where it doesn't.
	Discard(ctx context.Context, id int64, reason string) error
}

// Drawings holds what a model saw of stored uploads. [cifra/store.DB] is one.
type Drawings interface {
	// PictureViews returns, by hash, 784 bytes of each of the pictures that is still there.
	PictureViews(ctx context.Context, hashes []string) (map[string][]byte, error)
}

// retrainRequest asks for a retraining; both fields may be missing.
type retrainRequest struct {
	Model   string `json:"model"`
	Promote *bool  `json:"promote"`
}

// retrainJSON is a retraining as programs get it.
type retrainJSON struct {
	ID       string                `json:"id"`
	Model    cifra.API             `json:"model"`
	State    cifra.TrainingState   `json:"state"`
	Progress float64               `json:"progress"`
	Promote  bool                  `json:"promote"`
	By       string                `json:"by"`
	Reason   string                `json:"reason"`
	Epoch    int                   `json:"epoch"`
	Epochs   int                   `json:"epochs"`
	Attempt  int                   `json:"attempt"`
	Parent   string                `json:"parent"`
	Result   string                `json:"challenger"`
	Data     cifra.TrainingData    `json:"data"`
	Curves   []cifra.TrainingPoint `json:"curves"`
	Gate     *cifra.Gate           `json:"gate"`
	Created  time.Time             `json:"created_at"`
	Started  *time.Time            `json:"started_at"`
	Finished *time.Time            `json:"finished_at"`
}

// PostRetrain queues a retraining. Programs get 202 with its id, a browser is sent on to its page.
func (s *Site) PostRetrain(c echo.Context) error {
	var r retrainRequest
	err := readBody(c, &r, func(get func(string) string) {
		promote := get("promote") == "true"
		r.Model, r.Promote = get("model"), &promote
	})
	if err != nil {
		return err
	}
	api := cifra.V2
	if r.Model != "" {
		api = cifra.API(r.Model)
	}
	if !api.Valid() {
		return impossible("model")
	}
	id, err := s.Retraining.Start(c.Request().Context(), api, r.Promote == nil || *r.Promote)
	if err != nil {
		if wantsHTML(c) && cifra.CodeOf(err) == cifra.Conflict {
			return s.retrainPage(c, http.StatusConflict, inWords(c, err))
		}
		return err
	}
	number := strconv.FormatInt(id, 10)
	if wantsHTML(c) {
		return see(c, "/admin/retrain/"+number)
	}
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/admin/retrain/"+number)
	return answerJSON(c, http.StatusAccepted, map[string]string{"id": number, "msg": words(c).T("retrain.queued")})
}

// GetRetrain shows the form, the retraining that is under way or the last one, and those before.
func (s *Site) GetRetrain(c echo.Context) error { return s.retrainPage(c, http.StatusOK, "") }

func (s *Site) retrainPage(c echo.Context, status int, refused string) error {
	runs, next, err := s.Retraining.Runs(c.Request().Context(), c.QueryParam("after"), 20)
	if err != nil {
		return err
	}
	v := views.RetrainView{Refused: refused, Runs: runs, First: c.QueryParam("after") == ""}
	if next != "" {
		v.NextURL = "/admin/retrain?after=" + next
	}
	if v.First && len(runs) > 0 {
		if v.Run, err = s.runView(c, &runs[0]); err != nil {
			return err
		}
	}
	return render(c, status, views.Retrain(s.page(c), v))
}

// GetRetrainRun shows one retraining: a page, or its numbers for programs.
func (s *Site) GetRetrainRun(c echo.Context) error {
	run, err := s.retrainRun(c)
	if err != nil {
		return err
	}
	if !wantsHTML(c) {
		return answerJSON(c, http.StatusOK, newRetrainJSON(run))
	}
	v, err := s.runView(c, run)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.RetrainRun(s.page(c), *v))
}

// GetRetrainState is the part of the page that moves while a retraining runs.
func (s *Site) GetRetrainState(c echo.Context) error {
	run, err := s.retrainRun(c)
	if err != nil {
		return err
	}
	v, err := s.runView(c, run)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.RetrainState(s.page(c), *v))
}

// PostRetrainCancel asks a retraining to stop.
func (s *Site) PostRetrainCancel(c echo.Context) error {
	id, err := runID(c)
	if err != nil {
		return err
	}
	if err := s.Retraining.Cancel(c.Request().Context(), id); err != nil {
		return err
	}
	if wantsHTML(c) {
		return see(c, "/admin/retrain/"+c.Param("id"))
	}
	return answerJSON(c, http.StatusAccepted, map[string]string{"id": c.Param("id"), "msg": words(c).T("retrain.cancelling")})
}

// PostRetrainDiscard rejects a challenger that waits for an admin.
func (s *Site) PostRetrainDiscard(c echo.Context) error {
	id, err := runID(c)
	if err != nil {
		return err
	}
	if err := s.Retraining.Discard(c.Request().Context(), id, c.FormValue("reason")); err != nil {
		return err
	}
	return see(c, "/admin/retrain/"+c.Param("id"))
}

// runID reads the number of the path. What is no number is unknown like any other.
func runID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, cifra.E(cifra.NotFound, "error.not-found").Wrap(err)
	}
	return id, nil
}

func (s *Site) retrainRun(c echo.Context) (*cifra.TrainingRun, error) {
	id, err := runID(c)
	if err != nil {
		return nil, err
	}
	return s.Retraining.Run(c.Request().Context(), id)
}

// runView is a retraining with the drawings on which its models differ.
func (s *Site) runView(c echo.Context, run *cifra.TrainingRun) (*views.RunView, error) {
	v := &views.RunView{Run: *run}
	if run.Gate == nil || len(run.Gate.Differ) == 0 {
		return v, nil
	}
	hashes := make([]string, 0, len(run.Gate.Differ))
	for _, d := range run.Gate.Differ {
		hashes = append(hashes, d.Image)
	}
	var err error
	v.Drawings, err = s.Drawings.PictureViews(c.Request().Context(), hashes)
	return v, err
}

func newRetrainJSON(r *cifra.TrainingRun) retrainJSON {
	j := retrainJSON{
		ID: strconv.FormatInt(r.ID, 10), Model: r.API, State: r.State, Progress: r.Progress, Promote: r.Promote, By: r.By,
		Reason: r.Reason, Epoch: r.Epoch, Epochs: r.Epochs, Attempt: r.Attempt, Parent: r.Parent, Result: r.Model, Data: r.Data,
		Curves: r.Curve, Gate: r.Gate, Created: r.CreatedAt,
	}
	if j.Curves == nil {
		j.Curves = []cifra.TrainingPoint{}
	}
	if !r.StartedAt.IsZero() {
		j.Started = &r.StartedAt
	}
	if !r.FinishedAt.IsZero() {
		j.Finished = &r.FinishedAt
	}
	return j
}
