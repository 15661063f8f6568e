// Package cifra holds the nouns of the application: what it is about, not how it is done.
//
// It imports only the standard library, so every other package may import it.
// docs/ARCHITECTURE.md has the picture; arch_test.go holds the code to it.
package cifra

import (
	"context"
	"time"
)

// API names one of the two faces of the recogniser that programs call.
// Each has a model of its own: v1 is a small dense network, v2 a convolutional one.
type API string

// The two APIs.
const (
	V1 API = "v1"
	V2 API = "v2"
)

// Valid reports whether a is one of the two APIs.
func (a API) Valid() bool { return a == V1 || a == V2 }

// Other returns v2 for v1, and v1 for v2.
func (a API) Other() API {
	if a == V1 {
		return V2
	}
	return V1
}

// Role says what a user may do.
type Role string

// The roles. A guest has none.
const (
	RoleUser  Role = "user"
	RoleAdmin Role = "admin"
)

// User is a person who has an account.
type User struct {
	ID           int64
	Username     string
	Role         Role
	Disabled     bool
	PasswordHash string // argon2id in PHC form; never leaves store and auth
	CreatedAt    time.Time
	Language     string // as they like the pages: "en", "es", "ru"; "" as their browser asks
	Theme        string // "light", "dark"; "" as their system has it
}

// IsAdmin reports whether u may enter the admin's side. A nil or disabled user may not.
func (u *User) IsAdmin() bool { return u != nil && u.Role == RoleAdmin && !u.Disabled }

// Actor is who does something: a signed-in user, or a guest known by their session.
type Actor struct {
	User     *User  // nil for a guest
	Guest    string // "guest-" and a number, "" for a user or a program without a sign-in
	Personal bool   // signed in by a personal token, which may not manage the account
	IP       string // the client's address, as far as the trusted proxies tell it
}

// UserID returns the user's id, 0 for a guest.
func (a Actor) UserID() int64 {
	if a.User == nil {
		return 0
	}
	return a.User.ID
}

// Name returns what the audit calls the actor: the user's name, the guest's, or "-".
func (a Actor) Name() string {
	switch {
	case a.User != nil:
		return a.User.Username
	case a.Guest != "":
		return a.Guest
	}
	return "-"
}

type contextKey int

const actorKey contextKey = 1

// WithActor returns a context that carries a.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey, a)
}

// ActorFrom returns the actor that ctx carries, the zero Actor when there is none.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey).(Actor)
	return a
}
