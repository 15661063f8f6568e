package auth

import (
	"context"
	"strings"
	"testing"
	"time"

	"cifra"
)

func TestAdminsManageAccounts(t *testing.T) {
	w := newWorld(t)
	root, ana := w.register(t, "root"), w.register(t, "ana")
	ctx := cifra.WithActor(t.Context(), cifra.Actor{User: root, IP: "203.0.113.7"})
	for _, tt := range []struct {
		name   string
		do     func() error
		code   cifra.Code
		action cifra.Action // in the audit; "" for nothing
	}{
		{"a role", func() error { return w.SetRole(ctx, ana.ID, cifra.RoleAdmin) }, "", cifra.ActionRole},
		{"the role that they have", func() error { return w.SetRole(ctx, ana.ID, cifra.RoleAdmin) }, "", ""},
		{"one's own role", func() error { return w.SetRole(ctx, root.ID, cifra.RoleUser) }, cifra.Conflict, ""},
		{"nobody's role", func() error { return w.SetRole(ctx, 99, cifra.RoleUser) }, cifra.NotFound, ""},
		{"disabled", func() error { return w.SetDisabled(ctx, ana.ID, true) }, "", cifra.ActionDisable},
		{"disabled already", func() error { return w.SetDisabled(ctx, ana.ID, true) }, "", ""},
		{"enabled", func() error { return w.SetDisabled(ctx, ana.ID, false) }, "", cifra.ActionEnable},
		{"oneself disabled", func() error { return w.SetDisabled(ctx, root.ID, true) }, cifra.Conflict, ""},
		{"a lockout", func() error { return w.LiftLockout(ctx, ana.ID) }, "", cifra.ActionLift},
		{"nobody's lockout", func() error { return w.LiftLockout(ctx, 99) }, cifra.NotFound, ""},
		{"a code", func() error { _, err := w.MakeReset(ctx, ana.ID); return err }, "", cifra.ActionResetMake},
		{"one's own code", func() error { _, err := w.MakeReset(ctx, root.ID); return err }, cifra.Conflict, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(w.store.audits)
			wantCode(t, tt.do(), tt.code)
			added := w.store.audits[before:]
			if tt.action == "" {
				if len(added) != 0 {
					t.Errorf("got %+v in the audit, want nothing", added)
				}
				return
			}
			if len(added) != 1 || added[0].Action != tt.action || added[0].UserID != root.ID || added[0].IP != "203.0.113.7" || !strings.Contains(added[0].Details, "name=ana") {
				t.Errorf("got %+v in the audit, want that root did %s to ana", added, tt.action)
			}
		})
	}
}

func TestAccountsSayWhoIsLockedOut(t *testing.T) {
	w := newWorld(t)
	ana := w.register(t, "ana")
	w.register(t, "eve")
	for range NameFailures {
		_, _ = w.Login(t.Context(), "ANA", "wrong")
	}
	all, _, err := w.Accounts(t.Context(), cifra.UserFilter{}, "", 0)
	if err != nil || len(all) != 2 || all[0].Blocked != BlockTime || all[1].Blocked != 0 {
		t.Fatalf("got %+v, %v; want ana locked out, and eve not", all, err)
	}
	if err := w.LiftLockout(t.Context(), ana.ID); err != nil {
		t.Fatal(err)
	}
	one, err := w.AccountNamed(t.Context(), " Ana ")
	if err != nil || one.Blocked != 0 || one.PasswordHash != "" {
		t.Errorf("got %+v, %v; want her let in again, without her password's hash", one, err)
	}
	_, err = w.Login(t.Context(), "ana", goodPassword)
	wantCode(t, err, "")
}

func TestPasswordsByAOneTimeCode(t *testing.T) {
	w := newWorld(t)
	root, ana := w.register(t, "root"), w.register(t, "ana")
	admin := cifra.WithActor(t.Context(), cifra.Actor{User: root})
	code := func() string {
		r, err := w.MakeReset(admin, ana.ID)
		if err != nil || len(r.Code) < 26 || !r.ExpiresAt.Equal(w.clock.Now().Add(ResetTime)) {
			t.Fatalf("got %+v, %v; want a code for a day", r, err)
		}
		return r.Code
	}
	use := func(ctx context.Context, code, password string, want cifra.Code) {
		t.Helper()
		_, err := w.UseReset(ctx, code, password)
		wantCode(t, err, want)
	}
	token := w.token(t, ana)
	first := code()
	second := code()
	here := from(t, "198.51.100.1")
	use(here, first, "another passphrase", cifra.Impossible) // replaced
	use(here, "", "another passphrase", cifra.Invalid)
	use(here, second, "", cifra.Invalid)
	use(here, second, "ana", cifra.Impossible)
	for range NameFailures {
		_, _ = w.Login(t.Context(), "ana", "wrong")
	}
	u, err := w.UseReset(here, strings.ToLower(second[:4]+"-"+second[4:]), "another passphrase")
	if err != nil || u.ID != ana.ID || w.Stamp(u) == w.Stamp(ana) {
		t.Fatalf("got %+v, %v; want ana with another password", u, err)
	}
	_, err = w.Login(t.Context(), "ana", "another passphrase") // the lockout has ended with it
	wantCode(t, err, "")
	_, err = w.Verify(t.Context(), token)
	wantCode(t, err, cifra.Unsigned)
	use(here, second, "a third passphrase", cifra.Impossible) // used
	third := code()
	w.store.change(ana.ID, func(u *cifra.User) { u.Disabled = true })
	use(here, third, "a third passphrase", cifra.Impossible)
	w.store.change(ana.ID, func(u *cifra.User) { u.Disabled = false })
	w.clock.Advance(ResetTime)
	use(here, third, "a third passphrase", cifra.Impossible)

	there := from(t, "198.51.100.9")
	for i := 1; i < ResetFailures; i++ {
		use(there, "WRONG", "a third passphrase", cifra.Impossible)
	}
	use(there, "WRONG", "a third passphrase", cifra.TooOften)
	use(there, code(), "a third passphrase", cifra.TooOften)
	w.clock.Advance(BlockTime + time.Second)
	use(there, code(), "a third passphrase", "")
}
