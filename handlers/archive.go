package handlers

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
)

// GetMe gives everything that is kept of who asks as one archive: their account, predictions, pictures, what they said of
// answers, sessions, tokens, and the lines of the book about them.
func (s *Site) GetMe(c echo.Context) error {
	u := actor(c).User
	ctx := c.Request().Context()
	first, next, err := s.History.History(ctx, cifra.HistoryFilter{}, "", exportBatch)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/zip")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="cifra-`+u.Username+`.zip"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	c.Response().WriteHeader(http.StatusOK)
	a := &archive{zip.NewWriter(c.Response()), s.Now()}
	err = a.json("account.json", map[string]any{
		"username": u.Username, "role": u.Role, "created_at": wireTime(u.CreatedAt), "language": u.Language, "theme": u.Theme,
	})
	if err != nil {
		return err
	}
	if err := s.archiveRest(c, a); err != nil {
		return err
	}
	var kept []keptJSON
	pictures := map[string]bool{}
	err = s.walk(ctx, cifra.HistoryFilter{}, first, next, func(r *cifra.Recognition) error {
		kept = append(kept, s.keptJSON(c, r))
		if pictures[r.ImageHash] {
			return nil
		}
		pictures[r.ImageHash] = true
		return a.file("pictures/"+r.ID+".png", r.Picture.Thumbnail)
	})
	if err != nil {
		return err
	}
	if err := a.json("predictions.json", kept); err != nil {
		return err
	}
	return a.zip.Close()
}

// archiveRest writes what is small.
func (s *Site) archiveRest(c echo.Context, a *archive) error {
	ctx, u := c.Request().Context(), actor(c).User
	said, err := s.Persons.FeedbackBy(ctx, u.ID)
	if err != nil {
		return err
	}
	if err := a.json("feedback.json", said); err != nil {
		return err
	}
	sessions, err := s.Browsers.SessionsOf(ctx, u.ID)
	if err != nil {
		return err
	}
	if err := a.json("sessions.json", sessions); err != nil {
		return err
	}
	tokens, err := s.Keys.PersonalTokens(ctx, u)
	if err != nil {
		return err
	}
	if err := a.json("tokens.json", tokens); err != nil {
		return err
	}
	var lines []auditJSON
	err = s.Audit.EachAudit(ctx, cifra.AuditFilter{Like: cifra.Audit{UserID: u.ID}}, func(l cifra.Audit) error {
		lines = append(lines, newAuditJSON(l))
		return nil
	})
	if err != nil {
		return err
	}
	return a.json("audit.json", lines)
}

// archive is a ZIP file that is being written.
type archive struct {
	zip *zip.Writer
	now time.Time
}

func (a *archive) json(name string, v any) error {
	w, err := a.create(name)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (a *archive) file(name string, content []byte) error {
	w, err := a.create(name)
	if err == nil {
		_, err = w.Write(content)
	}
	return err
}

func (a *archive) create(name string) (io.Writer, error) {
	return a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.now})
}
