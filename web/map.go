package web

import (
	"cmp"
	"log/slog"
	"slices"

	"github.com/labstack/echo/v4"
)

// Route is one line of the map: a method and a path such as "/r/:id".
type Route struct{ Method, Path string }

// Routes returns every route of the site, by path.
func Routes() ([]Route, error) {
	doc, err := openAPI()
	if err != nil {
		return nil, err
	}
	e := echo.New()
	s := &server{Deps: Deps{Log: slog.New(slog.DiscardHandler)}, api: doc}
	s.routes(e, s.Handlers)
	var all []Route
	for _, r := range e.Routes() {
		if r.Method != echo.RouteNotFound {
			all = append(all, Route{r.Method, r.Path})
		}
	}
	slices.SortFunc(all, func(a, b Route) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
	return all, nil
}
