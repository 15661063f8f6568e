package handlers

import (
	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// saidOf tells, by prediction, what was said of the items, what became of it, and how the model that serves now reads
// those that were said to be wrong.
func (s *Site) saidOf(c echo.Context, items []cifra.Recognition) (map[string]views.JudgeView, error) {
	ctx := c.Request().Context()
	ids := make([]string, 0, len(items))
	for _, r := range items {
		ids = append(ids, r.ID)
	}
	about, err := s.Judgements.FeedbackAbout(ctx, ids)
	if err != nil {
		return nil, err
	}
	said := make(map[string]views.JudgeView, len(about))
	for _, r := range items {
		f := about[r.ID]
		if f == nil {
			continue
		}
		v := views.JudgeView{PredictionID: r.ID, Reading: r.Reading, Given: f}
		if !f.Correct && r.Reading.Model != s.Champions.Serving(r.API) {
			whole, err := s.Predictions.Recognition(ctx, r.ID) // with what the model saw, which a list leaves out
			if cifra.CodeOf(err) == cifra.NotFound {
				continue // deleted meanwhile
			}
			if err != nil {
				return nil, err
			}
			if v.Later, err = s.laterReading(c, whole, f); err != nil {
				return nil, err
			}
		}
		said[r.ID] = v
	}
	return said, nil
}
