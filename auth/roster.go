package auth

import (
	"context"
	"fmt"
	"time"

	"cifra"
)

// Roster is the accounts as admins manage them. Each change and its audit row are kept together.
type Roster interface {
	// Users returns a page of the accounts that f chooses, by name. cursor is the next of the page before, "" for the first
	// one; next is "" on the last one. cifra.Invalid for a cursor that nobody gave out.
	Users(ctx context.Context, f cifra.UserFilter, cursor string, perPage int) (accounts []cifra.Account, next string, err error)
	// SetRole gives an account another role and ends its sessions. cifra.NotFound where there is none, cifra.Conflict where
	// nobody would be left to administer.
	SetRole(ctx context.Context, id int64, role cifra.Role, a cifra.Audit) error
	// SetDisabled shuts an account out, or lets it in again, and ends its sessions. It refuses like SetRole.
	SetDisabled(ctx context.Context, id int64, disabled bool, a cifra.Audit) error
	// AddReset keeps the SHA-256 of a code that sets an account's password once, until a time, in place of the one before.
	AddReset(ctx context.Context, userID int64, hash []byte, until time.Time, a cifra.Audit) error
	// UserOfReset returns whose password a code sets. cifra.NotFound where it is not, or no longer, valid, and for a
	// disabled account.
	UserOfReset(ctx context.Context, hash []byte) (*cifra.User, error)
	// UseReset sets the password, as its hash, and ends the code and its user's sessions. cifra.NotFound as above.
	UseReset(ctx context.Context, hash []byte, passwordHash string, a cifra.Audit) error
}

// Accounts returns a page of the accounts that f chooses, by name, each with how long its name is still throttled.
// It refuses like [Roster].
func (s *Service) Accounts(ctx context.Context, f cifra.UserFilter, cursor string, perPage int) ([]cifra.Account, string, error) {
	accounts, next, err := s.Roster.Users(ctx, f, cursor, perPage)
	if err != nil {
		return nil, "", fmt.Errorf("auth: accounts: %w", err)
	}
	for i := range accounts {
		accounts[i].Blocked = s.Throttle.NameBlocked(ctx, accounts[i].Username)
	}
	return accounts, next, nil
}

// Account returns one account, without its sessions. cifra.NotFound where there is none.
func (s *Service) Account(ctx context.Context, id int64) (*cifra.Account, error) {
	u, err := s.Users.User(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("auth: account: %w", err)
	}
	a := &cifra.Account{User: *u, Blocked: s.Throttle.NameBlocked(ctx, u.Username)}
	a.PasswordHash = ""
	return a, nil
}

// AccountNamed is [Service.Account] by name, however it is written.
func (s *Service) AccountNamed(ctx context.Context, name string) (*cifra.Account, error) {
	u, err := s.Users.UserByName(ctx, CleanName(name))
	if err != nil {
		return nil, fmt.Errorf("auth: account: %w", err)
	}
	return s.Account(ctx, u.ID)
}

// SetRole gives somebody another role, and ends their sessions; where they have it already nothing happens.
// cifra.Conflict for who asks, and where nobody would be left to administer; cifra.NotFound for nobody.
func (s *Service) SetRole(ctx context.Context, id int64, role cifra.Role) error {
	u, err := s.other(ctx, id)
	if err != nil || u.Role == role {
		return err
	}
	line := s.audit(ctx, nil, cifra.ActionRole, "name="+u.Username+" role="+string(role))
	if err := s.Roster.SetRole(ctx, id, role, line); err != nil {
		return fmt.Errorf("auth: set role: %w", err)
	}
	s.ended(ctx)
	return nil
}

// SetDisabled shuts somebody out at once, or lets them in again. It refuses like [Service.SetRole].
func (s *Service) SetDisabled(ctx context.Context, id int64, disabled bool) error {
	u, err := s.other(ctx, id)
	if err != nil || u.Disabled == disabled {
		return err
	}
	action := cifra.ActionEnable
	if disabled {
		action = cifra.ActionDisable
	}
	if err := s.Roster.SetDisabled(ctx, id, disabled, s.audit(ctx, nil, action, "name="+u.Username)); err != nil {
		return fmt.Errorf("auth: set disabled: %w", err)
	}
	s.ended(ctx)
	return nil
}

// LiftLockout lets somebody sign in again after too many failures. cifra.NotFound for nobody, cifra.Unavailable where other
// instances may still refuse.
func (s *Service) LiftLockout(ctx context.Context, id int64) error {
	u, err := s.Users.User(ctx, id)
	if err != nil {
		return fmt.Errorf("auth: lift lockout: %w", err)
	}
	if err := s.Users.AddAudit(ctx, s.audit(ctx, nil, cifra.ActionLift, "name="+u.Username)); err != nil {
		return fmt.Errorf("auth: lift lockout: %w", err) // nothing is lifted that is not in the book
	}
	return s.Throttle.LiftName(ctx, u.Username)
}

// other returns the account with this id, where it is not that of who asks: nobody takes their own rights away by mistake.
func (s *Service) other(ctx context.Context, id int64) (*cifra.User, error) {
	if id == cifra.ActorFrom(ctx).UserID() {
		return nil, cifra.E(cifra.Conflict, "error.user.self")
	}
	u, err := s.Users.User(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("auth: account: %w", err)
	}
	return u, nil
}
