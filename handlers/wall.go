package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
	"cifra/views/qr"
)

// Wall is the room's drawings. [cifra/store.DB] keeps them.
type Wall interface {
	// AddToWall shows the room the drawing of a prediction whose maker agreed.
	AddToWall(ctx context.Context, predictionID string) error
	// Wall returns the latest drawings, the latest first.
	Wall(ctx context.Context) ([]cifra.WallDrawing, error)
	// WallPicture returns a drawing as a PNG, or NotFound.
	WallPicture(ctx context.Context, id int64) ([]byte, error)
	// HideFromWall takes one down, with an audit row. NotFound where it isn't there.
	HideFromWall(ctx context.Context, id int64, a cifra.Audit) error
}

// roomWall is the room of those who look at the wall.
const roomWall = "wall"

// GetWall shows the room's drawings.
func (s *Site) GetWall(c echo.Context) error {
	list, err := s.Wall.Wall(c.Request().Context())
	if err != nil {
		return err
	}
	v := views.WallView{Drawings: list, Join: s.Lab.Join(c.Scheme(), c.Request().Host)}
	if code, err := qr.Encode(v.Join); err == nil {
		v.Code = code
	}
	return render(c, http.StatusOK, views.Wall(s.page(c), v))
}

// GetWallLive opens the socket of a wall: a fragment for each drawing, and for each one that is taken down.
func (s *Site) GetWallLive(c echo.Context) error {
	return s.listen(c, cifra.Listener{Room: roomWall, Language: string(words(c).Language())})
}

// GetWallDrawing is a drawing on the wall. It may be taken down, so browsers ask again.
func (s *Site) GetWallDrawing(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	png, err := s.Wall.WallPicture(c.Request().Context(), id)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "private, max-age=60")
	return c.Blob(http.StatusOK, "image/png", png)
}

// PostWallHide takes a drawing down.
func (s *Site) PostWallHide(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	a := actor(c)
	err = s.Wall.HideFromWall(c.Request().Context(), id, cifra.Audit{
		UserID: a.UserID(), Username: a.Name(), Action: cifra.ActionWallHide, Details: "id=" + strconv.FormatInt(id, 10), IP: a.IP, At: s.Now().UTC(),
	})
	if err != nil {
		return err
	}
	if fromHTMX(c) {
		return render(c, http.StatusOK, views.WallGone(id))
	}
	return see(c, "/wall")
}

// ontoWall shows the room a drawing whose maker agreed, while a show is on.
func (s *Site) ontoWall(c echo.Context, f *form, r *cifra.Recognition) error {
	if !s.Demo || f.fields["wall"] != "true" || r.ID == "" {
		return nil
	}
	return s.Wall.AddToWall(c.Request().Context(), r.ID)
}
