package handlers

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"cifra/views"
)

// GetDocs shows the API's calls.
func (s *Site) GetDocs(c echo.Context) error {
	return render(c, http.StatusOK, views.APIDocs(s.page(c), s.Docs()))
}

func escape(path string) string { return url.QueryEscape(path) }
