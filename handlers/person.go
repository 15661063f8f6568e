package handlers

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Keys is what opens an account. [cifra/auth.Service] is one.
type Keys interface {
	// CheckPassword holds that password is u's; Impossible by the field where it is not, TooOften after too many.
	CheckPassword(ctx context.Context, u *cifra.User, field, password string) error
	// ChangePassword gives who asks another password and ends all their sessions. It returns them as they are now.
	ChangePassword(ctx context.Context, current, password string) (*cifra.User, error)
	// PersonalTokens returns u's personal tokens, newest first.
	PersonalTokens(ctx context.Context, u *cifra.User) ([]cifra.Token, error)
	// CreateToken makes a personal token for who asks, and returns its secret beside it.
	CreateToken(ctx context.Context, name string, days int) (t *cifra.Token, secret string, err error)
	// DeleteToken ends a personal token of who asks. NotFound where it is none of theirs.
	DeleteToken(ctx context.Context, id string) error
	// DeleteTokens ends all personal tokens of who asks.
	DeleteTokens(ctx context.Context) error
	// UseReset sets the password of whoever a one-time code was made for, and returns them. Impossible by the field where the
	// code is not valid or the password breaks a rule, TooOften after too many.
	UseReset(ctx context.Context, code, password string) (*cifra.User, error)
}

// Browsers is where people are signed in. [cifra/auth.SessionStore] is one.
type Browsers interface {
	// SessionsOf returns a user's sessions, newest first.
	SessionsOf(ctx context.Context, userID int64) ([]cifra.SessionInfo, error)
	// EndSessions ends the session with this id, or all others.
	EndSessions(ctx context.Context, userID int64, id string, others bool) (int, error)
}

// Persons is what is kept of people beside predictions. [cifra/store.DB] is one.
type Persons interface {
	// SetPreferences keeps a language or a theme; nil leaves it.
	SetPreferences(ctx context.Context, userID int64, language, theme *string) error
	// FeedbackBy returns what a user has said, oldest first.
	FeedbackBy(ctx context.Context, userID int64) ([]cifra.Feedback, error)
}

// GetAccount shows what belongs to who asks.
func (s *Site) GetAccount(c echo.Context) error {
	v := views.AccountView{Done: c.QueryParam("done")}
	return s.showAccount(c, http.StatusOK, v)
}

// showAccount fills in what the page always shows.
func (s *Site) showAccount(c echo.Context, status int, v views.AccountView) error {
	ctx, u := c.Request().Context(), actor(c).User
	var err error
	if v.Sessions, err = s.Browsers.SessionsOf(ctx, u.ID); err != nil {
		return err
	}
	current := s.Session.Current(ctx)
	for i := range v.Sessions {
		v.Sessions[i].Current = v.Sessions[i].ID == current
	}
	if v.Tokens, err = s.Keys.PersonalTokens(ctx, u); err != nil {
		return err
	}
	v.User, v.Theme = *u, s.page(c).Theme
	return render(c, status, views.Account(s.page(c), v))
}

// accountAgain shows the page once more with what was wrong in one of its forms.
func (s *Site) accountAgain(c echo.Context, err error, form string) error {
	return s.again(c, err, func(said string, fields map[string]string) error {
		return s.showAccount(c, statusAgain(err), views.AccountView{Form: form, Error: said, Fields: fields})
	})
}

// PostPassword changes the password of who asks. This browser stays signed in, all others are out.
func (s *Site) PostPassword(c echo.Context) error {
	ctx := c.Request().Context()
	u, err := s.Keys.ChangePassword(ctx, c.FormValue("current"), c.FormValue("password"))
	if err != nil {
		return s.accountAgain(c, err, "password")
	}
	if err := s.Session.SignIn(ctx, u); err != nil {
		return err
	}
	return see(c, "/account?done=password")
}

// PostSessionEnd ends one session of who asks, or all but this one.
func (s *Site) PostSessionEnd(c echo.Context) error {
	ctx, u := c.Request().Context(), actor(c).User
	id, others := c.FormValue("id"), c.FormValue("others") == "true"
	if others {
		id = s.Session.Current(ctx)
	}
	if _, err := s.Browsers.EndSessions(ctx, u.ID, id, others); err != nil {
		return err
	}
	if !others && id == s.Session.Current(ctx) {
		return see(c, "/login")
	}
	return see(c, "/account?done=sessions")
}

// PostToken makes a personal token and shows it. This is the one form that is answered by a page of its own: the token
// is shown once and kept nowhere, so no other address can show it.
func (s *Site) PostToken(c echo.Context) error {
	days, _ := strconv.Atoi(c.FormValue("days")) // what is no number is not possible, as 0 is not
	_, secret, err := s.Keys.CreateToken(c.Request().Context(), c.FormValue("name"), days)
	if err != nil {
		return s.accountAgain(c, err, "token")
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return s.showAccount(c, http.StatusOK, views.AccountView{Secret: secret})
}

// PostTokenEnd ends a personal token.
func (s *Site) PostTokenEnd(c echo.Context) error {
	if err := s.Keys.DeleteToken(c.Request().Context(), c.FormValue("id")); err != nil {
		return err
	}
	return see(c, "/account?done=token")
}

// PostAccountDelete deletes who asks, once they have said their password again.
func (s *Site) PostAccountDelete(c echo.Context) error {
	ctx, u := c.Request().Context(), actor(c).User
	err := s.Keys.CheckPassword(ctx, u, "confirm", c.FormValue("confirm"))
	if err == nil {
		err = s.Predictions.DeleteUser(ctx)
	}
	if err != nil {
		return s.accountAgain(c, err, "delete")
	}
	if err := s.Session.SignOut(ctx); err != nil {
		return err
	}
	return see(c, "/?goodbye")
}

// DeleteMe deletes who asks.
func (s *Site) DeleteMe(c echo.Context) error {
	if err := s.Predictions.DeleteUser(c.Request().Context()); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// tokenJSON is a personal token as programs get it.
type tokenJSON struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
	ExpiresAt string `json:"expires_at"`
	Token     string `json:"token,omitempty"` // only in the answer that makes it
}

func newTokenJSON(t *cifra.Token, secret string) tokenJSON {
	return tokenJSON{
		ID: t.ID, Name: t.Name, Token: secret,
		CreatedAt: t.CreatedAt.UTC().Format(time.RFC3339), ExpiresAt: t.ExpiresAt.UTC().Format(time.RFC3339),
	}
}

// GetTokens lists the personal tokens of who asks.
func (s *Site) GetTokens(c echo.Context) error {
	tokens, err := s.Keys.PersonalTokens(c.Request().Context(), actor(c).User)
	if err != nil {
		return err
	}
	items := make([]tokenJSON, 0, len(tokens))
	for i := range tokens {
		items = append(items, newTokenJSON(&tokens[i], ""))
	}
	return answerTagged(c, list(items, ""))
}

// PostTokens makes a personal token.
func (s *Site) PostTokens(c echo.Context) error {
	in := struct {
		Name string `json:"name"`
		Days *int   `json:"days"`
	}{}
	err := readBody(c, &in, func(get func(string) string) {
		in.Name = get("name")
		if d, err := strconv.Atoi(get("days")); err == nil {
			in.Days = &d
		}
	})
	if err != nil {
		return err
	}
	days := 90
	if in.Days != nil {
		days = *in.Days
	}
	t, secret, err := s.Keys.CreateToken(c.Request().Context(), in.Name, days)
	if err != nil {
		return err
	}
	return answerJSON(c, http.StatusCreated, newTokenJSON(t, secret))
}

// DeleteToken ends a personal token.
func (s *Site) DeleteToken(c echo.Context) error {
	if err := s.Keys.DeleteToken(c.Request().Context(), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// DeleteTokens ends all personal tokens of who asks.
func (s *Site) DeleteTokens(c echo.Context) error {
	if err := s.Keys.DeleteTokens(c.Request().Context()); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
