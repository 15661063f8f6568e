package handlers

import (
	"context"
	"math"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
)

// userJSON is an account as admins' programs get it.
type userJSON struct {
	ID        string     `json:"id"`
	Username  string     `json:"username"`
	Role      cifra.Role `json:"role"`
	Disabled  bool       `json:"disabled"`
	CreatedAt string     `json:"created_at"`
	Sessions  int        `json:"sessions"`
	Lockout   int        `json:"lockout"`         // seconds; 0: they can sign in
	Reset     *resetJSON `json:"reset,omitempty"` // only in the answer that makes it
}

type resetJSON struct {
	Code      string `json:"code"`
	URL       string `json:"url"`
	ExpiresAt string `json:"expires_at"`
}

func newUserJSON(a *cifra.Account) userJSON {
	return userJSON{
		ID: formatID(a.ID), Username: a.Username, Role: a.Role, Disabled: a.Disabled, CreatedAt: wireTime(a.CreatedAt),
		Sessions: a.Sessions, Lockout: int(math.Ceil(a.Blocked.Seconds())),
	}
}

// tellUser answers with an account as it is now.
func (s *Site) tellUser(c echo.Context, id int64, reset *resetJSON) error {
	ctx := c.Request().Context()
	account, err := s.Roster.Account(ctx, id)
	if err != nil {
		return err
	}
	sessions, err := s.Browsers.SessionsOf(ctx, id)
	if err != nil {
		return err
	}
	account.Sessions = len(sessions)
	out := newUserJSON(account)
	out.Reset = reset
	return answerTagged(c, out)
}

// userChange is the body of a change of an account. What is nil stays.
type userChange struct {
	ID       string      `json:"id"` // or Username, where the path names nobody
	Username string      `json:"username"`
	Role     *cifra.Role `json:"role"`
	Disabled *bool       `json:"disabled"`
	Sessions *int        `json:"sessions"` // 0 ends them all
	Lockout  *int        `json:"lockout"`  // 0 lifts it
	Reset    bool        `json:"reset"`    // makes a one-time code for a password
}

// PatchUser changes an account, and answers with it as it is then.
func (s *Site) PatchUser(c echo.Context) error {
	in, err := readUserChange(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	id, err := s.changed(ctx, c.Param("id"), in)
	if err != nil {
		return err
	}
	var changes []func(context.Context) error
	if in.Role != nil {
		changes = append(changes, func(ctx context.Context) error { return s.Roster.SetRole(ctx, id, *in.Role) })
	}
	if in.Disabled != nil {
		changes = append(changes, func(ctx context.Context) error { return s.Roster.SetDisabled(ctx, id, *in.Disabled) })
	}
	if in.Sessions != nil {
		changes = append(changes, func(ctx context.Context) error {
			_, err := s.Browsers.EndSessions(ctx, id, "", true)
			return err
		})
	}
	if in.Lockout != nil {
		changes = append(changes, func(ctx context.Context) error { return s.Roster.LiftLockout(ctx, id) })
	}
	var reset *resetJSON
	if in.Reset {
		changes = append(changes, func(ctx context.Context) error {
			r, err := s.Roster.MakeReset(ctx, id)
			if err == nil {
				reset = &resetJSON{Code: r.Code, URL: resetURL(c, r), ExpiresAt: wireTime(r.ExpiresAt)}
			}
			return err
		})
	}
	for _, change := range changes {
		if err := change(ctx); err != nil {
			return err
		}
	}
	return s.tellUser(c, id, reset)
}

// readUserChange reads what is to be changed, and refuses what can't be.
func readUserChange(c echo.Context) (in userChange, err error) {
	var broken string
	number := func(text string) *int {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1 // is no number that can be
		}
		return &n
	}
	err = readBody(c, &in, func(get func(string) string) {
		in.ID, in.Username, in.Reset = get("id"), get("username"), get("reset") == "true"
		if v := cifra.Role(get("role")); v != "" {
			in.Role = &v
		}
		if v := get("disabled"); v != "" {
			b, err := strconv.ParseBool(v)
			if in.Disabled = &b; err != nil {
				broken = "disabled"
			}
		}
		if v := get("sessions"); v != "" {
			in.Sessions = number(v)
		}
		if v := get("lockout"); v != "" {
			in.Lockout = number(v)
		}
	})
	switch {
	case err != nil:
		return in, err
	case broken != "":
		return in, impossible(broken)
	case in.Role != nil && *in.Role != cifra.RoleUser && *in.Role != cifra.RoleAdmin:
		return in, impossible("role")
	case in.Sessions != nil && *in.Sessions != 0:
		return in, impossible("sessions")
	case in.Lockout != nil && *in.Lockout != 0:
		return in, impossible("lockout")
	}
	return in, nil
}

// changed returns whose account is to be changed: the path's, else the body's.
func (s *Site) changed(ctx context.Context, path string, in userChange) (int64, error) {
	switch {
	case path != "":
		return parseID(path)
	case in.ID != "":
		return parseID(in.ID)
	case in.Username != "":
		a, err := s.Roster.AccountNamed(ctx, in.Username)
		if err != nil {
			return 0, err
		}
		return a.ID, nil
	}
	e := cifra.E(cifra.Invalid, "error.field.missing", "Field", "id")
	return 0, &cifra.Error{Code: e.Code, Key: e.Key, Values: e.Values, Fields: map[string]*cifra.Error{"id": e}}
}
