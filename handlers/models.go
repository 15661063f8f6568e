package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Models holds the versions of the models. [cifra/train.Models] is one.
type Models interface {
	// List returns the versions for an API: the champion first, then the newest.
	List(ctx context.Context, api cifra.API) ([]cifra.Standing, error)
	// Promote makes a version the champion. Impossible where it can't be loaded, or needs a reason; NotFound.
	Promote(ctx context.Context, id, reason string) error
	// Hold holds a version beside the champion, for comparison. Impossible where it can't be loaded or the gate refused it;
	// Conflict where it is the champion; NotFound.
	Hold(ctx context.Context, id string) error
	// Release ends the comparison of an API. NotFound where there is none.
	Release(ctx context.Context, api cifra.API) error
	// Comparisons returns how the versions that are held, and the champions, fared beside each other.
	Comparisons(ctx context.Context) ([]cifra.Contest, error)
	// Rollback makes the version the champion that served before, and returns its id. Conflict where none did.
	Rollback(ctx context.Context, api cifra.API, reason string) (id string, err error)
}

// Champions knows which versions this instance serves. cmd/cifra has one.
type Champions interface {
	// Serving returns the version that answers an API here.
	Serving(api cifra.API) string
	// Faults returns the champions that can't be loaded here.
	Faults() []cifra.ModelFault
	// ChallengerShare returns the share of the pictures that a version held for comparison answers, 0 where none does.
	ChallengerShare() float64
}

// reasonRequest is why something is done.
type reasonRequest struct {
	Model  string `json:"model"`
	Reason string `json:"reason"`
}

// modelJSON is a version as programs get it.
type modelJSON struct {
	ID        string             `json:"id"`
	Model     cifra.API          `json:"model"`
	Champion  bool               `json:"champion"`
	SHA256    string             `json:"sha256"`
	Parent    *string            `json:"parent"`
	By        string             `json:"by"`
	Run       *string            `json:"run"`
	Metrics   map[string]float64 `json:"metrics"`
	CreatedAt time.Time          `json:"created_at"`
	Served    []reignJSON        `json:"served"`
	Gate      *cifra.Gate        `json:"gate"`
}

type reignJSON struct {
	From   time.Time  `json:"from"`
	Until  *time.Time `json:"until"`
	By     string     `json:"by"`
	Reason string     `json:"reason"`
}

// GetModels lists the versions of both APIs: a page, or a list for programs.
func (s *Site) GetModels(c echo.Context) error {
	if wantsHTML(c) {
		return s.modelsPage(c, http.StatusOK, nil)
	}
	items := []modelJSON{}
	for _, api := range []cifra.API{cifra.V2, cifra.V1} {
		list, err := s.Models.List(c.Request().Context(), api)
		if err != nil {
			return err
		}
		for i := range list {
			items = append(items, newModelJSON(&list[i]))
		}
	}
	serving := map[string]string{}
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		serving[string(api)] = s.Champions.Serving(api)
	}
	return answerTagged(c, map[string]any{"items": items, "serving": serving, "instance": s.Instance, "next": nil})
}

func (s *Site) modelsPage(c echo.Context, status int, refused error) error {
	v := views.ModelsView{Faults: s.Champions.Faults(), Share: s.Champions.ChallengerShare()}
	if refused != nil {
		v.Refused = inWords(c, refused)
	}
	compared, err := s.Models.Comparisons(c.Request().Context())
	if err != nil {
		return err
	}
	for _, each := range compared {
		v.Held = append(v.Held, each.Challenger.Model)
	}
	for _, api := range []cifra.API{cifra.V2, cifra.V1} {
		list, err := s.Models.List(c.Request().Context(), api)
		if err != nil {
			return err
		}
		v.APIs = append(v.APIs, views.ModelsOf{API: api, Serving: s.Champions.Serving(api), List: list})
	}
	return render(c, status, views.Models(s.page(c), v))
}

// PostPromote makes a version the champion.
func (s *Site) PostPromote(c echo.Context) error {
	r, err := readReason(c)
	if err != nil {
		return err
	}
	return s.promoted(c, c.Param("id"), "models.serves", s.Models.Promote(c.Request().Context(), c.Param("id"), r.Reason))
}

// PostRollback goes back to the version that served before.
func (s *Site) PostRollback(c echo.Context) error {
	r, err := readReason(c)
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
	id, err := s.Models.Rollback(c.Request().Context(), api, r.Reason)
	return s.promoted(c, id, "models.serves", err)
}

// PostHold holds a version beside the champion, for comparison.
func (s *Site) PostHold(c echo.Context) error {
	return s.promoted(c, c.Param("id"), "models.held", s.Models.Hold(c.Request().Context(), c.Param("id")))
}

// PostRelease ends a comparison.
func (s *Site) PostRelease(c echo.Context) error {
	r, err := readReason(c)
	if err != nil {
		return err
	}
	api := cifra.API(r.Model)
	if !api.Valid() {
		return impossible("model")
	}
	if err := s.Models.Release(c.Request().Context(), api); err != nil {
		return err
	}
	if wantsHTML(c) {
		return see(c, "/admin/models")
	}
	return c.NoContent(http.StatusNoContent)
}

func readReason(c echo.Context) (r reasonRequest, err error) {
	err = readBody(c, &r, func(get func(string) string) { r.Reason, r.Model = get("reason"), get("model") })
	return r, err
}

// promoted answers what came of it: the page again, with what was wrong, or a sentence that it is done.
func (s *Site) promoted(c echo.Context, id, done string, err error) error {
	switch {
	case err == nil && wantsHTML(c):
		return see(c, "/admin/models")
	case err == nil:
		return answerJSON(c, http.StatusOK, map[string]string{"id": id, "msg": words(c).T(done, "Model", id)})
	case wantsHTML(c) && (cifra.CodeOf(err) == cifra.Impossible || cifra.CodeOf(err) == cifra.Conflict):
		status := http.StatusUnprocessableEntity
		if cifra.CodeOf(err) == cifra.Conflict {
			status = http.StatusConflict
		}
		return s.modelsPage(c, status, err)
	}
	return err
}

func newModelJSON(m *cifra.Standing) modelJSON {
	v := m.Version
	j := modelJSON{
		ID: v.ID, Model: v.API, Champion: m.Champion, SHA256: v.SHA256, By: v.By, Metrics: v.Metrics, CreatedAt: v.CreatedAt,
		Served: []reignJSON{},
	}
	if j.Metrics == nil {
		j.Metrics = map[string]float64{}
	}
	if v.Parent != "" {
		j.Parent = &v.Parent
	}
	if m.Run != nil {
		id := strconv.FormatInt(m.Run.ID, 10)
		j.Run, j.Gate = &id, m.Run.Gate
	}
	for _, r := range m.Reigns {
		g := reignJSON{From: r.Since, By: r.By, Reason: r.Reason}
		if !r.Until.IsZero() {
			g.Until = &r.Until
		}
		j.Served = append(j.Served, g)
	}
	return j
}

// inWords says a refusal in the reader's language.
func inWords(c echo.Context, err error) string {
	known, ok := errors.AsType[*cifra.Error](err)
	if !ok {
		known = cifra.E(cifra.Internal, "error.internal")
	}
	return words(c).Error(known)
}
