package web

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/handlers"
	"cifra/i18n"
)

// contentSecurity is what a page may load: itself. No inline script, no inline style, no other host.
const contentSecurity = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; manifest-src 'self'; " +
	"img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secure writes the headers that every answer carries.
func secure(production bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set(echo.HeaderContentSecurityPolicy, contentSecurity)
			h.Set(echo.HeaderXContentTypeOptions, "nosniff")
			h.Set(echo.HeaderReferrerPolicy, "same-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Permissions-Policy", "geolocation=(), microphone=(), payment=()")
			if production && c.Scheme() == "https" {
				h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000")
			}
			return next(c)
		}
	}
}

// crossOrigin refuses what another site's page sends (the standard library's check by Sec-Fetch-Site and Origin).
func crossOrigin() echo.MiddlewareFunc {
	guard := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := guard.Check(c.Request()); err != nil {
				return cifra.E(cifra.Denied, "error.origin").Wrap(err)
			}
			return next(c)
		}
	}
}

// language chooses the reader's language: cookie, then Accept-Language.
func language(bundle *i18n.Bundle) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			cookie := ""
			if ck, err := c.Cookie(handlers.CookieLanguage); err == nil {
				cookie = ck.Value
			}
			lang := i18n.Choose(cookie, "", c.Request().Header.Get("Accept-Language"))
			handlers.SetWords(c, bundle.Printer(lang))
			return next(c)
		}
	}
}

// observe gives each request an id, times it, and writes a line about it.
func observe(d Deps) echo.MiddlewareFunc {
	log, now, m := d.Log, d.Now, d.Metrics
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := now()
			m.begin()
			id := handlers.NewRequestID(c)
			res := c.Response()
			res.Header().Set(echo.HeaderXRequestID, id)
			c.SetRequest(c.Request().WithContext(cifra.WithRequestID(c.Request().Context(), id)))
			res.Before(func() {
				res.Header().Set("X-Response-Time", fmt.Sprintf("%.4fs", now().Sub(start).Seconds()))
			})
			traced(c.Request().Context(), c.Request().Method, c.Path(), id)
			err := next(c)
			if err != nil {
				c.Error(err) // becomes an answer here, so that the line below knows its status
			}
			took := now().Sub(start)
			m.end(c.Request().Method, c.Path(), res.Status, took)
			if d.Slow != nil && res.Status != http.StatusSwitchingProtocols {
				d.Slow(c.Request().Context(), cifra.SlowRequest{
					At: start.Add(took).UTC(), Method: c.Request().Method, Route: c.Path(), Status: res.Status, Took: took, RequestID: id,
				})
			}
			log.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
				slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.Int("status", res.Status),
				slog.Int64("bytes", res.Size), slog.Duration("took", took),
				slog.String("ip", c.RealIP()), slog.String("request_id", id))
			return nil
		}
	}
}

// recovered turns a panic of a handler into an error, so that one bad request ends nothing else.
func recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler { //nolint:errorlint // the standard library panics with this very value
					panic(r)
				}
				err = fmt.Errorf("%w: %v\n%s", errPanic, r, stack())
			}
		}()
		return next(c)
	}
}
