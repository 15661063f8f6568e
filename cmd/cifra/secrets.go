package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// minSecret is the fewest bytes of a secret.
const minSecret = 32

// secretFile is where development keeps the secret that it made up, below the data folder.
const secretFile = "secret"

// weakSecrets are values that examples and old systems used.
var weakSecrets = []string{"secret", "changeme", "change-me", "dev", "default", "password", "your-secret-key", "super-secret"}

// secret returns the setting, or in development one that is made up once and kept.
func secret(s *Settings) (string, error) {
	if s.Secret != "" {
		if err := strong("CIFRA_SECRET", s.Secret); err != nil && s.Production() {
			return "", err
		}
		return s.Secret, nil
	}
	if s.Production() {
		return "", &usageError{errors.New("CIFRA_SECRET is required in production: 32 bytes at least, such as the output of: openssl rand -hex 32")}
	}
	path := filepath.Join(s.DataDir, secretFile)
	kept, err := os.ReadFile(path)
	switch {
	case err == nil && len(kept) >= minSecret:
		return string(kept), nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("development secret: %w", err)
	}
	if err := os.MkdirAll(s.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	made := rand.Text() + rand.Text()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) { // another instance was quicker
		kept, err := os.ReadFile(path)
		if err == nil && len(kept) < minSecret {
			err = fmt.Errorf("%s is too short; delete it", path)
		}
		return string(kept), err
	}
	if err != nil {
		return "", fmt.Errorf("development secret: %w", err)
	}
	if _, err := f.WriteString(made); err != nil {
		return "", errors.Join(err, f.Close())
	}
	return made, f.Close()
}

// jwtSecret returns the setting for the API's tokens, "" where it is to be derived from the secret.
func jwtSecret(s *Settings) (string, error) {
	if s.JWTSecret != "" && s.Production() {
		if err := strong("CIFRA_JWT_SECRET", s.JWTSecret); err != nil {
			return "", err
		}
	}
	return s.JWTSecret, nil
}

// strong refuses a secret that is short, known or hardly random.
func strong(name, s string) error {
	distinct := map[rune]bool{}
	for _, r := range s {
		distinct[r] = true
	}
	for _, w := range weakSecrets {
		if strings.EqualFold(strings.Repeat(w, len(s)/len(w)), s) {
			return &usageError{fmt.Errorf("%s is a well-known value", name)}
		}
	}
	if len(s) < minSecret || len(distinct) < 8 {
		return &usageError{fmt.Errorf("%s is too weak: %d random bytes at least", name, minSecret)}
	}
	return nil
}

// withoutPassword hides the password of an address.
func withoutPassword(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	u, err := url.Parse(text)
	if err != nil {
		return "(not a valid address)"
	}
	if u.User == nil {
		return text
	}
	return u.Redacted()
}
