package auth

import (
	"context"
	"fmt"

	"cifra"
)

// CheckPassword holds that password is u's, before something that cannot be undone. A wrong one counts as a failed sign-in of
// the name, so that a stolen session does not help to guess it: Impossible, or TooOften, as in [Service.Login].
func (s *Service) CheckPassword(ctx context.Context, u *cifra.User, field, password string) error {
	if password == "" {
		return fieldError(cifra.Invalid, map[string]*cifra.Error{field: missing(field)})
	}
	byName, byAddress := nameKey(u.Username), addressKey(cifra.ActorFrom(ctx).IP)
	if err := s.Throttle.check(ctx, byName, byAddress); err != nil {
		return err
	}
	release, err := s.Hasher.acquire(ctx)
	if err != nil {
		return err
	}
	match := false
	if len(password) <= 4*MaxPassword {
		match, _ = s.Hasher.compare(u.PasswordHash, password)
	}
	release()
	if match {
		return nil
	}
	if err := s.loginFailed(ctx, u, byName, byAddress, "wrong password, while signed in"); cifra.CodeOf(err) == cifra.TooOften {
		return err
	}
	return fieldError(cifra.Impossible, map[string]*cifra.Error{field: cifra.E(cifra.Impossible, "error.password.wrong")})
}

// ChangePassword gives who asks another password. Every session and every sign-in token ends, as they are bound to the old
// one; personal tokens stay. It refuses like [Service.CheckPassword] and [Service.SetPassword], by the fields
// "current" and "password". It returns the user as they are now, for the session that goes on.
func (s *Service) ChangePassword(ctx context.Context, current, password string) (*cifra.User, error) {
	u := cifra.ActorFrom(ctx).User
	if err := s.CheckPassword(ctx, u, "current", current); err != nil {
		return nil, err
	}
	if password == "" {
		return nil, fieldError(cifra.Invalid, map[string]*cifra.Error{"password": missing("password")})
	}
	if err := CheckPassword(password, u.Username); err != nil {
		return nil, fieldError(cifra.Impossible, map[string]*cifra.Error{"password": err})
	}
	hash, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	if err := s.Users.SetPassword(ctx, u.ID, hash, s.audit(ctx, u, cifra.ActionPassword, "by its owner")); err != nil {
		return nil, fmt.Errorf("auth: change password: %w", err)
	}
	s.ended(ctx)
	if _, err := s.Users.DeleteUserSessions(ctx, u.ID); err != nil {
		return nil, fmt.Errorf("auth: change password: %w", err)
	}
	changed := *u
	changed.PasswordHash = hash
	return &changed, nil
}
