package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Roster is the accounts, for admins to manage. [cifra/auth.Service] is one. Each change is in the audit. NotFound where
// there is no such account; Conflict for what nobody may do to themself, and where nobody would be left to administer.
type Roster interface {
	// Accounts returns a page of the accounts that f chooses, by name. next is "" on the last page. Invalid for a cursor that
	// nobody gave out.
	Accounts(ctx context.Context, f cifra.UserFilter, cursor string, perPage int) (accounts []cifra.Account, next string, err error)
	// Account returns one account, without the number of its sessions.
	Account(ctx context.Context, id int64) (*cifra.Account, error)
	// AccountNamed is Account by name.
	AccountNamed(ctx context.Context, name string) (*cifra.Account, error)
	// SetRole gives an account another role, and ends its sessions.
	SetRole(ctx context.Context, id int64, role cifra.Role) error
	// SetDisabled shuts an account out, or lets it in again.
	SetDisabled(ctx context.Context, id int64, disabled bool) error
	// LiftLockout lets somebody sign in again after too many failures.
	LiftLockout(ctx context.Context, id int64) error
	// MakeReset makes a one-time code with which somebody sets their password.
	MakeReset(ctx context.Context, id int64) (cifra.Reset, error)
}

// GetUsers lists the accounts that the address chooses: a page, or a list for programs.
func (s *Site) GetUsers(c echo.Context) error {
	filter, err := userFilter(c)
	if err != nil {
		return err
	}
	perPage, err := perPage(c)
	if err != nil {
		return err
	}
	accounts, next, err := s.Roster.Accounts(c.Request().Context(), filter, c.QueryParam("after"), perPage)
	if err != nil {
		return err
	}
	if !wantsHTML(c) {
		items := make([]userJSON, 0, len(accounts))
		for i := range accounts {
			items = append(items, newUserJSON(&accounts[i]))
		}
		return answerTagged(c, list(items, next))
	}
	v := views.UsersView{
		Name: filter.Name, Role: filter.Role, State: c.QueryParam("state"), Filtered: filter != cifra.UserFilter{},
		Accounts: accounts, First: c.QueryParam("after") == "",
	}
	q := filterQuery(c, "name", "role", "state")
	v.FirstURL = withQuery("/admin/users", q)
	if next != "" {
		q.Set("after", next)
		v.NextURL = withQuery("/admin/users", q)
	}
	return render(c, http.StatusOK, views.Users(s.page(c), v))
}

// userFilter reads the filter of the address.
func userFilter(c echo.Context) (f cifra.UserFilter, err error) {
	f.Name, f.Role = c.QueryParam("name"), cifra.Role(c.QueryParam("role"))
	if f.Role != "" && f.Role != cifra.RoleUser && f.Role != cifra.RoleAdmin {
		return f, impossible("role")
	}
	switch state := c.QueryParam("state"); state {
	case "":
	case "enabled", "disabled":
		disabled := state == "disabled"
		f.Disabled = &disabled
	default:
		return f, impossible("state")
	}
	return f, nil
}

// GetUser shows one account: a page, or JSON.
func (s *Site) GetUser(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	if !wantsHTML(c) {
		return s.tellUser(c, id, nil)
	}
	return s.showUser(c, http.StatusOK, id, views.UserView{Done: c.QueryParam("done")})
}

// showUser fills in what the page of an account always shows.
func (s *Site) showUser(c echo.Context, status int, id int64, v views.UserView) error {
	ctx := c.Request().Context()
	account, err := s.Roster.Account(ctx, id)
	if err != nil {
		return err
	}
	if v.Sessions, err = s.Browsers.SessionsOf(ctx, id); err != nil {
		return err
	}
	account.Sessions = len(v.Sessions)
	v.Account, v.Self = *account, id == actor(c).UserID()
	p := s.page(c)
	p.Path = "/admin/users/" + formatID(id) // also after a form
	return render(c, status, views.User(p, v))
}

// changeUser makes the change of a form, and shows the account as it is then, or once more with what was wrong.
func (s *Site) changeUser(c echo.Context, done string, change func(ctx context.Context, id int64) error) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	if err := change(c.Request().Context(), id); err != nil {
		return s.again(c, err, func(said string, fields map[string]string) error {
			for _, text := range fields {
				said = text
			}
			return s.showUser(c, statusAgain(err), id, views.UserView{Error: said})
		})
	}
	return see(c, "/admin/users/"+formatID(id)+"?done="+done)
}

// PostUserRole gives an account another role.
func (s *Site) PostUserRole(c echo.Context) error {
	return s.changeUser(c, "role", func(ctx context.Context, id int64) error {
		role := cifra.Role(c.FormValue("role"))
		if role != cifra.RoleUser && role != cifra.RoleAdmin {
			return impossible("role")
		}
		return s.Roster.SetRole(ctx, id, role)
	})
}

// PostUserDisabled shuts an account out, or lets it in again.
func (s *Site) PostUserDisabled(c echo.Context) error {
	return s.changeUser(c, "disabled", func(ctx context.Context, id int64) error {
		switch c.FormValue("disabled") {
		case "true":
			return s.Roster.SetDisabled(ctx, id, true)
		case "false":
			return s.Roster.SetDisabled(ctx, id, false)
		default:
			return impossible("disabled")
		}
	})
}

// PostUserSessionsEnd ends one session of an account, or all of them.
func (s *Site) PostUserSessionsEnd(c echo.Context) error {
	return s.changeUser(c, "sessions", func(ctx context.Context, id int64) error {
		session := c.FormValue("session")
		_, err := s.Browsers.EndSessions(ctx, id, session, session == "") // all but none
		return err
	})
}

// PostUserLockout lets somebody sign in again after too many failures.
func (s *Site) PostUserLockout(c echo.Context) error {
	return s.changeUser(c, "lockout", s.Roster.LiftLockout)
}

// PostUserReset makes a one-time code for a password and shows it. As with a personal token, this is a page that no other
// address can show: the code is kept nowhere.
func (s *Site) PostUserReset(c echo.Context) error {
	var reset cifra.Reset
	id, err := parseID(c.Param("id"))
	if err == nil {
		reset, err = s.Roster.MakeReset(c.Request().Context(), id)
	}
	if err != nil {
		return s.changeUser(c, "", func(context.Context, int64) error { return err })
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return s.showUser(c, http.StatusOK, id, views.UserView{Reset: &reset, ResetURL: resetURL(c, reset)})
}

// resetURL is where the page is on which a code sets a password.
func resetURL(c echo.Context, r cifra.Reset) string {
	return c.Scheme() + "://" + c.Request().Host + "/reset?code=" + r.Code
}

// GetReset shows the form that sets a password by a one-time code.
func (s *Site) GetReset(c echo.Context) error {
	return render(c, http.StatusOK, views.SetPassword(s.page(c), views.SetPasswordView{Code: c.QueryParam("code")}))
}

// PostReset sets a password by a one-time code, and signs its user in.
func (s *Site) PostReset(c echo.Context) error {
	code := c.FormValue("code")
	u, err := s.Keys.UseReset(c.Request().Context(), code, c.FormValue("password"))
	if err != nil {
		return s.again(c, err, func(said string, fields map[string]string) error {
			return render(c, statusAgain(err), views.SetPassword(s.page(c), views.SetPasswordView{Code: code, Error: said, Fields: fields}))
		})
	}
	return s.welcome(c, u, "/account?done=password")
}
