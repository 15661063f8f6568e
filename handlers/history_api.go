package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
)

// keptJSON is a prediction that was kept, as lists and its own address give it.
type keptJSON struct {
	predictionV2
	CreatedAt string  `json:"created_at"`
	FileName  *string `json:"file_name"` // null for a drawing, and for others where it is shared
	Shared    bool    `json:"shared"`
}

func (s *Site) keptJSON(c echo.Context, r *cifra.Recognition) keptJSON {
	k := keptJSON{
		predictionV2: s.predictionV2(c, r), CreatedAt: wireTime(r.CreatedAt), Shared: r.Shared,
	}
	if a := actor(c); r.FileName != "" && (a.Owns(&r.Prediction) || a.User.IsAdmin()) {
		k.FileName = &r.FileName
	}
	return k
}

// GetPrediction gives a kept prediction.
func (s *Site) GetPrediction(c echo.Context) error {
	r, err := s.Predictions.Recognition(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return answerTagged(c, s.keptJSON(c, r))
}

// DeletePrediction deletes a kept prediction.
func (s *Site) DeletePrediction(c echo.Context) error {
	if err := s.Predictions.Delete(c.Request().Context(), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// PatchPrediction opens a kept prediction to whoever has its address, or closes it.
func (s *Site) PatchPrediction(c echo.Context) error {
	ctx := c.Request().Context()
	var in struct {
		Shared *bool `json:"shared"`
	}
	err := readBody(c, &in, func(get func(string) string) {
		if v := get("shared"); v != "" {
			on := v == "true"
			in.Shared = &on
		}
	})
	if err != nil {
		return err
	}
	if in.Shared == nil {
		e := cifra.E(cifra.Invalid, "error.field.missing")
		e.Fields = map[string]*cifra.Error{"shared": cifra.E(cifra.Invalid, "error.field.missing")}
		return e
	}
	if err := s.History.Share(ctx, c.Param("id"), *in.Shared); err != nil {
		return err
	}
	r, err := s.Predictions.Recognition(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	return answerJSON(c, http.StatusOK, s.keptJSON(c, r))
}
