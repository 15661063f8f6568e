package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cifra"
)

const (
	// TokenLife is how long a token opens the door.
	TokenLife = 12 * time.Hour

	// Issuer is what a token must name as its maker. Another program's tokens, signed by a shared
	// JWT_SECRET_KEY, name another or none.
	Issuer = "cifra"

	// Audience is what a token must be for.
	Audience = "cifra-api"

	// expiryLeeway is for clocks of two instances that differ a little.
	expiryLeeway = time.Minute

	// jumpLeeway is for a clock that jumps back, an hour in the worst of the expected cases: a token that was issued
	// before the jump seems to come from the future. Nobody but us can sign one, so this forgives nothing to others.
	// A jump forward ends tokens early that had less than the jump to live; all others stay right.
	jumpLeeway = 2 * time.Hour

	maxToken = 2048 // bytes; ours have some 400
	idBytes  = 16
)

// Claims are what a token says.
type Claims struct {
	jwt.RegisteredClaims
	// Stamp is the password's, see stamp: a token dies with the password under which it was issued.
	Stamp string `json:"stamp"`
}

// userID returns whom the token is about; 0 when it doesn't say it properly.
func (c *Claims) userID() int64 {
	id, err := strconv.ParseInt(c.Subject, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != c.Subject {
		return 0
	}
	return id
}

// signer issues and reads tokens: JWT (RFC 7519) with HMAC-SHA256 and nothing else (RFC 8725, 3.1).
type signer struct {
	key     []byte
	now     func() time.Time
	rand    io.Reader
	parser  *jwt.Parser    // looks at the signature
	claims  *jwt.Validator // and at what is signed
	genuine genuine
}

func newSigner(key []byte, now func() time.Time) *signer {
	return &signer{
		key: key, now: now, rand: rand.Reader,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithStrictDecoding(),
			jwt.WithoutClaimsValidation(),
		),
		claims: jwt.NewValidator(
			jwt.WithIssuer(Issuer),
			jwt.WithAudience(Audience),
			jwt.WithExpirationRequired(),
			jwt.WithLeeway(expiryLeeway),
			jwt.WithTimeFunc(now),
		),
	}
}

// issue returns a new token for the user with this id.
func (s *signer) issue(userID int64, stamp string) (string, *Claims, error) {
	id := make([]byte, idBytes)
	if _, err := io.ReadFull(s.rand, id); err != nil {
		return "", nil, fmt.Errorf("auth: token id: %w", err)
	}
	now := s.now().UTC()
	claims := &Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    Issuer,
			Subject:   strconv.FormatInt(userID, 10),
			Audience:  jwt.ClaimStrings{Audience},
			ExpiresAt: jwt.NewNumericDate(now.Add(TokenLife)),
			IssuedAt:  jwt.NewNumericDate(now),
			ID:        base64.RawURLEncoding.EncodeToString(id),
		},
		Stamp: stamp,
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(s.key)
	if err != nil {
		return "", nil, fmt.Errorf("auth: token: %w", err)
	}
	return token, claims, nil
}

var errClaims = errors.New("auth: a claim is missing or wrong")

// parse returns what token says if it is one of ours and has not expired, else cifra.Unsigned.
// It doesn't know whether the token was revoked.
func (s *signer) parse(token string) (*Claims, error) {
	if len(token) > maxToken {
		return nil, cifra.E(cifra.Unsigned, "error.token.invalid")
	}
	sum := sha256.Sum256([]byte(token))
	c := s.genuine.get(sum)
	if c == nil {
		var err error
		if c, err = s.decode(token); err != nil {
			return nil, cifra.E(cifra.Unsigned, "error.token.invalid").Wrap(err)
		}
		s.genuine.keep(sum, c)
	}
	switch err := s.claims.Validate(c); {
	case errors.Is(err, jwt.ErrTokenExpired):
		return nil, cifra.E(cifra.Unsigned, "error.token.expired").Wrap(err)
	case err != nil:
		return nil, cifra.E(cifra.Unsigned, "error.token.invalid").Wrap(err)
	case c.ID == "" || c.userID() == 0 || c.IssuedAt == nil || c.IssuedAt.After(s.now().Add(jumpLeeway)):
		return nil, cifra.E(cifra.Unsigned, "error.token.invalid").Wrap(errClaims)
	}
	return c, nil
}

// decode returns what token says if we signed it.
func (s *signer) decode(token string) (*Claims, error) {
	var c Claims
	t, err := s.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.key, nil })
	if err != nil {
		return nil, fmt.Errorf("auth: token: %w", err)
	}
	if _, critical := t.Header["crit"]; critical { // extensions that must be understood (RFC 7515, 4.1.11): we know none
		return nil, errClaims
	}
	return &c, nil
}

// keepRevoked returns until when the store must remember that the token is revoked:
// as long as any instance may take it for unexpired.
func (c *Claims) keepRevoked() time.Time { return c.ExpiresAt.Add(expiryLeeway + jumpLeeway) }
