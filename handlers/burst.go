package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Burst makes many calls at once for one cold key. [cifra/lab.Burst] does.
type Burst interface {
	// Run makes n calls. Impossible, with the field "n", where there can't be so many.
	Run(ctx context.Context, n int, singleFlight bool) (cifra.Burst, error)
}

// burstCalls is how many calls the page begins with.
const burstCalls = 200

// GetBurst shows the burst's page.
func (s *Site) GetBurst(c echo.Context) error {
	return render(c, http.StatusOK, views.Burst(s.page(c), views.BurstView{Head: s.labHead("burst"), N: burstCalls, SingleFlight: true}))
}

// PostBurst runs a burst, for the page or for a program. Its picture is no page of its own: it can't be asked for again.
func (s *Site) PostBurst(c echo.Context) error {
	in := struct {
		N            int   `json:"n"`
		SingleFlight *bool `json:"single_flight"`
	}{N: burstCalls}
	err := readBody(c, &in, func(get func(string) string) {
		on := get("single_flight") != ""
		in.N, in.SingleFlight = int(whole(get("n"))), &on
	})
	if err != nil {
		return err
	}
	single := in.SingleFlight == nil || *in.SingleFlight
	v := views.BurstView{Head: s.labHead("burst"), N: in.N, SingleFlight: single}
	b, err := s.Lab.Burst.Run(c.Request().Context(), in.N, single)
	if fields, ok := formErrors(c, err); ok && wantsHTML(c) {
		v.Error = fields["n"]
		return s.showBurst(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	if wantsHTML(c) {
		v.Burst = &b
		return s.showBurst(c, http.StatusOK, v)
	}
	counts := make(map[cifra.Outcome]int)
	for _, o := range b.Outcomes {
		counts[o]++
	}
	instances := []map[string]any{}
	for _, p := range b.Parts {
		instances = append(instances, map[string]any{"name": p.Instance, "calls": p.Calls, "loads": p.Loads})
	}
	return answerJSON(c, http.StatusOK, map[string]any{
		"n": len(b.Outcomes), "instances": instances, "missing": b.Missing, "degraded": b.Degraded, "single_flight": single, "loads": b.Loads, "outcomes": counts,
		"took_ms": cifra.Milliseconds(b.Took), "delay_ms": cifra.Milliseconds(b.Delay),
	})
}

func (s *Site) showBurst(c echo.Context, status int, v views.BurstView) error {
	if fromHTMX(c) {
		return render(c, status, views.BurstFragment(s.page(c), v))
	}
	return render(c, status, views.Burst(s.page(c), v))
}
