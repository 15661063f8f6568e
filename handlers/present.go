package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
	"cifra/views/qr"
)

// Show is what a presenter shows. [cifra/lab.Show] is one.
type Show interface {
	// Step does one of the steps 1 to [cifra.ShowSteps]; question is what step 1 asked, for step 2.
	Step(ctx context.Context, step int, question string) (cifra.ShowStep, error)
}

// GetPresent shows a step before it is done; step 0 is the title, with the code by which the room joins.
func (s *Site) GetPresent(c echo.Context) error {
	v := views.PresentView{Step: number(c, "step"), Question: c.QueryParam("q"), Delay: s.Lab.Heavy.Delay(), MayDo: s.mayEdit(c)}
	if v.Step < 0 || v.Step > cifra.ShowSteps {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	if v.Step == 0 {
		v.Join = s.Lab.Join(c.Scheme(), c.Request().Host)
		if code, err := qr.Encode(v.Join); err == nil {
			v.Code = code
		}
	}
	return s.showPresent(c, v)
}

// PostPresent does a step.
func (s *Site) PostPresent(c echo.Context) error {
	step, err := strconv.Atoi(c.Param("step"))
	if err != nil {
		return cifra.E(cifra.NotFound, "error.not-found").Wrap(err)
	}
	in := struct {
		Question string `json:"question"`
	}{}
	if err := readBody(c, &in, func(get func(string) string) { in.Question = get("q") }); err != nil {
		return err
	}
	done, err := s.Lab.Show.Step(c.Request().Context(), step, in.Question)
	if !wantsHTML(c) {
		if err != nil {
			return err
		}
		return answerJSON(c, http.StatusOK, s.showStepJSON(c, done))
	}
	v := views.PresentView{Step: step, Question: done.Question, Delay: s.Lab.Heavy.Delay(), MayDo: true}
	switch cifra.CodeOf(err) {
	case "":
		v.Done = &done
	case cifra.Unavailable: // the show goes on, and says so
		v.Error = words(c).ErrorOf(err)
	default:
		return err
	}
	return s.showPresent(c, v)
}

func (s *Site) showPresent(c echo.Context, v views.PresentView) error {
	if fromHTMX(c) {
		c.Response().Header().Set("HX-Push-Url", "/present?step="+strconv.Itoa(v.Step)+"&q="+url.QueryEscape(v.Question))
		return render(c, http.StatusOK, views.PresentFragment(s.page(c), v))
	}
	return render(c, http.StatusOK, views.Present(s.page(c), v))
}

// showStepJSON is a step as `cifra demo run` reads it.
func (s *Site) showStepJSON(c echo.Context, d cifra.ShowStep) map[string]any {
	answers := []map[string]any{}
	for _, a := range d.Answers {
		answers = append(answers, map[string]any{
			"what": a.What, "source": a.Provenance.Source, "expected": a.Expected, "provenance": a.Provenance.Wire(s.privileged(c)),
		})
	}
	out := map[string]any{"step": d.Step, "ok": d.OK, "question": d.Question, "answers": answers, "instance": s.Instance}
	if f := d.Comparison.Factor(); f > 0 {
		out["factor"] = f
	}
	if d.Burst != nil {
		out["calls"], out["loads"] = len(d.Burst.Outcomes), d.Burst.Loads
	}
	return out
}
