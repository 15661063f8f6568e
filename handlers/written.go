package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
)

// envelope is the one shape of answers with a source, without the data, which go before it.
type envelope struct {
	Source     cifra.Source         `json:"source"`
	Cached     bool                 `json:"cached"`
	Provenance cifra.WireProvenance `json:"provenance"`
}

// newline ends every answer with JSON.
var newline = []byte("\n")

// answerWith answers with data in the envelope of answers with a source, and with the headers that agree with it. What wire
// makes of remembered data is written once for all their answers; the envelope is each answer's own.
func answerWith[T, W any](s *Site, c echo.Context, a cifra.Answer[T], wire func(T) W) error {
	data, err := written(a, wire)
	if err != nil {
		return err
	}
	s.provenanceHeaders(c, a.Provenance)
	rest, err := json.Marshal(envelope{a.Provenance.Source, a.Provenance.Cached(), a.Provenance.Wire(s.privileged(c))})
	if err != nil {
		return fmt.Errorf("json: %w", err)
	}
	rest[0] = ',' // of one object with the data
	return answerBlob(c, []byte(`{"data":`), data, rest, newline)
}

// written returns an answer's data as JSON, in the form that wire gives them.
func written[T, W any](a cifra.Answer[T], wire func(T) W) ([]byte, error) {
	text, err := a.Form.Of(func() ([]byte, error) { return json.Marshal(wire(a.Data)) })
	if err != nil {
		return nil, fmt.Errorf("json: %w", err)
	}
	return text, nil
}

// answerBlob answers with the pieces of a JSON text.
func answerBlob(c echo.Context, pieces ...[]byte) error {
	size := 0
	for _, p := range pieces {
		size += len(p)
	}
	headersOfJSON(c)
	res := c.Response()
	res.Header().Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	res.Header().Set(echo.HeaderContentLength, strconv.Itoa(size))
	res.WriteHeader(http.StatusOK)
	for _, p := range pieces {
		if _, err := res.Write(p); err != nil {
			return err
		}
	}
	return nil
}
