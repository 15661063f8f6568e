package auth

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cifra"
)

func TestSetUp(t *testing.T) {
	store, clock := newMemoryStore(), newTestClock()
	one, two := newWorldOn(t, store, clock, nil), newWorldOn(t, store, clock, nil)
	ctx := from(t, "203.0.113.7")
	code, err := one.SetupCode(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := two.SetupCode(ctx); err != nil || again != code {
		t.Errorf("got %q, %v from another instance, want the same code", again, err)
	}
	for key, value := range store.meta {
		if strings.Contains(plainCode(value), plainCode(code)) {
			t.Errorf("got the code in the store under %s, want it nowhere", key)
		}
	}

	_, err = two.SetUp(ctx, "", "jefa", goodPassword)
	wantCode(t, err, cifra.Invalid)
	_, err = two.SetUp(ctx, "AAAA-AAAA-AAAA-AAAA", "jefa", goodPassword)
	wantCode(t, err, cifra.Denied)
	_, err = two.SetUp(ctx, code, "jefa", "password")
	wantCode(t, err, cifra.Impossible)

	u, err := two.SetUp(ctx, " "+strings.ToLower(strings.ReplaceAll(code, "-", " ")), "jefa", goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	if !u.IsAdmin() {
		t.Errorf("got %+v, want an admin", u)
	}
	_, err = one.SetUp(ctx, code, "otra", goodPassword)
	wantCode(t, err, cifra.Conflict)
	if again, err := one.SetupCode(ctx); err != nil || again != "" {
		t.Errorf("got %q, %v, want no code once there is an admin", again, err)
	}

	store.change(u.ID, func(u *cifra.User) { u.Role = cifra.RoleUser }) // from outside: no admin any more
	again, err := one.SetupCode(ctx)
	if err != nil || again == "" || again == code {
		t.Errorf("got %q, %v, want another code, as that one was used", again, err)
	}
	if got := count(store.actions(), cifra.ActionSetup); got != 1 {
		t.Errorf("got %d lines of it in the audit, want 1", got)
	}
}

func TestSetupCodesCannotBeGuessed(t *testing.T) {
	w := newWorld(t)
	ctx := from(t, "203.0.113.7")
	code, err := w.SetupCode(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < SetupFailures; i++ {
		_, err := w.SetUp(ctx, fmt.Sprintf("WRONG-%d", i), "jefa", goodPassword)
		wantCode(t, err, cifra.Denied)
	}
	_, err = w.SetUp(ctx, "WRONG", "jefa", goodPassword)
	wantCode(t, err, cifra.TooOften)
	_, err = w.SetUp(ctx, code, "jefa", goodPassword)
	wantCode(t, err, cifra.TooOften)
	if got := count(w.store.actions(), cifra.ActionRefused); got != SetupFailures {
		t.Errorf("got %d refusals in the audit, want %d", got, SetupFailures)
	}
	_, err = w.SetUp(from(t, "203.0.113.8"), code, "jefa", goodPassword)
	wantCode(t, err, "")
}

func TestOnlyOneFirstAdmin(t *testing.T) {
	w := newWorld(t)
	code, err := w.SetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var made atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := w.SetUp(t.Context(), code, fmt.Sprintf("jefa%d", i), goodPassword)
			switch cifra.CodeOf(err) {
			case "":
				made.Add(1)
			case cifra.Conflict:
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := made.Load(); got != 1 {
		t.Errorf("got %d admins, want 1", got)
	}
}

func TestFirstAdminOfTheEnvironment(t *testing.T) {
	w := newWorld(t)
	_, err := w.FirstAdmin(t.Context(), "jefa", "password")
	wantCode(t, err, cifra.Impossible)

	var made atomic.Int64
	var wg sync.WaitGroup
	for range 8 { // as many instances as start at once
		wg.Go(func() {
			u, err := w.FirstAdmin(t.Context(), "jefa", goodPassword)
			if err != nil {
				t.Errorf("got %v, want no error for who comes second", err)
			}
			if u != nil {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if got := made.Load(); got != 1 {
		t.Errorf("got %d made, want 1", got)
	}
	if _, err := w.Login(t.Context(), "jefa", goodPassword); err != nil {
		t.Errorf("got %v, want the admin to sign in", err)
	}
}

func TestFirstAdminDoesNotTakeAUsersName(t *testing.T) {
	w := newWorld(t)
	u := w.register(t, "jefa")
	_, err := w.FirstAdmin(t.Context(), "jefa", goodPassword)
	wantCode(t, err, cifra.Conflict)
	if now, err := w.store.User(t.Context(), u.ID); err != nil || now.IsAdmin() {
		t.Errorf("got %+v, %v, want the user to stay one", now, err)
	}
}
