package cifra

import "time"

// UserFilter chooses accounts. The zero value chooses all.
type UserFilter struct {
	Name     string // only names that have this in them, in whatever case
	Role     Role   // "" for both
	Disabled *bool  // nil for both
}

// Account is a user as admins see them.
type Account struct {
	User                   // without the password's hash
	Sessions int           // browsers in which they are signed in
	Blocked  time.Duration // for how much longer nobody can sign in under this name; 0: they can
}

// Reset lets whoever has its code set somebody's password, once.
type Reset struct {
	Code      string // told once, when it is made, and kept nowhere
	ExpiresAt time.Time
}
