package views

import (
	"net/http"
	"strconv"

	"cifra"
)

// codes are the errors' codes with their status, as web/errors.go maps them, in the order of the status.
var codes = []struct {
	code   cifra.Code
	status int
}{
	{cifra.Invalid, http.StatusBadRequest},
	{cifra.Unsigned, http.StatusUnauthorized},
	{cifra.Denied, http.StatusForbidden},
	{cifra.NotFound, http.StatusNotFound},
	{cifra.Method, http.StatusMethodNotAllowed},
	{cifra.Conflict, http.StatusConflict},
	{cifra.TooLarge, http.StatusRequestEntityTooLarge},
	{cifra.Unsupported, http.StatusUnsupportedMediaType},
	{cifra.Impossible, http.StatusUnprocessableEntity},
	{cifra.TooOften, http.StatusTooManyRequests},
	{cifra.Internal, http.StatusInternalServerError},
	{cifra.Unavailable, http.StatusServiceUnavailable},
}

// groupID is the anchor of a group of calls: by number, since groups are named in any language.
func groupID(i int) string { return "group-" + strconv.Itoa(i+1) }
