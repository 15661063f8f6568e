package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"cifra"
)

// readPatience is how long the database may take to say who a caller is.
const readPatience = time.Second

// IssueToken returns a new token for u, and when it expires.
func (s *Service) IssueToken(u *cifra.User) (token string, expires time.Time, err error) {
	token, claims, err := s.signer.issue(u.ID, s.Stamp(u))
	if err != nil {
		return "", time.Time{}, err
	}
	return token, claims.ExpiresAt.UTC(), nil
}

// Stamp returns what binds a token or a session to u's password: it changes when the password does.
// A session keeps it beside the user's id, for [Service.SessionUser].
func (s *Service) Stamp(u *cifra.User) string {
	m := hmac.New(sha256.New, s.Keys.Stamp)
	m.Write([]byte(u.PasswordHash))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:12])
}

// Verify returns the user whom token was issued to, as the database has them: role, name and whether they are disabled,
// and whether the token was revoked. Where [Deps].Remember allows it, what was read less than a second ago is taken
// instead, unless something was taken away from somebody since, here or, by [Deps].Tell, on another instance: a sign-out
// or a demotion is effective on every instance from the moment on when it is acknowledged. Where an instance can't be
// told, and where the command line did it, it is within a second. To ask the database costs 0.3 ms on SQLite and 0.8 ms on
// PostgreSQL, on two busy cores.
//
// While the database does not answer, a token or a session that this instance found valid in the last 15 minutes
// stays valid, with the role it had then; every other one is refused with cifra.Unavailable.
// cifra.Unsigned for whatever is no valid token of an existing, enabled user.
func (s *Service) Verify(ctx context.Context, token string) (*cifra.User, error) {
	if isPersonal(token) {
		return s.verifyPersonal(ctx, token)
	}
	u, _, err := s.verify(ctx, token)
	return u, err
}

func (s *Service) verify(ctx context.Context, token string) (*cifra.User, *Claims, error) {
	claims, err := s.signer.parse(token)
	if err != nil {
		return nil, nil, err
	}
	u, err := s.current(ctx, knownKey{claims.userID(), claims.ID}, claims.Stamp)
	if err != nil {
		return nil, nil, err
	}
	return u, claims, nil
}

// VerifyHeader is [Service.Verify] for the value of an Authorization header. Another scheme than Bearer
// is cifra.Unsigned; the scheme's name is compared without regard to case (RFC 9110, 11.1).
func (s *Service) VerifyHeader(ctx context.Context, header string) (*cifra.User, error) {
	token, err := BearerToken(header)
	if err != nil {
		return nil, err
	}
	return s.Verify(ctx, token)
}

// BearerToken returns the token of an Authorization header's value; cifra.Unsigned where it holds none.
func BearerToken(header string) (string, error) {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", cifra.E(cifra.Unsigned, "error.token.invalid")
	}
	return strings.TrimSpace(token), nil
}

// SessionUser returns the user that a session belongs to, from the id and the stamp that it keeps. It reads and refuses
// like [Service.Verify]; on cifra.Unsigned the session is to be destroyed, on cifra.Unavailable it is not.
func (s *Service) SessionUser(ctx context.Context, id int64, stamp string) (*cifra.User, error) {
	return s.current(ctx, knownKey{user: id}, stamp)
}

// Logout revokes token: every instance refuses it from then on. A token that isn't valid is cifra.Unsigned.
func (s *Service) Logout(ctx context.Context, token string) error {
	if isPersonal(token) {
		return s.logoutPersonal(ctx, token)
	}
	u, claims, err := s.verify(ctx, token)
	if err != nil {
		return err
	}
	if err := s.Tokens.RevokeToken(ctx, claims.ID, claims.keepRevoked()); err != nil {
		return fmt.Errorf("auth: logout: %w", err)
	}
	s.known.revoke(knownKey{u.ID, claims.ID})
	s.ended(ctx)
	return s.signedOut(ctx, u, "token")
}

// SignedOut writes into the audit that u ended a session. To end it is scs's part.
func (s *Service) SignedOut(ctx context.Context, u *cifra.User) error {
	s.ended(ctx)
	return s.signedOut(ctx, u, "session")
}

func (s *Service) signedOut(ctx context.Context, u *cifra.User, of string) error {
	if err := s.Users.AddAudit(ctx, s.audit(ctx, u, cifra.ActionLogout, of)); err != nil {
		return fmt.Errorf("auth: logout: %w", err)
	}
	return nil
}

// Doubt has the database asked about everybody who comes next: on this instance or another, something was taken away from
// somebody.
func (s *Service) Doubt() { s.known.doubt() }

// ended is called when something was taken away from somebody, before that is acknowledged.
func (s *Service) ended(ctx context.Context) {
	s.Doubt()
	if s.Tell != nil {
		s.Tell(context.WithoutCancel(ctx)) // who asked may have gone
	}
}

// current returns the user that k names, from the database or from memory.
func (s *Service) current(ctx context.Context, k knownKey, stamp string) (*cifra.User, error) {
	gone := cifra.E(cifra.Unsigned, "error.token.invalid")
	u, err := s.remembered(ctx, k, func(ctx context.Context) (*cifra.User, error) { return s.ask(ctx, k) })
	switch {
	case cifra.CodeOf(err) == cifra.NotFound:
		s.known.forget(k)
		return nil, gone
	case err != nil:
		return nil, err
	case u.user.Disabled, subtle.ConstantTimeCompare([]byte(stamp), []byte(u.stamp)) != 1:
		return nil, gone
	}
	return &u.user, nil
}

// remembered returns who somebody is, from memory where that is fresh or the database is out of reach, else from there.
func (s *Service) remembered(ctx context.Context, k knownKey, ask func(context.Context) (*cifra.User, error)) (*knownUser, error) {
	if u := s.known.duringOutage(k); u != nil {
		return u, nil
	}
	if s.Remember != nil && s.Remember() {
		if u := s.known.fresh(k); u != nil {
			return u, nil
		}
	}
	began := s.known.asking()
	asking, cancel := context.WithTimeout(ctx, readPatience)
	defer cancel()
	u, err := ask(asking)
	if err == nil {
		found := knownUser{user: *u, stamp: s.Stamp(u), asked: began}
		s.known.set(k, found)
		return &found, nil
	}
	if cifra.CodeOf(err) != cifra.Unavailable && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	if ctx.Err() == nil { // it is the database, not the caller, that ended it
		s.known.outage()
		if u := s.known.get(k); u != nil {
			return u, nil
		}
	}
	return nil, cifra.E(cifra.Unavailable, "error.unavailable.database").Retry(2 * time.Second).Wrap(err)
}

func (s *Service) ask(ctx context.Context, k knownKey) (*cifra.User, error) {
	u, revoked, err := s.Tokens.TokenHolder(ctx, k.user, k.token)
	switch {
	case err != nil:
		return nil, fmt.Errorf("auth: verify: %w", err)
	case revoked:
		s.known.revoke(k)
		return nil, cifra.E(cifra.Unsigned, "error.token.revoked")
	}
	return u, nil
}
