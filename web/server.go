// Package web is the site as one [net/http.Handler]: routes, middleware, sessions, and how errors look.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/handlers"
	"cifra/i18n"
	"cifra/static"
	"cifra/views"
)

// Identity finds out who asks. [cifra/auth.Service] is one.
type Identity interface {
	// Verify returns the user of a bearer token. Unsigned where it is not, or no longer, valid.
	Verify(ctx context.Context, token string) (*cifra.User, error)
	// SessionUser returns the user of a session, from the id and the stamp that it keeps. Unsigned where the session
	// is to be ended.
	SessionUser(ctx context.Context, id int64, stamp string) (*cifra.User, error)
	// Stamp binds a session to the password of the user who signs in.
	Stamp(u *cifra.User) string
}

// Deps is what the site is made of; cmd fills it. All of it is required but where said.
type Deps struct {
	Handlers   *handlers.Site // but for Session, Examples, AssetsBuilt and Docs, which this package fills
	Identity   Identity
	Sessions   scs.CtxStore
	Words      *i18n.Bundle
	Production bool
	Limits     *Limits      // nil: nobody is refused for asking too often
	Proxies    []*net.IPNet // whose X-Forwarded-For and X-Forwarded-Proto count; may be empty
	Log        *slog.Logger
	Now        func() time.Time
	Metrics    *Metrics     // nil: nothing is counted
	Prometheus http.Handler // answers /metrics for admins

	Slow func(context.Context, cifra.SlowRequest) // told of every request that has ended, sockets left out; nil: nobody is
}

type server struct {
	Deps
	sessions *Sessions
	api      *apiDocument
}

// New returns the site.
func New(d Deps) (http.Handler, error) {
	doc, err := openAPI()
	if err != nil {
		return nil, err
	}
	s := &server{Deps: d, sessions: newSessions(d.Sessions, d.Identity.Stamp, d.Production, d.Now, d.Log), api: doc}
	d.Handlers.Session, d.Handlers.Recheck = s.sessions, s.recheck
	d.Handlers.Examples, d.Handlers.AssetsBuilt = examples{}, static.Built()
	d.Handlers.Docs = func() views.DocsView { return doc.view }

	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = showError(d.Log, d.Handlers)
	e.IPExtractor = clientIP(d.Proxies)
	e.Use(observe(d), language(d.Words), secure(d.Production), recovered, crossOrigin())
	s.routes(e, d.Handlers)
	doc.know(e.Routes())
	site, err := compressed(e)
	if err != nil {
		return nil, err
	}
	return trusted(d.Proxies, head(site)), nil
}

// clientIP finds the client's address: the connection's own, but behind the configured proxies what they say.
func clientIP(proxies []*net.IPNet) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, n := range proxies {
		options = append(options, echo.TrustIPRange(n))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// actor finds out who asks, by bearer token, else by session.
func (s *server) actor(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		a := cifra.Actor{IP: c.RealIP()}
		if token, ok := handlers.BearerToken(c.Request()); ok {
			u, err := s.Identity.Verify(ctx, token)
			if err != nil {
				return err
			}
			a.User, a.Personal = u, strings.HasPrefix(token, cifra.TokenPrefix)
		} else if id, stamp := s.sessions.user(ctx); id != 0 {
			u, err := s.Identity.SessionUser(ctx, id, stamp)
			switch cifra.CodeOf(err) {
			case "":
				a.User = u
			case cifra.Unsigned: // deleted, disabled, or another password
				if err := s.sessions.SignOut(ctx); err != nil {
					return err
				}
			default:
				return err
			}
		}
		if a.User == nil {
			a.Guest = s.sessions.Guest(ctx)
		}
		if _, err := c.Cookie(handlers.CookieLanguage); err != nil && a.User != nil && a.User.Language != "" {
			handlers.SetWords(c, s.Words.Printer(i18n.Language(a.User.Language)))
		}
		c.SetRequest(c.Request().WithContext(cifra.WithActor(ctx, a)))
		return next(c)
	}
}

// signedIn lets only signed-in users pass.
func signedIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if cifra.ActorFrom(c.Request().Context()).User == nil {
			return cifra.E(cifra.Unsigned, "error.unsigned")
		}
		return next(c)
	}
}

// inPerson lets pass who signed in with a password, and no personal token: whoever finds one must not be able to take
// the account over.
func inPerson(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if cifra.ActorFrom(c.Request().Context()).Personal {
			return cifra.E(cifra.Denied, "error.token.personal")
		}
		return next(c)
	}
}

// examples is the page's own drawings, which package static embeds.
type examples struct{}

func (examples) Names() []string                         { return static.Examples() }
func (examples) URL(name string) string                  { return static.ExampleURL(name) }
func (examples) File(name string) ([]byte, string, bool) { return static.Example(name) }

// stack is the calling goroutine's stack, for the log.
func stack() []byte { return debug.Stack() }

// errPanic is what a handler's panic becomes.
var errPanic = errors.New("panic")
