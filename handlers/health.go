package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Parts tells how the parts are on which the program rests. cmd/cifra has one.
type Parts interface {
	// Serving is false while the program starts or drains.
	Serving() bool
	// Parts asks each part, within the context's time.
	Parts(ctx context.Context) map[string]Part
}

// Part is the state of one part.
type Part struct {
	State string     `json:"state"` // "ok" or "down"
	Kind  string     `json:"kind"`  // "sqlite", "redis", …
	Since *time.Time `json:"since,omitempty"`
}

// GetHealth says that the process is alive.
func (s *Site) GetHealth(c echo.Context) error {
	return answerJSON(c, http.StatusOK, map[string]string{"status": "ok"})
}

// GetReady says whether requests are taken: 503 only while starting or draining; a lost part is "degraded".
func (s *Site) GetReady(c echo.Context) error {
	if !s.Parts.Serving() {
		c.Response().Header().Set(echo.HeaderRetryAfter, "5")
		return answerJSON(c, http.StatusServiceUnavailable, map[string]string{"status": "draining"})
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	status, parts := "ok", s.Parts.Parts(ctx)
	for _, p := range parts {
		if p.State != "ok" {
			status = "degraded"
		}
	}
	return answerJSON(c, http.StatusOK, map[string]any{"status": status, "parts": parts})
}
