package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Accounts knows who people are. [cifra/auth.Service] is one.
type Accounts interface {
	// Register makes an account. Conflict where the name is taken, Impossible with the rule that is broken.
	Register(ctx context.Context, username, password string) (*cifra.User, error)
	// Login returns the user. Unsigned, with the same words and work, for an unknown name and a wrong password.
	Login(ctx context.Context, username, password string) (*cifra.User, error)
	// IssueToken returns a bearer token for u and when it ends.
	IssueToken(u *cifra.User) (token string, expires time.Time, err error)
	// Logout ends a bearer token.
	Logout(ctx context.Context, token string) error
	// SignedOut tells the audit that u ended a session.
	SignedOut(ctx context.Context, u *cifra.User) error
	// SetupCode returns the one-time code for the first admin, "" where there is an admin.
	SetupCode(ctx context.Context) (string, error)
	// SetUp makes the first admin for who knows the one-time code. Conflict where there is one already.
	SetUp(ctx context.Context, code, username, password string) (*cifra.User, error)
}

// credentials is the body of a sign-in and of a registration.
type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Code     string `json:"-"`
	Next     string `json:"-"`
}

func readCredentials(c echo.Context) (credentials, error) {
	var in credentials
	err := readBody(c, &in, func(get func(string) string) {
		in = credentials{Username: get("username"), Password: get("password"), Code: get("code"), Next: get("next")}
	})
	return in, err
}

// GetLogin shows the form to sign in.
func (s *Site) GetLogin(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if actor(c).User != nil {
		return see(c, next)
	}
	return render(c, http.StatusOK, views.SignIn(s.page(c), views.SignInView{Next: next}))
}

// PostLogin signs in: a browser's form gets a session, a program a bearer token.
func (s *Site) PostLogin(c echo.Context) error {
	ctx := c.Request().Context()
	in, err := readCredentials(c)
	var u *cifra.User
	if err == nil {
		u, err = s.Accounts.Login(ctx, in.Username, in.Password)
	}
	if !wantsHTML(c) {
		if err != nil {
			return err
		}
		token, expires, err := s.Accounts.IssueToken(u)
		if err != nil {
			return err
		}
		return answerJSON(c, http.StatusOK, map[string]any{"access_token": token, "expires_at": expires.UTC().Format(time.RFC3339)})
	}
	next := localPath(in.Next)
	if err != nil {
		return s.again(c, err, func(said string, fields map[string]string) error {
			return render(c, statusAgain(err), views.SignIn(s.page(c), views.SignInView{
				Username: in.Username, Next: next, Error: said, Fields: fields,
			}))
		})
	}
	return s.welcome(c, u, next)
}

// GetRegister shows the form to make an account.
func (s *Site) GetRegister(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if actor(c).User != nil {
		return see(c, next)
	}
	return render(c, http.StatusOK, views.Register(s.page(c), views.RegisterView{Next: next}))
}

// PostRegister makes an account. A browser is signed in with it at once.
func (s *Site) PostRegister(c echo.Context) error {
	ctx := c.Request().Context()
	in, err := readCredentials(c)
	var u *cifra.User
	if err == nil {
		u, err = s.Accounts.Register(ctx, in.Username, in.Password)
	}
	if !wantsHTML(c) {
		if err != nil {
			return err
		}
		return answerJSON(c, http.StatusCreated, map[string]any{
			"id": strconv.FormatInt(u.ID, 10), "username": u.Username, "role": u.Role,
			"created_at": u.CreatedAt.UTC().Format(time.RFC3339), "msg": words(c).T("register.done", "Name", u.Username),
		})
	}
	next := localPath(in.Next)
	if err != nil {
		return s.again(c, err, func(said string, fields map[string]string) error {
			return render(c, statusAgain(err), views.Register(s.page(c), views.RegisterView{
				Username: in.Username, Next: next, Error: said, Fields: fields,
			}))
		})
	}
	return s.welcome(c, u, next)
}

// PostLogout ends the session, and for a program the token that it came with.
func (s *Site) PostLogout(c echo.Context) error {
	ctx := c.Request().Context()
	if token, ok := BearerToken(c.Request()); ok {
		if err := s.Accounts.Logout(ctx, token); err != nil {
			return err
		}
	} else if u := actor(c).User; u != nil {
		if err := s.Session.SignOut(ctx); err != nil {
			return err
		}
		if err := s.Accounts.SignedOut(ctx, u); err != nil {
			return err
		}
	}
	if wantsHTML(c) {
		return see(c, "/")
	}
	return c.NoContent(http.StatusNoContent)
}

// GetSetup shows the form that makes the first admin, as long as there is none.
func (s *Site) GetSetup(c echo.Context) error {
	code, err := s.Accounts.SetupCode(c.Request().Context())
	if err != nil {
		return err
	}
	if code == "" {
		return cifra.E(cifra.NotFound, "error.setup.done")
	}
	return render(c, http.StatusOK, views.Setup(s.page(c), views.SetupView{}))
}

// PostSetup makes the first admin for who knows the one-time code.
func (s *Site) PostSetup(c echo.Context) error {
	in, err := readCredentials(c)
	var u *cifra.User
	if err == nil {
		u, err = s.Accounts.SetUp(c.Request().Context(), in.Code, in.Username, in.Password)
	}
	if err != nil {
		return s.again(c, err, func(said string, fields map[string]string) error {
			return render(c, statusAgain(err), views.Setup(s.page(c), views.SetupView{
				Code: in.Code, Username: in.Username, Error: said, Fields: fields,
			}))
		})
	}
	return s.welcome(c, u, "/")
}

// welcome signs a browser in, moves what it did as a guest to the user, and sends it on.
func (s *Site) welcome(c echo.Context, u *cifra.User, next string) error {
	ctx := c.Request().Context()
	guest := s.Session.Guest(ctx)
	if err := s.Session.SignIn(ctx, u); err != nil {
		return err
	}
	if guest != "" {
		if err := s.Predictions.ClaimGuest(ctx, guest, u.ID); err != nil {
			return err
		}
		s.Session.ForgetGuest(ctx)
	}
	return see(c, next)
}

// again shows a form once more with what was wrong with it; an error that is not the form's goes on as it is.
func (s *Site) again(c echo.Context, err error, form func(said string, fields map[string]string) error) error {
	var known *cifra.Error
	if !errors.As(err, &known) || known.Code == cifra.Internal || known.Code == cifra.Unavailable {
		return err
	}
	fields := map[string]string{}
	for name, e := range known.Fields {
		fields[name] = words(c).Error(e)
	}
	said := ""
	if len(fields) == 0 {
		said = words(c).Error(known)
	}
	if known.RetryAfter > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(known.RetryAfter.Seconds())+1))
	}
	return form(said, fields)
}

// statusAgain is the status of a form that is shown again.
func statusAgain(err error) int {
	if cifra.CodeOf(err) == cifra.TooOften {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

// BearerToken returns the request's bearer token.
func BearerToken(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get(echo.HeaderAuthorization), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return "", false
	}
	return strings.TrimSpace(token), true
}
