package handlers

import (
	"context"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Universities asks the universities' service. [cifra/lab.Universities] does.
type Universities interface {
	// Search returns what the service knows for some parameters. Unavailable where it is gone and nothing is remembered.
	Search(ctx context.Context, params url.Values) (cifra.Answer[[]cifra.University], error)
}

// GetUniversities is the service for programs: in the envelope of answers with a source, or bare, as the old one gave it.
func (s *Site) GetUniversities(bare bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		if wantsHTML(c) {
			return see(c, "/lab/universities?"+c.QueryString())
		}
		a, err := s.Lab.Universities.Search(c.Request().Context(), c.QueryParams())
		if err != nil {
			return err
		}
		if !bare {
			return answerWith(s, c, a, universitiesOf)
		}
		list, err := written(a, universitiesOf)
		if err != nil {
			return err
		}
		s.provenanceHeaders(c, a.Provenance)
		return answerBlob(c, list, newline)
	}
}

// universitiesOf is the list as the service itself writes it.
func universitiesOf(list []cifra.University) []cifra.University { return list }

// GetUniversitiesPage shows the service.
func (s *Site) GetUniversitiesPage(c echo.Context) error {
	v := views.UniversitiesView{
		Head: s.labHead("universities"), Country: c.QueryParam("country"), Name: c.QueryParam("name"), Countries: s.Lab.Countries,
	}
	if v.Country == "" && v.Name == "" {
		return render(c, http.StatusOK, views.Universities(s.page(c), v))
	}
	a, err := s.Lab.Universities.Search(c.Request().Context(), c.QueryParams())
	if fields, ok := formErrors(c, err); ok {
		v.Fields = fields
		return render(c, http.StatusUnprocessableEntity, views.Universities(s.page(c), v))
	}
	if cifra.CodeOf(err) == cifra.Unavailable {
		v.Gone = words(c).ErrorOf(err)
		c.Response().Header().Set(echo.HeaderRetryAfter, "5")
		return render(c, http.StatusServiceUnavailable, views.Universities(s.page(c), v))
	}
	if err != nil {
		return err
	}
	v.Answered, v.List = s.answered(c, a.Provenance), a.Data
	return render(c, http.StatusOK, views.Universities(s.page(c), v))
}
