package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// WhatIf makes trouble on purpose, in demos alone. [cifra/lab.WhatIf] does.
type WhatIf interface {
	// Make makes trouble, in the place of what there is; none ends it. A refusal has the fields that are wrong.
	Make(ctx context.Context, t cifra.Trouble) error
	// Now returns the trouble that there is, and for how long; ok is false where there is none.
	Now() (is cifra.WhatIf, left time.Duration, ok bool)
	// CanCut reports whether there is a Redis to be cut off from.
	CanCut() bool
}

// CacheWatch tells what one watches while there is trouble.
type CacheWatch struct {
	Health func() cifra.CacheHealth
	News   func() []cifra.CacheNews // the latest first
}

// DemoOnly refuses everybody where the server is no demo.
func (s *Site) DemoOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !s.Demo || s.Lab.WhatIf == nil {
			return cifra.E(cifra.Denied, "error.lab.demo")
		}
		return next(c)
	}
}

// GetWhatIf shows what can be broken, and how the cache bears it; to the page's script the part that changes.
func (s *Site) GetWhatIf(c echo.Context) error { return s.showWhatIf(c, http.StatusOK, "") }

func (s *Site) showWhatIf(c echo.Context, status int, wrong string) error {
	v := views.WhatIfView{Head: s.labHead("whatif"), CanCut: s.Lab.WhatIf.CanCut(), Health: s.Lab.Watch.Health(), News: s.Lab.Watch.News(), Error: wrong}
	v.Is, v.Left, v.On = s.Lab.WhatIf.Now()
	var err error
	if v.Probes, err = s.probes(c); err != nil {
		return err
	}
	if fromHTMX(c) {
		return render(c, status, views.WhatIfFragment(s.page(c), v))
	}
	return render(c, status, views.WhatIf(s.page(c), v))
}

// probes asks, at each look, what a visitor might: a record, and the other service.
func (s *Site) probes(c echo.Context) ([]views.Probe, error) {
	ctx := c.Request().Context()
	person, err := s.Lab.People.Person(ctx, probePerson)
	if err != nil && cifra.CodeOf(err) != cifra.NotFound && cifra.CodeOf(err) != cifra.Unavailable {
		return nil, err
	}
	list := []views.Probe{{What: "people(" + strconv.Itoa(probePerson) + ")", Provenance: person.Provenance, Error: probeError(c, err)}}
	unis, err := s.Lab.Universities.Search(ctx, url.Values{"country": {probeCountry}})
	if err != nil && cifra.CodeOf(err) != cifra.Unavailable {
		return nil, err
	}
	return append(list, views.Probe{What: "universities(country=" + probeCountry + ")", Provenance: unis.Provenance, Error: probeError(c, err)}), nil
}

const (
	probePerson  = 42
	probeCountry = "Spain"
)

func probeError(c echo.Context, err error) string {
	if err == nil {
		return ""
	}
	return words(c).ErrorOf(err)
}

// PostWhatIf makes trouble, from the page's buttons or for a program.
func (s *Site) PostWhatIf(c echo.Context) error {
	var t cifra.Trouble
	err := readBody(c, &t, func(get func(string) string) {
		t.Cut, t.Gone = get("redis") == "cut", get("upstream") == "gone"
		if redis := get("redis"); !t.Cut && redis != "" && redis != "ok" {
			t.LatencyMS = int(whole(redis))
		}
	})
	if err != nil {
		return err
	}
	err = s.Lab.WhatIf.Make(c.Request().Context(), t)
	if fields, ok := formErrors(c, err); ok && wantsHTML(c) {
		return s.showWhatIf(c, http.StatusUnprocessableEntity, fields["redis_cut"]+fields["redis_latency_ms"])
	}
	if err != nil {
		return err
	}
	if !wantsHTML(c) {
		return s.GetWhatIfState(c)
	}
	if back := c.FormValue("next"); back != "" {
		return see(c, localPath(back))
	}
	if fromHTMX(c) {
		return s.showWhatIf(c, http.StatusOK, "")
	}
	return see(c, "/lab/whatif")
}

// GetWhatIfState tells programs what is broken, and how the cache bears it.
func (s *Site) GetWhatIfState(c echo.Context) error {
	is, left, on := s.Lab.WhatIf.Now()
	h := s.Lab.Watch.Health()
	out := map[string]any{
		"redis_cut": is.Cut, "redis_latency_ms": is.LatencyMS, "upstream_gone": is.Gone, "left_ms": cifra.Milliseconds(left), "by": nil,
		"can_cut": s.Lab.WhatIf.CanCut(), "cache": map[string]any{"backend": h.Backend, "state": h.State, "since": wireTime(h.Since), "pending": h.Pending},
	}
	if on {
		out["by"] = is.By
	}
	return answerJSON(c, http.StatusOK, out)
}
