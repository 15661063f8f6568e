package views

import (
	"time"

	"cifra"
)

// UsersView is a page of the accounts.
type UsersView struct {
	Name     string     // the filter, as it was asked for
	Role     cifra.Role // "" for both
	State    string     // "enabled", "disabled"; "" for both
	Filtered bool
	Accounts []cifra.Account
	First    bool   // this is the list's first page
	FirstURL string // the same filter's first page
	NextURL  string // "" on the last page
}

// UserView is one account as an admin sees it.
type UserView struct {
	Account  cifra.Account
	Self     bool // the admin's own: they can't take their own rights away
	Sessions []cifra.SessionInfo
	Done     string       // what was done just now: "role", "disabled", "sessions", "lockout"; "" for nothing
	Error    string       // what was wrong, said already
	Reset    *cifra.Reset // the code that was made just now; shown this once
	ResetURL string
}

// isDone reports whether there is something to say about what was done.
func (v UserView) isDone() bool {
	return v.Done == "role" || v.Done == "disabled" || v.Done == "sessions" || v.Done == "lockout"
}

// otherRole is the role that the account may be given.
func (v UserView) otherRole() string {
	if v.Account.Role == cifra.RoleAdmin {
		return string(cifra.RoleUser)
	}
	return string(cifra.RoleAdmin)
}

// SetPasswordView is the form that sets a password by a one-time code.
type SetPasswordView struct {
	Code   string
	Error  string            // about the form as a whole, said already
	Fields map[string]string // by field, said already
}

// lockoutSpan is how long a lockout still lasts, in words: whole minutes, as nobody waits by the second.
func lockoutSpan(p Page, left time.Duration) string {
	return p.Words.Span((left + time.Minute - 1).Truncate(time.Minute))
}
