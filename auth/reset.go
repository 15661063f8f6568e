package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"cifra"
)

// The bounds of one-time codes for a password.
const (
	ResetTime     = 24 * time.Hour
	ResetFailures = 10 // wrong codes from an address
)

// MakeReset makes a code with which somebody may set their password once within [ResetTime], for an admin to hand on. It takes the
// place of the one before. The password that they have stays until then; whoever should not get in any more is to be
// disabled. cifra.NotFound for nobody, cifra.Conflict for who asks, who changes their own on their account's page.
func (s *Service) MakeReset(ctx context.Context, id int64) (cifra.Reset, error) {
	u, err := s.other(ctx, id)
	if err != nil {
		return cifra.Reset{}, err
	}
	r := cifra.Reset{Code: rand.Text(), ExpiresAt: s.Now().UTC().Add(ResetTime)}
	line := s.audit(ctx, nil, cifra.ActionResetMake, "name="+u.Username)
	if err := s.Roster.AddReset(ctx, id, resetHash(r.Code), r.ExpiresAt, line); err != nil {
		return cifra.Reset{}, fmt.Errorf("auth: make reset: %w", err)
	}
	return r, nil
}

// UseReset sets the password of whoever a code was made for, ends their sessions and the lockout of their name, and returns them
// as they are now. By the fields "code" and "password": cifra.Invalid where one is missing, cifra.Impossible where the code is not,
// or no longer, valid, or the password breaks a rule; cifra.TooOften from the 10th wrong code of an address on.
func (s *Service) UseReset(ctx context.Context, code, password string) (*cifra.User, error) {
	byAddress := "reset:" + digest(network(cifra.ActorFrom(ctx).IP))
	if err := s.Throttle.check(ctx, byAddress); err != nil {
		return nil, err
	}
	code = plainCode(code)
	fields := map[string]*cifra.Error{}
	if code == "" {
		fields["code"] = missing("code")
	}
	if password == "" {
		fields["password"] = missing("password")
	}
	if err := fieldError(cifra.Invalid, fields); err != nil {
		return nil, err
	}
	hash := resetHash(code)
	u, err := s.Roster.UserOfReset(ctx, hash)
	if cifra.CodeOf(err) == cifra.NotFound {
		return nil, s.wrongReset(ctx, byAddress)
	}
	if err != nil {
		return nil, fmt.Errorf("auth: use reset: %w", err)
	}
	if err := CheckPassword(password, u.Username); err != nil {
		return nil, fieldError(cifra.Impossible, map[string]*cifra.Error{"password": err})
	}
	kept, err := s.Hasher.Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	err = s.Roster.UseReset(ctx, hash, kept, s.audit(ctx, u, cifra.ActionPassword, "by a one-time code"))
	if cifra.CodeOf(err) == cifra.NotFound { // somebody was faster
		return nil, s.wrongReset(ctx, byAddress)
	}
	if err != nil {
		return nil, fmt.Errorf("auth: use reset: %w", err)
	}
	s.ended(ctx)
	if err := s.Throttle.LiftName(ctx, u.Username); err != nil {
		s.Log.WarnContext(ctx, "sign-in throttle: could not clear a name everywhere", "err", err)
	}
	u.PasswordHash = kept
	return u, nil
}

// wrongReset counts a wrong code, writes it down, and returns what the client is told.
func (s *Service) wrongReset(ctx context.Context, byAddress string) error {
	left := s.Throttle.fail(ctx, byAddress, ResetFailures)
	if err := s.Users.AddAudit(ctx, s.audit(ctx, nil, cifra.ActionRefused, "wrong one-time code for a password")); err != nil {
		s.Log.ErrorContext(ctx, "a wrong one-time code is not in the audit", "err", err)
	}
	if err := throttled(left); err != nil {
		return err
	}
	return fieldError(cifra.Impossible, map[string]*cifra.Error{"code": cifra.E(cifra.Impossible, "error.reset.code")})
}

func resetHash(code string) []byte {
	sum := sha256.Sum256([]byte(strings.ToUpper(code)))
	return sum[:]
}
