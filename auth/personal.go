package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"cifra"
)

// PersonalTokens keeps the personal tokens of people's programs, by the SHA-256 of the token.
type PersonalTokens interface {
	// AddToken keeps a token with its audit row, and sets its CreatedAt where that is zero.
	AddToken(ctx context.Context, t *cifra.Token, hash []byte, a cifra.Audit) error
	// TokensOf returns a user's tokens, newest first, those that have expired too.
	TokensOf(ctx context.Context, userID int64) ([]cifra.Token, error)
	// TokenByHash returns the token, expired or not. NotFound where it was deleted or never was.
	TokenByHash(ctx context.Context, hash []byte) (*cifra.Token, error)
	// DeleteTokens ends a user's token, all of them where id is empty, with an audit row, and returns how many
	// that were. Where it is none nothing is written.
	DeleteTokens(ctx context.Context, userID int64, id string, a cifra.Audit) (int64, error)
}

// The bounds of personal tokens.
const (
	MaxTokens     = 50 // of one user
	MaxTokenName  = 64 // characters
	MaxTokenDays  = 366
	personalChars = 26 // of base 32 after the prefix: 130 bits
)

// PersonalTokens returns u's personal tokens, newest first.
func (s *Service) PersonalTokens(ctx context.Context, u *cifra.User) ([]cifra.Token, error) {
	return s.Personal.TokensOf(ctx, u.ID)
}

// CreateToken makes a personal token for who asks, and returns it with its secret, which is kept nowhere.
// Invalid where the name is missing, Impossible where it is too long or the days are not between 1 and 366, Conflict
// where there are 50 already.
func (s *Service) CreateToken(ctx context.Context, name string, days int) (*cifra.Token, string, error) {
	u := cifra.ActorFrom(ctx).User
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "\uFFFD")), " ")
	fields := map[string]*cifra.Error{}
	code := cifra.Impossible
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		fields["name"], code = missing("name"), cifra.Invalid
	case n > MaxTokenName:
		fields["name"] = cifra.E(cifra.Impossible, "error.token.name", "Max", MaxTokenName)
	}
	if days < 1 || days > MaxTokenDays {
		fields["days"] = cifra.E(cifra.Impossible, "error.token.days", "Max", MaxTokenDays)
	}
	if len(fields) > 0 {
		return nil, "", fieldError(code, fields)
	}
	all, err := s.Personal.TokensOf(ctx, u.ID)
	if err != nil {
		return nil, "", fmt.Errorf("auth: create token: %w", err)
	}
	if len(all) >= MaxTokens {
		return nil, "", cifra.E(cifra.Conflict, "error.token.many", "Max", MaxTokens)
	}
	secret := cifra.TokenPrefix + rand.Text()
	now := s.Now().UTC()
	t := &cifra.Token{ID: rand.Text(), UserID: u.ID, Name: name, CreatedAt: now, ExpiresAt: now.AddDate(0, 0, days)}
	sum := sha256.Sum256([]byte(secret))
	line := s.audit(ctx, u, cifra.ActionToken, fmt.Sprintf("made id=%s days=%d", t.ID, days))
	if err := s.Personal.AddToken(ctx, t, sum[:], line); err != nil {
		return nil, "", fmt.Errorf("auth: create token: %w", err)
	}
	return t, secret, nil
}

// DeleteToken ends one of the personal tokens of who asks. NotFound where it is none of theirs.
func (s *Service) DeleteToken(ctx context.Context, id string) error {
	if id == "" {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	n, err := s.deleteTokens(ctx, id)
	if err == nil && n == 0 {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	return err
}

// DeleteTokens ends all personal tokens of who asks.
func (s *Service) DeleteTokens(ctx context.Context) error {
	_, err := s.deleteTokens(ctx, "")
	return err
}

func (s *Service) deleteTokens(ctx context.Context, id string) (int64, error) {
	u := cifra.ActorFrom(ctx).User
	what := "ended all"
	if id != "" {
		what = "ended id=" + id
	}
	n, err := s.Personal.DeleteTokens(ctx, u.ID, id, s.audit(ctx, u, cifra.ActionToken, what))
	if err != nil {
		return 0, fmt.Errorf("auth: delete token: %w", err)
	}
	if n > 0 {
		s.ended(ctx)
	}
	return n, nil
}

// verifyPersonal is [Service.Verify] for a personal token.
func (s *Service) verifyPersonal(ctx context.Context, secret string) (*cifra.User, error) {
	invalid := cifra.E(cifra.Unsigned, "error.token.invalid")
	if len(secret) != len(cifra.TokenPrefix)+personalChars {
		return nil, invalid
	}
	sum := sha256.Sum256([]byte(secret))
	k := knownKey{token: "personal " + hex.EncodeToString(sum[:])}
	u, err := s.remembered(ctx, k, func(ctx context.Context) (*cifra.User, error) {
		t, err := s.Personal.TokenByHash(ctx, sum[:])
		if err != nil {
			return nil, fmt.Errorf("auth: verify: %w", err)
		}
		if !t.ExpiresAt.After(s.Now()) {
			return nil, cifra.E(cifra.Unsigned, "error.token.expired")
		}
		u, err := s.Users.User(ctx, t.UserID)
		if err != nil {
			return nil, fmt.Errorf("auth: verify: %w", err)
		}
		return u, nil
	})
	switch {
	case cifra.CodeOf(err) == cifra.NotFound:
		s.known.forget(k)
		return nil, invalid
	case err != nil:
		return nil, err
	case u.user.Disabled:
		return nil, invalid
	}
	return &u.user, nil
}

// isPersonal reports whether a bearer token is a personal one, by how it begins. A JWT begins otherwise.
func isPersonal(token string) bool { return strings.HasPrefix(token, cifra.TokenPrefix) }

// logoutPersonal ends the personal token with which somebody asks.
func (s *Service) logoutPersonal(ctx context.Context, secret string) error {
	if _, err := s.verifyPersonal(ctx, secret); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(secret))
	t, err := s.Personal.TokenByHash(ctx, sum[:])
	if err != nil {
		return fmt.Errorf("auth: logout: %w", err)
	}
	s.known.revoke(knownKey{token: "personal " + hex.EncodeToString(sum[:])})
	return s.DeleteToken(ctx, t.ID)
}
