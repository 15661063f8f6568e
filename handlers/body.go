package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
)

// maxJSON is the most bytes of a JSON body, or of a form without files.
const maxJSON = 64 << 10

// readBody fills into from a JSON body, or hands back the values of a form. Fields that into does not name are ignored:
// a body can never set more than the request's own type holds.
func readBody(c echo.Context, into any, fromForm func(get func(string) string)) error {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxJSON)
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	switch {
	case err == nil && (kind == echo.MIMEApplicationForm || kind == echo.MIMEMultipartForm):
		if err := r.ParseMultipartForm(maxJSON); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			return jsonError(err)
		}
		fromForm(r.PostFormValue)
		return nil
	case err == nil && kind != echo.MIMEApplicationJSON && r.ContentLength != 0:
		return cifra.E(cifra.Unsupported, "error.body.kind")
	}
	err = json.NewDecoder(r.Body).Decode(into)
	if errors.Is(err, io.EOF) {
		return nil // no body: every field is missing, and is said to be by who needs it
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		e := cifra.E(cifra.Invalid, "error.field.type", "Field", wrong.Field)
		e.Fields = map[string]*cifra.Error{wrong.Field: cifra.E(cifra.Invalid, "error.field.type", "Field", wrong.Field)}
		return e.Wrap(err)
	}
	if err != nil {
		return jsonError(err)
	}
	return nil
}

// jsonError tells a body that is too large from one that is broken.
func jsonError(err error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return cifra.E(cifra.TooLarge, "error.body.large", "Limit", maxJSON>>10).Wrap(err)
	}
	return cifra.E(cifra.Invalid, "error.form.broken").Wrap(err)
}
