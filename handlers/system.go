package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// System tells how the program is doing.
type System interface {
	// System tells how this instance and those beside it are doing.
	System(ctx context.Context) (*cifra.System, error)
	// Pools tells how this instance's connections are used, those to the database first.
	Pools() []cifra.Pool
}

// GetSystem shows how the program is doing: a page, or JSON.
func (s *Site) GetSystem(c echo.Context) error {
	sys, err := s.System.System(c.Request().Context())
	if err != nil {
		return err
	}
	if !wantsHTML(c) {
		return answerJSON(c, http.StatusOK, newSystemJSON(sys, s.Now()))
	}
	return render(c, http.StatusOK, views.System(s.page(c), views.SystemView{System: *sys}))
}

// GetPoolStats tells how connections are used, with the field names of the system that this one replaces: those of the
// database's pool at the top, as its clients read them, and of every pool in a list.
func (s *Site) GetPoolStats(c echo.Context) error {
	pools := s.System.Pools()
	out := poolStatsJSON{Pools: make([]poolJSON, 0, len(pools))}
	for _, p := range pools {
		out.Pools = append(out.Pools, newPoolJSON(p))
	}
	if len(pools) > 0 {
		out.poolCounts = newPoolJSON(pools[0]).poolCounts
	}
	return answerJSON(c, http.StatusOK, out)
}
