package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Lab is what the cache lab is made of; all of it is required but where said.
type Lab struct {
	Heavy        HeavyOperation
	People       People
	Universities Universities
	Catalogue    Catalogue
	Sales        Sales
	Burst        Burst
	Room         Room
	Show         Show
	WhatIf       WhatIf // nil unless this is a demo
	Watch        CacheWatch
	Join         func(scheme, host string) string // the address by which phones in the hall find this server
	Rates        func() cifra.RateHistory         // of answers that were remembered, over time
	Countries    []string                         // to try with Universities
}

// HeavyOperation is the lab's slow computation. [cifra/lab.Heavy] is one.
type HeavyOperation interface {
	// Do answers for an input. Invalid or Impossible, with the field "input", where it can't be one.
	Do(ctx context.Context, input string) (cifra.Answer[cifra.Work], error)
	// Compare says what computing takes, and what remembering a.
	Compare(ctx context.Context, a cifra.Answer[cifra.Work]) (cifra.Comparison, error)
	// Delay is how long an answer takes at least to compute.
	Delay() time.Duration
}

// GetLab shows the heavy operation, and with an input asks it.
func (s *Site) GetLab(c echo.Context) error {
	v := views.HeavyView{Head: s.labHead("heavy"), Delay: s.Lab.Heavy.Delay(), Suggestions: suggestions()}
	if !c.QueryParams().Has("input") {
		return render(c, http.StatusOK, views.Heavy(s.page(c), v))
	}
	ctx := c.Request().Context()
	v.Input = c.QueryParam("input")
	a, err := s.Lab.Heavy.Do(ctx, v.Input)
	if refusal, ok := refusalOf(err); ok {
		v.Error = words(c).Error(refusal.Fields["input"])
		return s.showHeavy(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	s.provenanceHeaders(c, a.Provenance)
	v.Answer, v.Headers = &a, shownHeaders(c)
	v.Check = "printf '%s' " + shellQuoted(a.Data.Input+":"+strconv.FormatInt(a.Data.Number, 10)) + " | sha256sum"
	if v.Comparison, err = s.Lab.Heavy.Compare(ctx, a); err != nil {
		return err
	}
	return s.showHeavy(c, http.StatusOK, v)
}

func (s *Site) showHeavy(c echo.Context, status int, v views.HeavyView) error {
	if fromHTMX(c) {
		c.Response().Header().Set("HX-Push-Url", "/lab?input="+url.QueryEscape(v.Input))
		return render(c, status, views.HeavyFragment(s.page(c), v))
	}
	return render(c, status, views.Heavy(s.page(c), v))
}

// GetHeavy is the heavy operation for programs. A browser is sent to its page.
func (s *Site) GetHeavy(c echo.Context) error {
	if wantsHTML(c) {
		return see(c, "/lab?"+c.QueryString())
	}
	a, err := s.Lab.Heavy.Do(c.Request().Context(), c.QueryParam("input"))
	if err != nil {
		return err
	}
	return answerWith(s, c, a, workOf)
}

type workJSON struct {
	Input   string  `json:"input"`
	Number  int64   `json:"number"`
	Hash    string  `json:"hash"`
	Bits    int     `json:"bits"`
	DelayMS float64 `json:"delay_ms"` // the part of its time that was no work but a delay
}

func workOf(w cifra.Work) workJSON {
	return workJSON{Input: w.Input, Number: w.Number, Hash: w.Hash, Bits: w.Bits, DelayMS: cifra.Milliseconds(w.Delay)}
}

// labHead is what every page of the lab shows above its own content.
func (s *Site) labHead(tab string) views.LabHead {
	head := views.LabHead{Tab: tab, Tiers: []string{"memory"}}
	if kind := s.Cache.Backend(); kind != "memory" {
		head.Tiers = append(head.Tiers, kind)
	}
	return head
}

// shownHeaders are the headers of this answer that say where it came from, as they go out.
func shownHeaders(c echo.Context) []string {
	var lines []string
	for _, name := range []string{"Cache-Status", "Server-Timing", "X-Cache", "Age"} {
		if v := c.Response().Header().Get(name); v != "" {
			lines = append(lines, name+": "+v)
		}
	}
	return lines
}

// refusalOf finds a refusal of what was entered in err: one that a form shows by its fields.
func refusalOf(err error) (*cifra.Error, bool) {
	var known *cifra.Error
	if errors.As(err, &known) && len(known.Fields) > 0 {
		return known, true
	}
	return nil, false
}

// suggestions are inputs to try; the last one nobody has asked before.
func suggestions() []string {
	return []string{"ñandú/тест 🔢", "42", "cifra-" + strings.ToLower(rand.Text()[:5])}
}
