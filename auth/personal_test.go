package auth

import (
	"strings"
	"testing"
	"time"

	"cifra"
)

func TestPersonalTokens(t *testing.T) {
	w := newWorld(t)
	ana := w.register(t, "ana")
	ctx := cifra.WithActor(t.Context(), cifra.Actor{User: ana})
	for _, tt := range []struct {
		name, label string
		days        int
		want        cifra.Code
	}{
		{"without a name", " \t", 30, cifra.Invalid},
		{"with a long name", strings.Repeat("ñ", MaxTokenName+1), 30, cifra.Impossible},
		{"for no day", "lab", 0, cifra.Impossible},
		{"for ever", "lab", MaxTokenDays + 1, cifra.Impossible},
	} {
		if _, _, err := w.CreateToken(ctx, tt.label, tt.days); cifra.CodeOf(err) != tt.want {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	token, secret, err := w.CreateToken(ctx, "  the  lab ", 30)
	if err != nil || token.Name != "the lab" || !strings.HasPrefix(secret, cifra.TokenPrefix) {
		t.Fatalf("got %+v, %q, %v; want a token named the lab", token, secret, err)
	}
	for _, tt := range []struct {
		name, secret string
		change       func()
		want         cifra.Code
	}{
		{"a good one", secret, func() {}, ""},
		{"one with another end", secret[:len(secret)-1] + "0", func() {}, cifra.Unsigned},
		{"one that is cut", secret[:10], func() {}, cifra.Unsigned},
		{"one of a disabled user", secret, func() { w.store.change(ana.ID, func(u *cifra.User) { u.Disabled = true }) }, cifra.Unsigned},
		{"one of a user with another password", secret, func() {
			w.store.change(ana.ID, func(u *cifra.User) { u.Disabled, u.PasswordHash = false, "other" })
		}, ""},
		{"while the database is away, one that was good a moment ago", secret, func() { w.store.setDown(true) }, ""},
		{"while the database is away, another one", secret[:len(secret)-1] + "0", func() {}, cifra.Unavailable},
		{"one that has expired", secret, func() { w.store.setDown(false); w.clock.Advance(31 * 24 * time.Hour) }, cifra.Unsigned},
	} {
		tt.change()
		u, err := w.Verify(t.Context(), tt.secret)
		if got := cifra.CodeOf(err); got != tt.want || err == nil && u.ID != ana.ID {
			t.Errorf("%s: got %v, %v, want %q", tt.name, u, err, tt.want)
		}
	}
	if err := w.DeleteToken(cifra.WithActor(t.Context(), cifra.Actor{User: &cifra.User{ID: ana.ID + 1}}), token.ID); cifra.CodeOf(err) != cifra.NotFound {
		t.Errorf("somebody else ends it: got %v, want not found", err)
	}
	if err := w.DeleteToken(ctx, token.ID); err != nil {
		t.Error(err)
	}
	if _, secret, err = w.CreateToken(ctx, "another", 1); err != nil {
		t.Fatal(err)
	}
	if err := w.Logout(ctx, secret); err != nil {
		t.Errorf("signing out with it: %v", err)
	}
	if _, err := w.Verify(t.Context(), secret); cifra.CodeOf(err) != cifra.Unsigned {
		t.Errorf("signed out: got %v, want it refused", err)
	}
}

func TestChangePassword(t *testing.T) {
	w := newWorld(t)
	ana := w.register(t, "ana")
	ctx := cifra.WithActor(t.Context(), cifra.Actor{User: ana, IP: "10.0.0.1"})
	stamp := w.Stamp(ana)
	for _, tt := range []struct {
		name, current, password, field string
		want                           cifra.Code
	}{
		{"without the old one", "", "another passphrase", "current", cifra.Invalid},
		{"with a wrong old one", "not the password", "another passphrase", "current", cifra.Impossible},
		{"without a new one", goodPassword, "", "password", cifra.Invalid},
		{"with a common new one", goodPassword, "password1", "password", cifra.Impossible},
	} {
		_, err := w.ChangePassword(ctx, tt.current, tt.password)
		refusal, _ := err.(*cifra.Error) //nolint:errorlint // as it is returned
		if cifra.CodeOf(err) != tt.want || refusal.Fields[tt.field] == nil {
			t.Errorf("%s: got %v, want %q at %s", tt.name, err, tt.want, tt.field)
		}
	}
	changed, err := w.ChangePassword(ctx, goodPassword, "another passphrase")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.SessionUser(t.Context(), ana.ID, stamp); cifra.CodeOf(err) != cifra.Unsigned {
		t.Errorf("a session of before: got %v, want it ended", err)
	}
	if _, err := w.SessionUser(t.Context(), ana.ID, w.Stamp(changed)); err != nil {
		t.Errorf("the session that goes on: got %v", err)
	}
	ctx = cifra.WithActor(t.Context(), cifra.Actor{User: changed, IP: "10.0.0.1"})
	for range NameFailures {
		_, err = w.ChangePassword(ctx, "guess", "another passphrase")
	}
	if cifra.CodeOf(err) != cifra.TooOften {
		t.Errorf("the 10th guess with a stolen session: got %v, want it refused as too often", err)
	}
}
