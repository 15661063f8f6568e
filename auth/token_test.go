package auth

import (
	"crypto/sha256"
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cifra"
)

func TestForgedTokens(t *testing.T) {
	w := newWorld(t)
	u := w.register(t, "ana")
	good := w.token(t, u)
	now := w.clock.Now()
	claims := func(change func(jwt.MapClaims)) jwt.MapClaims {
		c := jwt.MapClaims{
			"iss": Issuer, "aud": Audience, "sub": "1", "jti": "x", "stamp": w.Stamp(u),
			"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		}
		if change != nil {
			change(c)
		}
		return c
	}
	sign := func(method jwt.SigningMethod, key any, c jwt.MapClaims, header map[string]any) string {
		t.Helper()
		token := jwt.NewWithClaims(method, c)
		maps.Copy(token.Header, header)
		s, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ours := func(change func(jwt.MapClaims)) string {
		return sign(jwt.SigningMethodHS256, w.Keys.Token, claims(change), nil)
	}
	parts := strings.Split(good, ".")
	without := func(name string) string { return ours(func(c jwt.MapClaims) { delete(c, name) }) }
	with := func(name string, v any) string { return ours(func(c jwt.MapClaims) { c[name] = v }) }

	tests := []struct {
		name  string
		token string
		key   string // of the refusal; "" for a token that is good
	}{
		{"a good one", good, ""},
		{"a good one, made by hand", ours(nil), ""},
		{"no signature (none)", sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil), nil), "error.token.invalid"},
		{"no signature (None)", sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil), map[string]any{"alg": "None"}), "error.token.invalid"},
		{"a good one without its signature", parts[0] + "." + parts[1] + ".", "error.token.invalid"},
		{"another algorithm with our key", sign(jwt.SigningMethodHS512, w.Keys.Token, claims(nil), nil), "error.token.invalid"},
		{"another key", sign(jwt.SigningMethodHS256, []byte("another secret of thirty-two bytes"), claims(nil), nil), "error.token.invalid"},
		{"an empty key", sign(jwt.SigningMethodHS256, []byte{}, claims(nil), nil), "error.token.invalid"},
		{"the key for stamps", sign(jwt.SigningMethodHS256, w.Keys.Stamp, claims(nil), nil), "error.token.invalid"},
		{"an extension that must be understood", sign(jwt.SigningMethodHS256, w.Keys.Token, claims(nil), map[string]any{"crit": []string{"exp"}}), "error.token.invalid"},
		{"expired", with("exp", now.Add(-2*time.Minute).Unix()), "error.token.expired"},
		{"expired within the leeway", with("exp", now.Add(-30*time.Second).Unix()), ""},
		{"expired, and another key", sign(jwt.SigningMethodHS256, []byte("another"), claims(func(c jwt.MapClaims) { c["exp"] = 1 }), nil), "error.token.invalid"},
		{"no exp", without("exp"), "error.token.invalid"},
		{"exp as text", with("exp", "never"), "error.token.invalid"},
		{"not valid yet", with("nbf", now.Add(time.Hour).Unix()), "error.token.invalid"},
		{"another audience", with("aud", "shop"), "error.token.invalid"},
		{"no audience", without("aud"), "error.token.invalid"},
		{"another issuer", with("iss", "someone"), "error.token.invalid"},
		{"no issuer", without("iss"), "error.token.invalid"},
		{"no jti", without("jti"), "error.token.invalid"},
		{"an empty jti", with("jti", ""), "error.token.invalid"},
		{"no iat", without("iat"), "error.token.invalid"},
		{"issued before the clock jumped back an hour", with("iat", now.Add(time.Hour).Unix()), ""},
		{"issued tomorrow", with("iat", now.Add(24*time.Hour).Unix()), "error.token.invalid"},
		{"no subject", without("sub"), "error.token.invalid"},
		{"a subject that is no id", with("sub", "ana"), "error.token.invalid"},
		{"a subject written in another way", with("sub", "+1"), "error.token.invalid"},
		{"a subject who doesn't exist", with("sub", "99"), "error.token.invalid"},
		{"no stamp", without("stamp"), "error.token.invalid"},
		{"another user's stamp", with("stamp", "AAAAAAAAAAAAAAAA"), "error.token.invalid"},
		{"truncated", good[:len(good)-1], "error.token.invalid"},
		{"two parts", parts[0] + "." + parts[1], "error.token.invalid"},
		{"four parts", good + ".x", "error.token.invalid"},
		{"claims of another token", parts[0] + "." + strings.Split(ours(func(c jwt.MapClaims) { c["sub"] = "2" }), ".")[1] + "." + parts[2], "error.token.invalid"},
		{"padding", good + "=", "error.token.invalid"},
		{"no text at all", "", "error.token.invalid"},
		{"a megabyte", strings.Repeat("A", 1<<20), "error.token.invalid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // once more when it may be remembered
				got, err := w.Verify(t.Context(), tt.token)
				if tt.key == "" {
					if err != nil || got.ID != u.ID {
						t.Errorf("got %v, %v, want ana", got, err)
					}
					continue
				}
				wantCode(t, err, cifra.Unsigned)
				var e *cifra.Error
				if errors.As(err, &e) && e.Key != tt.key {
					t.Errorf("got %q, want %q", e.Key, tt.key)
				}
			}
		})
	}
}

// TestATokenThatIsKnownExpires asks with a token all its life long: that its signature was looked at before makes it live
// no longer, and no other token good.
func TestATokenThatIsKnownExpires(t *testing.T) {
	w := newWorld(t)
	token := w.token(t, w.register(t, "ana"))
	for left := TokenLife; left >= 0; left -= time.Hour {
		if _, err := w.Verify(t.Context(), token); err != nil {
			t.Fatalf("%s before its end: got %v, want it valid", left, err)
		}
		other := token[:len(token)-2] + map[bool]string{true: "BA", false: "AA"}[token[len(token)-2:] == "AA"]
		_, err := w.Verify(t.Context(), other)
		wantCode(t, err, cifra.Unsigned)
		w.clock.Advance(time.Hour)
	}
	_, err := w.Verify(t.Context(), token)
	var e *cifra.Error
	if !errors.As(err, &e) || e.Key != "error.token.expired" {
		t.Errorf("past its end: got %v, want that it has expired", err)
	}
}

func TestRememberedTokensAreBounded(t *testing.T) {
	var g genuine
	for i := range genuineMost + 10 {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		want := &Claims{Stamp: strconv.Itoa(i)}
		g.keep(sum, want)
		if got := g.get(sum); got != want {
			t.Fatalf("token %d: got %v, want it", i, got)
		}
	}
	if got := len(g.m); got != genuineMost {
		t.Errorf("got %d tokens, want %d", got, genuineMost)
	}
}

func TestTokenWhenTheClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			w := newWorld(t)
			u := w.register(t, "ana")
			before := w.token(t, u)
			w.clock.Advance(jump)
			after := w.token(t, u)
			w.clock.Advance(-jump)
			for _, token := range []string{before, after} {
				if _, err := w.Verify(t.Context(), token); err != nil {
					t.Errorf("got %v, want a valid token", err)
				}
			}
			if err := w.Logout(t.Context(), before); err != nil {
				t.Fatal(err)
			}
			w.clock.Advance(jump)
			_, err := w.Verify(t.Context(), before)
			wantCode(t, err, cifra.Unsigned)
		})
	}
}

func TestLogoutRevokesTheToken(t *testing.T) {
	store, clock := newMemoryStore(), newTestClock()
	one, two := newWorldOn(t, store, clock, nil), newWorldOn(t, store, clock, nil)
	u := one.register(t, "ana")
	token, other := one.token(t, u), one.token(t, u)
	for _, w := range []world{one, two} { // both have seen it
		if _, err := w.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if err := one.Logout(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for _, w := range []world{one, two} {
		_, err := w.Verify(t.Context(), token)
		wantCode(t, err, cifra.Unsigned)
	}
	wantCode(t, two.Logout(t.Context(), token), cifra.Unsigned)
	if _, err := two.Verify(t.Context(), other); err != nil {
		t.Errorf("got %v for another token of the same user, want it valid", err)
	}
	if got := count(store.actions(), cifra.ActionLogout); got != 1 {
		t.Errorf("got %d sign-outs in the audit, want 1", got)
	}
	for _, until := range store.revoked {
		if least := clock.Now().Add(TokenLife + expiryLeeway); until.Before(least) {
			t.Errorf("got a revocation kept until %s, want %s at least", until, least)
		}
	}
}

func TestAuthorizationHeaders(t *testing.T) {
	w := newWorld(t)
	token := w.token(t, w.register(t, "ana"))
	tests := []struct {
		name, header string
		code         cifra.Code
	}{
		{"as usual", "Bearer " + token, ""},
		{"in small letters", "bearer " + token, ""},
		{"two spaces", "Bearer  " + token, ""},
		{"no scheme", token, cifra.Unsigned},
		{"another scheme", "Basic " + token, cifra.Unsigned},
		{"no token", "Bearer ", cifra.Unsigned},
		{"nothing", "", cifra.Unsigned},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.VerifyHeader(t.Context(), tt.header)
			wantCode(t, err, tt.code)
		})
	}
}

func TestKeys(t *testing.T) {
	fromSecret, err := NewKeys("secret", "")
	if err != nil {
		t.Fatal(err)
	}
	both, err := NewKeys("secret", "for tokens")
	if err != nil {
		t.Fatal(err)
	}
	alone, err := NewKeys("", "for tokens")
	if err != nil {
		t.Fatal(err)
	}
	if string(both.Token) != "for tokens" || string(alone.Token) != "for tokens" {
		t.Error("got another key for tokens, want JWT_SECRET_KEY as it is")
	}
	seen := map[string]bool{}
	for _, k := range [][]byte{fromSecret.Token, fromSecret.Stamp, fromSecret.Setup, alone.Stamp, alone.Setup} {
		if len(k) != 32 || seen[string(k)] {
			t.Errorf("got key %x, want 32 bytes of its own for each purpose", k)
		}
		seen[string(k)] = true
	}
	if _, err := NewKeys("", ""); err == nil {
		t.Error("got keys without a secret, want an error")
	}
}

func TestCheckSecret(t *testing.T) {
	tests := []struct {
		name, secret string
		ok           bool
	}{
		{"random", "q8Jx2LrT0vBn5WkY7cMz4HsP9dFgA1eU", true},
		{"31 bytes", "q8Jx2LrT0vBn5WkY7cMz4HsP9dFgA1e", false},
		{"one letter", strings.Repeat("a", 64), false},
		{"from an example", "change-me-q8Jx2LrT0vBn5WkY7cMz4HsP9", false},
		{"an old default", "your-secret-key-q8Jx2LrT0vBn5WkY7cMz", false},
		{"none", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckSecret(tt.secret)
			if (err == nil) != tt.ok {
				t.Errorf("got %v, want it accepted: %v", err, tt.ok)
			}
			if err != nil && tt.secret != "" && strings.Contains(err.Error(), tt.secret) {
				t.Error("got an error that holds the secret")
			}
		})
	}
}
