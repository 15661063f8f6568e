package handlers

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"cifra"
)

// wantsHTML reports whether the client asked for HTML by name. Everything else, */* too, is given JSON.
func wantsHTML(c echo.Context) bool {
	for part := range strings.SplitSeq(c.Request().Header.Get(echo.HeaderAccept), ",") {
		kind, params, _ := strings.Cut(part, ";")
		if strings.TrimSpace(kind) == echo.MIMETextHTML && !refused(params) {
			return true
		}
	}
	return fromHTMX(c)
}

// refused reports whether the parameters of an Accept element say q=0.
func refused(params string) bool {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if q, err := strconv.ParseFloat(value, 64); strings.EqualFold(name, "q") && err == nil {
			return q == 0
		}
	}
	return false
}

// WantsHTML reports whether a page, or a fragment of one, is asked for.
func WantsHTML(c echo.Context) bool { return wantsHTML(c) }

// fromHTMX reports whether the page's script asked, and so wants a fragment.
func fromHTMX(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }

// render writes a page. It renders to a buffer first, so that an error can still change the status.
func render(c echo.Context, status int, page templ.Component) error {
	buf := templ.GetBuffer()
	defer templ.ReleaseBuffer(buf)
	if err := page.Render(c.Request().Context(), buf); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	h := c.Response().Header()
	h.Add(echo.HeaderVary, "Accept, Accept-Language, HX-Request")
	if h.Get(echo.HeaderCacheControl) == "" {
		h.Set(echo.HeaderCacheControl, "private, no-cache")
	}
	if method := c.Request().Method; status == http.StatusOK && (method == http.MethodGet || method == http.MethodHead) &&
		h.Get(echo.HeaderCacheControl) != "no-store" && unchanged(c, buf.Bytes()) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.HTMLBlob(status, buf.Bytes())
}

// answerJSON writes data as JSON.
func answerJSON(c echo.Context, status int, data any) error {
	headersOfJSON(c)
	return c.JSON(status, data)
}

// headersOfJSON sets what every answer with JSON says of itself.
func headersOfJSON(c echo.Context) {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, "Accept, Accept-Language")
	if h.Get(echo.HeaderCacheControl) == "" {
		h.Set(echo.HeaderCacheControl, "no-store")
	}
}

// see sends a browser on to another page after a form (303).
func see(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }

// provenanceHeaders writes the headers that say where an answer came from. They agree with its JSON.
func (s *Site) provenanceHeaders(c echo.Context, p cifra.Provenance) {
	p.Headers(c.Response().Header().Set, s.privileged(c))
}

// NewRequestID makes the request's id, or takes a well-formed one from a proxy before it.
func NewRequestID(c echo.Context) string {
	id := c.Request().Header.Get(echo.HeaderXRequestID)
	if !wellFormedID(id) {
		id = rand.Text()
	}
	c.Set(string(keyRequest), id)
	return id
}

// RequestID returns the request's id.
func RequestID(c echo.Context) string {
	id, _ := c.Get(string(keyRequest)).(string)
	return id
}

func wellFormedID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// localPath returns next where it is a path of this site, else the home page: never an address of another host.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
