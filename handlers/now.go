package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Overview tells how the site is doing. [cifra/store.DB] is one.
type Overview interface {
	// Overview tells how the site is doing just now.
	Overview(ctx context.Context) (*cifra.Overview, error)
}

// nowRows is how many of the latest corrections the first page shows.
const nowRows = 8

// GetNow shows how the site is doing: the admin's first page, or the part of it that is read anew all the time.
func (s *Site) GetNow(c echo.Context) error {
	ctx := c.Request().Context()
	o, err := s.Overview.Overview(ctx)
	if err != nil {
		return err
	}
	v := views.NowView{Overview: *o}
	if c.QueryParam("part") == "numbers" {
		return render(c, http.StatusOK, views.NowNumbers(s.page(c), v))
	}
	no := false
	runs, _, err := s.Retraining.Runs(ctx, "", 1)
	if err != nil {
		return err
	}
	if len(runs) > 0 {
		v.Job = &runs[0]
	}
	if v.Corrections, _, err = s.Feedback.Feedbacks(ctx, cifra.FeedbackFilter{Correct: &no}, "", nowRows); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Now(s.page(c), v))
}
