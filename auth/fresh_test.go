package auth

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
)

// remembering is an instance that may believe for a second what the database said, and what it tells the others.
func remembering(t *testing.T, store *memoryStore, clock *testClock) (w world, told *atomic.Int64) {
	t.Helper()
	w, told = newWorldOn(t, store, clock, nil), new(atomic.Int64)
	w.Remember = func() bool { return true }
	w.Tell = func(context.Context) { told.Add(1) }
	return w, told
}

func TestTheDatabaseIsAskedOnceASecond(t *testing.T) {
	w, _ := remembering(t, newMemoryStore(), newTestClock())
	u := w.register(t, "ana")
	token := w.token(t, u)
	reads := func(calls int) int {
		t.Helper()
		before := w.store.reads
		for range calls {
			if got, err := w.Verify(t.Context(), token); err != nil || got.ID != u.ID {
				t.Fatalf("got %v, %v, want the token's owner", got, err)
			}
			if _, err := w.SessionUser(t.Context(), u.ID, w.Stamp(u)); err != nil {
				t.Fatal(err)
			}
		}
		return w.store.reads - before
	}
	if got := reads(100); got != 2 {
		t.Errorf("200 calls at once: got %d reads, want one for the token and one for the session", got)
	}
	w.clock.Advance(freshFor - time.Millisecond)
	if got := reads(1); got != 0 {
		t.Errorf("within the second: got %d reads, want none", got)
	}
	w.clock.Advance(time.Millisecond)
	if got := reads(1); got != 2 {
		t.Errorf("a second later: got %d reads, want two", got)
	}
	w.Doubt()
	if got := reads(1); got != 2 {
		t.Errorf("after a doubt: got %d reads, want two", got)
	}
	w.Remember = func() bool { return false }
	if got := reads(1); got != 2 {
		t.Errorf("where others can't tell: got %d reads, want two", got)
	}
	if _, err := w.SessionUser(t.Context(), u.ID, "another password's"); cifra.CodeOf(err) != cifra.Unsigned {
		t.Errorf("another stamp: got %v, want it refused from memory too", err)
	}
}

// TestWhatIsTakenAwayIsGoneAtOnce: whoever was shut out is refused by the next call, on the instance that did it and, once
// told, on every other.
func TestWhatIsTakenAwayIsGoneAtOnce(t *testing.T) {
	tests := []struct {
		name string
		take func(w world, u *cifra.User, token, personal string) error
		// which of the two tokens is refused afterwards
		token, personal bool
	}{
		{"signed out", func(w world, _ *cifra.User, token, _ string) error { return w.Logout(t.Context(), token) }, true, false},
		{"the personal token signed out", func(w world, u *cifra.User, _, personal string) error {
			return w.Logout(cifra.WithActor(t.Context(), cifra.Actor{User: u}), personal)
		}, false, true},
		{"all personal tokens ended", func(w world, u *cifra.User, _, _ string) error {
			return w.DeleteTokens(cifra.WithActor(t.Context(), cifra.Actor{User: u}))
		}, false, true},
		{"disabled", func(w world, u *cifra.User, _, _ string) error { return w.SetDisabled(t.Context(), u.ID, true) }, true, true},
		{"another password", func(w world, u *cifra.User, _, _ string) error {
			return w.SetPassword(t.Context(), u.Username, "otra lluvia, de mayo")
		}, true, false},
		{"another password, by oneself", func(w world, u *cifra.User, _, _ string) error {
			_, err := w.ChangePassword(cifra.WithActor(t.Context(), cifra.Actor{User: u}), goodPassword, "otra lluvia, de mayo")
			return err
		}, true, false},
		{"another password, by a code", func(w world, u *cifra.User, _, _ string) error {
			r, err := w.MakeReset(t.Context(), u.ID)
			if err == nil {
				_, err = w.UseReset(t.Context(), r.Code, "otra lluvia, de mayo")
			}
			return err
		}, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store, clock := newMemoryStore(), newTestClock()
			here, told := remembering(t, store, clock)
			there, _ := remembering(t, store, clock)
			here.Tell = func(context.Context) { told.Add(1); there.Doubt() }
			u := here.register(t, "ana")
			token := here.token(t, u)
			_, personal, err := here.CreateToken(cifra.WithActor(t.Context(), cifra.Actor{User: u}), "a script", 30)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range []world{here, there} {
				for _, secret := range []string{token, personal} {
					if _, err := w.Verify(t.Context(), secret); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := tt.take(here, u, token, personal); err != nil {
				t.Fatal(err)
			}
			if told.Load() == 0 {
				t.Error("nobody was told")
			}
			for where, w := range map[string]world{"here": here, "there": there} {
				for secret, refused := range map[string]bool{token: tt.token, personal: tt.personal} {
					if _, err := w.Verify(t.Context(), secret); (cifra.CodeOf(err) == cifra.Unsigned) != refused {
						t.Errorf("%s: got %v for %.6s…, want it refused: %v", where, err, secret, refused)
					}
				}
			}
		})
	}
}

func TestAnotherRoleIsFeltAtOnce(t *testing.T) {
	w, told := remembering(t, newMemoryStore(), newTestClock())
	if _, err := w.AddAdmin(t.Context(), "eva", goodPassword); err != nil {
		t.Fatal(err)
	}
	u := w.register(t, "ana")
	token := w.token(t, u)
	for _, role := range []cifra.Role{cifra.RoleAdmin, cifra.RoleUser} {
		if err := w.SetRole(t.Context(), u.ID, role); err != nil {
			t.Fatal(err)
		}
		if now, err := w.Verify(t.Context(), token); err != nil || now.Role != role {
			t.Errorf("got %v, %v, want the role %q", now, err, role)
		}
	}
	if told.Load() == 0 {
		t.Error("nobody was told")
	}
}

// TestAnAnswerFromBeforeIsNotBelieved: the database said that somebody may, they were shut out, and only then does its
// answer arrive.
func TestAnAnswerFromBeforeIsNotBelieved(t *testing.T) {
	k := newKnown(newTestClock().Now)
	key := knownKey{user: 1}
	began := k.asking()
	k.doubt()
	k.set(key, knownUser{user: cifra.User{ID: 1}, asked: began})
	if k.fresh(key) != nil {
		t.Error("got the answer from before taken as fresh")
	}
	if k.get(key) == nil {
		t.Error("got it forgotten, want it for an outage")
	}
	k.set(key, knownUser{user: cifra.User{ID: 1}, asked: k.asking()})
	if k.fresh(key) == nil {
		t.Error("got an answer from after it not taken")
	}
}
