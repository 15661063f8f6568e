package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// problem is an error as programs read it: RFC 9457, and msg and error with the same sentence,
// because the clients of the old systems read one or the other.
type problem struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail"`
	RequestID string            `json:"request_id"`
	Errors    map[string]string `json:"errors,omitempty"` // by field
	Msg       string            `json:"msg"`
	Error     string            `json:"error"`
}

// mimeProblem is the media type of a problem document.
const mimeProblem = "application/problem+json"

// Problem answers with an error: a page, a fragment of one, or a problem document, in the reader's language.
func (s *Site) Problem(c echo.Context, status int, e *cifra.Error) error {
	w := words(c)
	p := problem{
		Type: "/docs/#" + string(e.Code), Title: w.T("status." + strconv.Itoa(status)), Status: status,
		Detail: w.Error(e), RequestID: RequestID(c),
	}
	p.Msg, p.Error = p.Detail, p.Detail
	for name, field := range e.Fields {
		if p.Errors == nil {
			p.Errors = map[string]string{}
		}
		p.Errors[name] = w.Error(field)
	}
	c.Response().Header().Del("Cache-Control")
	if c.Request().Method == http.MethodHead {
		return c.NoContent(status)
	}
	if !wantsHTML(c) {
		c.Response().Header().Set(echo.HeaderContentType, mimeProblem)
		return answerJSON(c, status, p)
	}
	if status == http.StatusUnauthorized && !fromHTMX(c) && c.Request().Method == http.MethodGet {
		return see(c, "/login?next="+escape(c.Request().URL.RequestURI()))
	}
	view := views.ProblemView{Status: status, Title: p.Title, Detail: p.Detail, RequestID: p.RequestID, RetryAfter: e.RetryAfter}
	if fromHTMX(c) {
		return render(c, status, views.AnswerError(s.page(c), p.Detail))
	}
	return render(c, status, views.Problem(s.page(c), view))
}
