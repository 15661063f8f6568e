package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"cifra"
)

// Setup is what the making of the first admin needs of the store.
type Setup interface {
	// HasAdmin reports whether there is an admin, disabled or not.
	HasAdmin(ctx context.Context) (bool, error)
	// AddFirstAdmin is Users.AddUser for an admin, if there is none yet, in one step; else cifra.Conflict.
	AddFirstAdmin(ctx context.Context, u *cifra.User, a cifra.Audit) error
	// KeepMeta keeps value under key unless there is one already, and returns what is kept then.
	KeepMeta(ctx context.Context, key, value string) (string, error)
	// DeleteMeta forgets key. An unknown key is no error.
	DeleteMeta(ctx context.Context, key string) error
}

// metaSetup is where the store keeps from what the code is made.
const metaSetup = "setup_nonce"

// errAdminExists is the cause of the Conflict that SetUp and FirstAdmin give when somebody was first.
var errAdminExists = errors.New("auth: there is an admin")

func adminExists() error { return cifra.E(cifra.Conflict, "error.setup.done").Wrap(errAdminExists) }

// SetupCode returns the one-time code with which /setup makes the first admin, "" when there is an admin.
//
// It is made from the secret and a random value in the store. So all instances, and all starts until it is used,
// print the same one, while neither the store nor a copy of it holds the code. Once an admin is made,
// the random value is deleted and the code is worthless.
func (s *Service) SetupCode(ctx context.Context) (string, error) {
	has, err := s.Setup.HasAdmin(ctx)
	if err != nil {
		return "", fmt.Errorf("auth: setup: %w", err)
	}
	if has {
		return "", nil
	}
	nonce, err := s.Setup.KeepMeta(ctx, metaSetup, rand.Text())
	if err != nil {
		return "", fmt.Errorf("auth: setup: %w", err)
	}
	m := hmac.New(sha256.New, s.Keys.Setup)
	m.Write([]byte(nonce))
	code := base32.StdEncoding.EncodeToString(m.Sum(nil)[:10]) // 80 bits, 16 characters
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:], nil
}

// SetUp makes the first admin for whoever knows the code of [Service.SetupCode], written with or without its hyphens,
// in either case. cifra.Denied for a wrong code, cifra.TooOften from the 10th of an address on,
// cifra.Conflict when there is an admin; else it refuses like [Service.Register].
func (s *Service) SetUp(ctx context.Context, code, name, password string) (*cifra.User, error) {
	byAddress := setupKey(cifra.ActorFrom(ctx).IP)
	if err := s.Throttle.check(ctx, byAddress); err != nil {
		return nil, err
	}
	if strings.TrimSpace(code) == "" {
		return nil, fieldError(cifra.Invalid, map[string]*cifra.Error{"code": missing("code")})
	}
	want, err := s.SetupCode(ctx)
	if err != nil {
		return nil, err
	}
	if want == "" {
		return nil, adminExists()
	}
	given, kept := sha256.Sum256([]byte(plainCode(code))), sha256.Sum256([]byte(plainCode(want)))
	if subtle.ConstantTimeCompare(given[:], kept[:]) != 1 {
		// Somebody may have been faster: then the code is worthless, and what was read above was made anew.
		if has, err := s.Setup.HasAdmin(ctx); err == nil && has {
			return nil, adminExists()
		}
		left := s.Throttle.fail(ctx, byAddress, SetupFailures)
		if err := s.Users.AddAudit(ctx, s.audit(ctx, nil, cifra.ActionRefused, "wrong setup code")); err != nil {
			s.Log.ErrorContext(ctx, "a wrong setup code is not in the audit", "err", err)
		}
		if err := throttled(left); err != nil {
			return nil, err
		}
		return nil, fieldError(cifra.Denied, map[string]*cifra.Error{"code": cifra.E(cifra.Denied, "error.setup.code")})
	}
	return s.firstAdmin(ctx, name, password, cifra.ActionSetup)
}

// FirstAdmin makes the first admin without a code, for whoever starts the program with a name and a password for one.
// When there is an admin it does nothing and returns nil, nil. It refuses like [Service.Register].
func (s *Service) FirstAdmin(ctx context.Context, name, password string) (*cifra.User, error) {
	has, err := s.Setup.HasAdmin(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: first admin: %w", err)
	}
	if has {
		return nil, nil //nolint:nilnil // the comment above says what it means
	}
	u, err := s.firstAdmin(ctx, name, password, cifra.ActionAdminCreate)
	if errors.Is(err, errAdminExists) { // another instance was faster
		return nil, nil //nolint:nilnil // as above
	}
	return u, err
}

func (s *Service) firstAdmin(ctx context.Context, name, password string, action cifra.Action) (*cifra.User, error) {
	u, err := s.add(ctx, name, password, cifra.RoleAdmin, action, s.Setup.AddFirstAdmin)
	if cifra.CodeOf(err) == cifra.Conflict { // somebody was faster, or the name belongs to a user
		if has, hasErr := s.Setup.HasAdmin(ctx); hasErr == nil && has {
			return nil, adminExists()
		}
	}
	if err != nil {
		return nil, err
	}
	if err := s.Setup.DeleteMeta(ctx, metaSetup); err != nil {
		s.Log.WarnContext(ctx, "the used setup code's origin is still in the store", "err", err)
	}
	return u, nil
}

// plainCode returns code as it is compared: people copy it with or without hyphens and spaces.
func plainCode(code string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
}
