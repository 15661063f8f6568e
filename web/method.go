package web

import (
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/handlers"
)

// methods are those that routes may have, in the order in which Allow names them.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// absent knows what to answer where no route is.
type absent struct {
	echo *echo.Echo
	// lines is the map. The router also finds the places that say that nothing is there; these are no lines of it.
	lines func() map[Route]bool
}

func newAbsent(e *echo.Echo) *absent {
	return &absent{e, sync.OnceValue(func() map[Route]bool {
		all := map[Route]bool{}
		for _, r := range e.Routes() {
			all[Route{r.Method, r.Path}] = true
		}
		return all
	})}
}

// has reports whether the map has a route for a method and a request's path.
func (a *absent) has(method, path string) bool {
	found := a.echo.NewContext(nil, nil)
	a.echo.Router().Find(method, path, found)
	return a.lines()[Route{method, found.Path()}]
}

// answer is 404 where the path is unknown for every method, else 405 with the methods that it has in Allow (RFC 9110,
// 15.5.6); to OPTIONS it says just these. HEAD is there wherever GET is. A browser that opens the address of a form, as
// it stands there after a form was refused, is led to the page that the form is on.
func (a *absent) answer(c echo.Context) error {
	at := echo.GetPath(c.Request())
	var allow []string
	for _, m := range methods {
		if !a.has(m, at) {
			continue
		}
		allow = append(allow, m)
		if m == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	if len(allow) == 0 {
		return echo.ErrNotFound
	}
	c.Response().Header().Set(echo.HeaderAllow, strings.Join(allow, ", "))
	switch c.Request().Method {
	case http.MethodOptions:
		return c.NoContent(http.StatusNoContent)
	case http.MethodGet:
		if handlers.WantsHTML(c) && !strings.HasPrefix(at, "/api/") {
			return c.Redirect(http.StatusSeeOther, a.page(at))
		}
	}
	return cifra.E(cifra.Method, "error.method")
}

// page returns the nearest page above a path.
func (a *absent) page(at string) string {
	for at != "/" && at != "." {
		if at = path.Dir(at); a.has(http.MethodGet, at) {
			return at
		}
	}
	return "/"
}
