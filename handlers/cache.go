package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// roomLab is the room of those who look into the cache.
const roomLab = "lab"

// GetLabLive opens the socket of a page that looks into the cache: a fragment for each flush.
func (s *Site) GetLabLive(c echo.Context) error {
	if err := s.mayLook(c); err != nil {
		return err
	}
	l := cifra.Listener{Room: roomLab, Language: string(words(c).Language())}
	if !s.Demo {
		l.Check = s.Recheck(c)
	}
	return s.listen(c, l)
}

// GetCachePage shows an admin how the cache does, function by function, or the part of that which is read anew all the time.
func (s *Site) GetCachePage(c echo.Context) error {
	v := views.CachePageView{
		Tiers: s.labHead("").Tiers, Namespaces: s.Lab.Room.Namespaces(true), Health: s.Lab.Watch.Health(), News: s.Lab.Watch.News(), Instance: s.Instance,
	}
	if fromHTMX(c) {
		return render(c, http.StatusOK, views.CacheNumbers(s.page(c), v))
	}
	var err error
	if v.Flushes, err = s.Lab.Room.Flushes(c.Request().Context()); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.CachePage(s.page(c), v))
}
