package web

import (
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"cifra"
)

// methods are those that routes may have, in the order in which Allow names them.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// notHere answers what no route does: 404 where the path is unknown for every method, else 405 with the methods that it
// has in Allow (RFC 9110, 15.5.6); to OPTIONS it says just these. HEAD is there wherever GET is.
func notHere(e *echo.Echo) echo.HandlerFunc {
	// The router also finds the places that say that nothing is there; these are no lines of the map.
	lines := sync.OnceValue(func() map[Route]bool {
		all := map[Route]bool{}
		for _, r := range e.Routes() {
			all[Route{r.Method, r.Path}] = true
		}
		return all
	})
	return func(c echo.Context) error {
		var allow []string
		found := e.NewContext(nil, nil)
		for _, m := range methods {
			e.Router().Find(m, echo.GetPath(c.Request()), found)
			if !lines()[Route{m, found.Path()}] {
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
		if c.Request().Method == http.MethodOptions {
			return c.NoContent(http.StatusNoContent)
		}
		return cifra.E(cifra.Method, "error.method")
	}
}
