package web

import (
	"github.com/labstack/echo/v4"

	"cifra"
)

// adminOnly lets only admins pass: nobody's sign-in is cifra.Unsigned, a user's cifra.Denied. Who asks was read from the
// database for this very request, so that a role that was taken away counts at once.
func adminOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := cifra.ActorFrom(c.Request().Context()).User
		switch {
		case u == nil:
			return cifra.E(cifra.Unsigned, "error.unsigned")
		case !u.IsAdmin():
			return cifra.E(cifra.Denied, "error.denied")
		}
		return next(c)
	}
}
