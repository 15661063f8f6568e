package auth

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"cifra"
)

// Users keeps accounts. Names are compared as [FoldName] folds them.
// Every method may return cifra.Unavailable, and then has changed nothing.
type Users interface {
	// User returns the account with this id; cifra.NotFound when there is none.
	User(ctx context.Context, id int64) (*cifra.User, error)
	// UserByName returns the account with this name; cifra.NotFound when there is none.
	UserByName(ctx context.Context, name string) (*cifra.User, error)
	// AddUser keeps a new account and its audit row together, and sets its id. An audit row without a user is
	// the new user's own. cifra.Conflict when the name is taken.
	AddUser(ctx context.Context, u *cifra.User, a cifra.Audit) error
	// SetPassword keeps a new hash and its audit row together; cifra.NotFound when there is no such account.
	SetPassword(ctx context.Context, id int64, hash string, a cifra.Audit) error
	// RenewPassword replaces the hash old by another one of the same password.
	// cifra.Conflict when the hash is not old any more; then nothing changes.
	RenewPassword(ctx context.Context, id int64, old, hash string) error
	// DeleteUserSessions ends all sessions of an account, and returns how many that were.
	DeleteUserSessions(ctx context.Context, id int64) (int64, error)
	// AddAudit adds a line to the book.
	AddAudit(ctx context.Context, a cifra.Audit) error
}

// Tokens keeps which tokens may not be used any more.
type Tokens interface {
	// RevokeToken keeps the token's id as revoked until the given time. To revoke one again is no error.
	RevokeToken(ctx context.Context, id string, until time.Time) error
	// TokenHolder returns the account with the id user, cifra.NotFound where there is none, and whether the
	// token's id is kept as revoked. An unknown id is not, nor is the empty one of a session. One whose time has passed
	// may be forgotten: either answer is right. What was written before the call counts.
	TokenHolder(ctx context.Context, user int64, id string) (u *cifra.User, revoked bool, err error)
}

// Deps is what a [Service] is made of; all of it is required but Remember and Tell.
type Deps struct {
	Users    Users
	Tokens   Tokens
	Personal PersonalTokens
	Setup    Setup
	Roster   Roster
	Hasher   *Hasher
	Throttle *Throttle
	Keys     Keys
	Now      func() time.Time
	Log      *slog.Logger

	// Remember reports whether who somebody is may be taken from memory for a second: there is no other instance, or they
	// tell each other now. nil: never.
	Remember func() bool
	// Tell has the other instances call [Service.Doubt], and returns when they have, or when it would take too long. nil
	// where there is none.
	Tell func(context.Context)
}

// Service signs people in and says who they are. It is safe for concurrent use.
//
// Who asks, and from which address, is in the context ([cifra.WithActor]). The throttle counts by that address:
// requests without one are all counted together.
type Service struct {
	Deps
	signer *signer
	known  *known
}

// New returns a service.
func New(d Deps) *Service {
	return &Service{Deps: d, signer: newSigner(d.Keys.Token, d.Now), known: newKnown(d.Now)}
}

// Register makes an account for a user. cifra.Invalid where the name or the password is missing, cifra.Impossible
// with the rule that is broken, cifra.Conflict where the name is taken; each names the fields.
func (s *Service) Register(ctx context.Context, name, password string) (*cifra.User, error) {
	return s.add(ctx, name, password, cifra.RoleUser, cifra.ActionRegister, s.Users.AddUser)
}

// AddAdmin makes an account for an admin, for the command line. It refuses like [Service.Register].
func (s *Service) AddAdmin(ctx context.Context, name, password string) (*cifra.User, error) {
	return s.add(ctx, name, password, cifra.RoleAdmin, cifra.ActionAdminCreate, s.Users.AddUser)
}

type addFunc func(context.Context, *cifra.User, cifra.Audit) error

func (s *Service) add(ctx context.Context, name, password string, role cifra.Role, action cifra.Action, add addFunc) (*cifra.User, error) {
	name = CleanName(name)
	if err := checkCredentials(name, password); err != nil {
		return nil, err
	}
	switch _, err := s.Users.UserByName(ctx, name); cifra.CodeOf(err) {
	case cifra.NotFound:
	case "":
		return nil, taken()
	default:
		return nil, fmt.Errorf("auth: add %s: %w", role, err)
	}
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	u := &cifra.User{Username: name, Role: role, PasswordHash: hash, CreatedAt: s.Now().UTC()}
	line := s.audit(ctx, nil, action, "name="+name)
	if cifra.ActorFrom(ctx).User == nil { // it is the new user's own deed
		line.Username = ""
	}
	err = add(ctx, u, line)
	if cifra.CodeOf(err) == cifra.Conflict {
		return nil, taken()
	}
	if err != nil {
		return nil, fmt.Errorf("auth: add %s: %w", role, err)
	}
	return u, nil
}

// SetPassword gives the account with this name a new password, and throws out everybody
// who signed in with the old one. It refuses like [Service.Register]; cifra.NotFound for an unknown name.
func (s *Service) SetPassword(ctx context.Context, name, password string) error {
	name = CleanName(name)
	if err := checkPresent(name, password); err != nil {
		return err
	}
	if err := CheckPassword(password, name); err != nil {
		return fieldError(cifra.Impossible, map[string]*cifra.Error{"password": err})
	}
	u, err := s.Users.UserByName(ctx, name)
	if err != nil {
		return fmt.Errorf("auth: set password: %w", err)
	}
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	if err := s.Users.SetPassword(ctx, u.ID, hash, s.audit(ctx, u, cifra.ActionPassword, "name="+u.Username)); err != nil {
		return fmt.Errorf("auth: set password: %w", err)
	}
	s.ended(ctx)
	return nil
}

func taken() error {
	return fieldError(cifra.Conflict, map[string]*cifra.Error{"username": cifra.E(cifra.Conflict, "error.username.taken")})
}

// audit returns a line about u, or about whoever asks when u is nil.
func (s *Service) audit(ctx context.Context, u *cifra.User, action cifra.Action, details string) cifra.Audit {
	actor := cifra.ActorFrom(ctx)
	a := cifra.Audit{
		UserID: actor.UserID(), Username: actor.Name(), Action: action, Details: details, IP: actor.IP, At: s.Now().UTC(),
	}
	if u != nil {
		a.UserID, a.Username = u.ID, u.Username
	}
	return a
}
