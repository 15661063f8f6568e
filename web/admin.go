package web

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/handlers"
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

// recheckPatience is how long a look at who listens may take.
const recheckPatience = 5 * time.Second

// recheck returns what finds out later whether who asks now is still signed in, as an admin. The session is read anew from
// its token: what the request's own context knows of it is that of then.
func (s *server) recheck(c echo.Context) func(context.Context) error {
	token, isBearer := handlers.BearerToken(c.Request())
	cookie := ""
	if ck, err := c.Cookie(s.sessions.manager.Cookie.Name); err == nil {
		cookie = ck.Value
	}
	return func(context.Context) error {
		ctx, cancel := context.WithTimeout(context.Background(), recheckPatience) // without the old session's data
		defer cancel()
		u, err := s.userOf(ctx, token, isBearer, cookie) //nolint:contextcheck // the caller's holds the old session
		if err != nil {
			return err
		}
		if !u.IsAdmin() {
			return cifra.E(cifra.Denied, "error.denied")
		}
		return nil
	}
}

func (s *server) userOf(ctx context.Context, token string, isBearer bool, cookie string) (*cifra.User, error) {
	if isBearer {
		return s.Identity.Verify(ctx, token)
	}
	ctx, err := s.sessions.manager.Load(ctx, cookie)
	if err != nil {
		return nil, err
	}
	id, stamp := s.sessions.user(ctx)
	if id == 0 {
		return nil, cifra.E(cifra.Unsigned, "error.unsigned")
	}
	return s.Identity.SessionUser(ctx, id, stamp)
}
