package auth

import (
	"context"
	"fmt"
	"time"

	"cifra"
)

// writePatience bounds what must be written even when the client has gone.
const writePatience = 2 * time.Second

// Login returns the user with this name and password.
//
// cifra.Invalid where one is missing; cifra.Unsigned for an unknown name, a wrong password and a disabled account alike,
// after the same work; cifra.TooOften from the 10th failure of the name or the 40th of the address on, and when too many
// sign in at once. Every success and every failure is in the audit; an unknown name is not written there,
// because people type passwords into the wrong field.
//
// The failure is counted, and the limit looked at, while the call holds one of the hasher's slots. So however many
// guesses are sent at once, no more of them are tried past a limit than there are slots.
func (s *Service) Login(ctx context.Context, name, password string) (*cifra.User, error) {
	name = CleanName(name)
	if err := checkPresent(name, password); err != nil {
		return nil, err
	}
	byName, byAddress := nameKey(name), addressKey(cifra.ActorFrom(ctx).IP)
	if err := s.Throttle.check(ctx, byName, byAddress); err != nil {
		return nil, err // before waiting for a slot, so that a flood of these costs little
	}
	u, err := s.Users.UserByName(ctx, name) // also before: a database that is slow must not hold a slot
	if err != nil && cifra.CodeOf(err) != cifra.NotFound {
		return nil, fmt.Errorf("auth: login: %w", err)
	}
	release, err := s.Hasher.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := s.Throttle.check(ctx, byName, byAddress); err != nil {
		return nil, err
	}

	hash := ""
	if u != nil {
		hash = u.PasswordHash
	}
	if len(password) > 4*MaxPassword { // longer than any that was ever set
		hash, password = "", ""
	}
	match, renew := s.Hasher.compare(hash, password)
	switch {
	case u == nil:
		return nil, s.loginFailed(ctx, nil, byName, byAddress, "unknown name")
	case !match:
		return nil, s.loginFailed(ctx, u, byName, byAddress, "wrong password")
	case u.Disabled:
		return nil, s.loginFailed(ctx, u, byName, byAddress, "account is disabled")
	}
	if err := s.Throttle.check(ctx, byName); err != nil { // others guessed meanwhile
		return nil, err
	}
	if renew {
		s.renew(ctx, u, password)
	}
	if err := s.Users.AddAudit(ctx, s.audit(ctx, u, cifra.ActionLogin, "")); err != nil {
		return nil, fmt.Errorf("auth: login: %w", err) // no sign-in that is not in the book
	}
	if err := s.Throttle.clear(ctx, byName); err != nil {
		s.Log.WarnContext(ctx, "sign-in throttle: could not clear a name everywhere", "err", err)
	}
	return u, nil
}

// loginFailed counts the failure, writes it down, and returns what the client is told.
func (s *Service) loginFailed(ctx context.Context, u *cifra.User, byName, byAddress, why string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writePatience)
	defer cancel()
	nameLeft := s.Throttle.fail(ctx, byName, NameFailures)
	addressLeft := s.Throttle.fail(ctx, byAddress, AddressFailures)
	if nameLeft > 0 {
		why += "; name throttled"
	}
	if addressLeft > 0 {
		why += "; address throttled"
	}
	if err := s.Users.AddAudit(ctx, s.audit(ctx, u, cifra.ActionLoginFailed, why)); err != nil {
		s.Log.ErrorContext(ctx, "a failed sign-in is not in the audit", "why", why, "err", err)
	}
	if err := throttled(max(nameLeft, addressLeft)); err != nil {
		return err
	}
	return cifra.E(cifra.Unsigned, "error.login.failed")
}

// renew hashes the password with today's costs. It signs the user out elsewhere, once: the stamp of tokens
// and sessions is made from the hash. The caller holds a slot.
func (s *Service) renew(ctx context.Context, u *cifra.User, password string) {
	hash, err := s.Hasher.hash(password)
	if err == nil {
		err = s.Users.RenewPassword(ctx, u.ID, u.PasswordHash, hash)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "a password hash with old costs stays", "user", u.ID, "err", err)
		return
	}
	u.PasswordHash = hash
}
