package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Predictions holds what was kept. [cifra/predict.Service] is one.
type Predictions interface {
	// Recognition returns a kept prediction with its picture. NotFound where it does not exist or is not the asker's.
	Recognition(ctx context.Context, id string) (*cifra.Recognition, error)
	// Delete deletes a kept prediction, its picture, and the cached answers about it. NotFound as above.
	Delete(ctx context.Context, id string) error
	// DeleteUser deletes who asks, with everything of theirs. Conflict for the last admin, who keeps all.
	DeleteUser(ctx context.Context) error
	// ClaimGuest gives a user what they did as a guest.
	ClaimGuest(ctx context.Context, guest string, userID int64) error
}

// GetResult shows one kept prediction.
func (s *Site) GetResult(c echo.Context) error {
	r, err := s.Predictions.Recognition(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	c.Response().Header().Set("X-Robots-Tag", "noindex") // who shares a result with somebody does not share it with all
	s.provenanceHeaders(c, r.Provenance)
	if !wantsHTML(c) {
		return answerJSON(c, http.StatusOK, s.predictionJSON(c, r))
	}
	v, err := s.resultView(c, r)
	if err != nil {
		return err
	}
	if v.Judge != nil {
		if v.Judge.Later, err = s.laterReading(c, r, v.Judge.Given); err != nil {
			return err
		}
	}
	return render(c, http.StatusOK, views.Result(s.page(c), v))
}

// PostDelete deletes one kept prediction.
func (s *Site) PostDelete(c echo.Context) error {
	if err := s.Predictions.Delete(c.Request().Context(), c.Param("id")); err != nil {
		return err
	}
	return see(c, "/")
}
