package auth

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// MinSecret is how many bytes a secret needs in production.
const MinSecret = 32

// Keys are what the service signs with. Each purpose has a key of its own, so that what was made
// for one cannot be used for another.
type Keys struct {
	Token []byte // signs tokens
	Stamp []byte // binds tokens and sessions to a password
	Setup []byte // makes the one-time code
}

// NewKeys derives the keys from CIFRA_SECRET by HKDF-SHA256 (RFC 5869). Where jwtSecret, JWT_SECRET_KEY, is given,
// tokens are signed by it as it is, so that programs which share it can check them; without a secret the other keys
// are derived from it too. One of the two must be given. How strong they are is [CheckSecret]'s business.
func NewKeys(secret, jwtSecret string) (Keys, error) {
	root := secret
	if root == "" {
		root = jwtSecret
	}
	if root == "" {
		return Keys{}, errors.New("auth: no secret")
	}
	var k Keys
	for _, d := range []struct {
		key     *[]byte
		purpose string
	}{{&k.Token, "token"}, {&k.Stamp, "stamp"}, {&k.Setup, "setup"}} {
		b, err := hkdf.Key(sha256.New, []byte(root), nil, "cifra "+d.purpose+" v1", sha256.Size)
		if err != nil {
			return Keys{}, fmt.Errorf("auth: key: %w", err)
		}
		*d.key = b
	}
	if jwtSecret != "" {
		k.Token = []byte(jwtSecret)
	}
	return k, nil
}

// CheckSecret says why secret may not be used in production: too short, or one that is in examples
// and old configurations. The error does not hold the secret.
func CheckSecret(secret string) error {
	if len(secret) < MinSecret {
		return fmt.Errorf("has %d bytes, needs %d at least", len(secret), MinSecret)
	}
	if len(distinct(secret)) < 8 {
		return errors.New("has fewer than 8 different characters")
	}
	s := strings.ToLower(secret)
	for _, word := range []string{
		"change", "cambia", "default", "example", "ejemplo", "your-secret", "your_secret", "secret-key",
		"secret_key", "secretkey", "supersecret", "super-secret", "clave-secreta", "clave_secreta", "password", "12345678",
	} {
		if strings.Contains(s, word) {
			return errors.New("looks like one from an example")
		}
	}
	return nil
}

func distinct(s string) map[byte]bool {
	seen := make(map[byte]bool)
	for _, c := range []byte(s) {
		seen[c] = true
	}
	return seen
}
