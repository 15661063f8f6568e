package handlers

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// answerTagged answers with data as JSON and an ETag, or with 304 where the client has it already. An answer to
// something else than a question is kept by nobody.
func answerTagged(c echo.Context, data any) error {
	if m := c.Request().Method; m != http.MethodGet && m != http.MethodHead {
		return answerJSON(c, http.StatusOK, data)
	}
	body, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("json: %w", err)
	}
	h := c.Response().Header()
	if h.Get(echo.HeaderCacheControl) == "" {
		h.Set(echo.HeaderCacheControl, "private, no-cache")
	}
	h.Add(echo.HeaderVary, "Accept, Accept-Language, Authorization")
	if unchanged(c, body) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, append(body, '\n'))
}

// unchanged gives the answer its ETag, and reports whether the client has this very answer already. The tag is a
// weak one, as the answer may be compressed on its way.
func unchanged(c echo.Context, body []byte) bool {
	sum := sha256.Sum256(body)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	c.Response().Header().Set("ETag", tag)
	for _, line := range c.Request().Header.Values("If-None-Match") {
		for one := range strings.SplitSeq(line, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}
