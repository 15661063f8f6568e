package web

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/handlers"
)

// statuses maps every code to its status. Nothing else in the program chooses the status of an error.
var statuses = map[cifra.Code]int{
	cifra.Invalid:     http.StatusBadRequest,
	cifra.Impossible:  http.StatusUnprocessableEntity,
	cifra.Unsigned:    http.StatusUnauthorized,
	cifra.Denied:      http.StatusForbidden,
	cifra.NotFound:    http.StatusNotFound,
	cifra.Method:      http.StatusMethodNotAllowed,
	cifra.Conflict:    http.StatusConflict,
	cifra.TooLarge:    http.StatusRequestEntityTooLarge,
	cifra.Unsupported: http.StatusUnsupportedMediaType,
	cifra.TooOften:    http.StatusTooManyRequests,
	cifra.Unavailable: http.StatusServiceUnavailable,
	cifra.Internal:    http.StatusInternalServerError,
}

// showError returns Echo's error handler: the only place where an error becomes an answer.
// Only a [cifra.Error]'s message reaches people; the cause is for the log.
func showError(log *slog.Logger, site *handlers.Site) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		ctx := c.Request().Context()
		known := asError(err)
		status := statuses[known.Code]
		if c.Response().Committed {
			log.WarnContext(ctx, "error after the answer began", "err", err, "path", c.Path())
			panic(http.ErrAbortHandler) // cuts the connection, so that nobody takes the half for the whole
		}
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			log.DebugContext(ctx, "the client went away", "err", err, "path", c.Path())
			return // nobody is there to read an error page
		}
		level := slog.LevelInfo
		if status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		log.Log(ctx, level, "request refused", "err", err, "status", status, "method", c.Request().Method,
			"route", c.Path(), "request_id", handlers.RequestID(c))
		if known.RetryAfter > 0 {
			c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds()))))
		}
		if known.Code == cifra.Unsigned {
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="cifra"`)
		}
		if err := site.Problem(c, status, known); err != nil {
			log.ErrorContext(ctx, "the error page failed", "err", err, "request_id", handlers.RequestID(c))
		}
	}
}

// asError finds the [cifra.Error] in err, or makes the one that people may read of it.
func asError(err error) *cifra.Error {
	if known, ok := errors.AsType[*cifra.Error](err); ok {
		return known
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch he.Code {
		case http.StatusNotFound:
			return cifra.E(cifra.NotFound, "error.not-found").Wrap(err)
		case http.StatusMethodNotAllowed:
			return cifra.E(cifra.Method, "error.method").Wrap(err)
		case http.StatusRequestEntityTooLarge:
			return cifra.E(cifra.TooLarge, "error.file.large", "Limit", handlers.MaxFileMiB).Wrap(err)
		case http.StatusUnsupportedMediaType:
			return cifra.E(cifra.Unsupported, "error.form.broken").Wrap(err)
		case http.StatusBadRequest:
			return cifra.E(cifra.Invalid, "error.form.broken").Wrap(err)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return cifra.E(cifra.Unavailable, "error.internal").Wrap(err).Retry(time.Second)
	}
	return cifra.E(cifra.Internal, "error.internal").Wrap(err)
}
