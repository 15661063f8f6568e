package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
)

// Events tells what happens while it does. [cifra/live.Hub] is one, through cmd.
type Events interface {
	// Serve opens a socket and serves it until either side closes it. An error of code NotFound, Invalid, Denied or
	// Unavailable says that none was opened and nothing written.
	Serve(w http.ResponseWriter, r *http.Request, l cifra.Listener) error
	// LastSeq returns the number of the last event, after which a page that is read now may begin to listen.
	LastSeq(ctx context.Context) (int64, error)
}

// roomAdmin is the room of all events. Who may join is the routes' business.
const roomAdmin = "admin"

const keySeq contextKey = "seq"

// NoteSeq notes, before a page reads anything, which events it will know of: what comes after that it is told by its socket,
// so that it misses nothing. Where the number can't be had, the page listens from its opening on.
func (s *Site) NoteSeq(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if wantsHTML(c) && c.Request().Method == http.MethodGet {
			if seq, err := s.Events.LastSeq(c.Request().Context()); err == nil {
				c.Set(string(keySeq), seq)
			}
		}
		return next(c)
	}
}

// seqOf is what NoteSeq noted, -1 where it didn't.
func seqOf(c echo.Context) int64 {
	if seq, ok := c.Get(string(keySeq)).(int64); ok {
		return seq
	}
	return -1
}

// GetLive opens the socket of an admin's page: fragments of HTML in the page's language.
func (s *Site) GetLive(c echo.Context) error {
	return s.listen(c, cifra.Listener{Room: roomAdmin, Language: string(words(c).Language()), Check: s.Recheck(c)})
}

// GetEvents opens the socket of an admin's program: the events as JSON.
func (s *Site) GetEvents(c echo.Context) error {
	return s.listen(c, cifra.Listener{Room: roomAdmin, Check: s.Recheck(c), Welcome: words(c).T("live.welcome")})
}

// listen opens a socket that catches up after the number in the address, where there is one.
func (s *Site) listen(c echo.Context, l cifra.Listener) error {
	l.Since = -1
	if text := c.QueryParam("since"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return impossible("since")
		}
		l.Since = n
	}
	return s.Events.Serve(c.Response(), c.Request(), l)
}
