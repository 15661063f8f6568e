package auth

import (
	"sync"
	"testing"
	"time"

	"cifra"
)

func TestRoleIsTheOneInTheDatabase(t *testing.T) {
	w := newWorld(t)
	u := w.register(t, "ana")
	token := w.token(t, u)
	steps := []struct {
		name   string
		change func(*cifra.User)
		code   cifra.Code
		admin  bool
	}{
		{"as registered", func(*cifra.User) {}, "", false},
		{"promoted", func(u *cifra.User) { u.Role = cifra.RoleAdmin }, "", true},
		{"demoted", func(u *cifra.User) { u.Role = cifra.RoleUser }, "", false},
		{"disabled", func(u *cifra.User) { u.Disabled = true }, cifra.Unsigned, false},
	}
	for _, tt := range steps {
		w.store.change(u.ID, tt.change)
		now, err := w.Verify(t.Context(), token)
		wantCode(t, err, tt.code)
		if now.IsAdmin() != tt.admin {
			t.Errorf("%s: got admin %v, want %v", tt.name, now.IsAdmin(), tt.admin)
		}
	}
}

func TestWhoWasHereStaysWhileTheDatabaseIsGone(t *testing.T) {
	w := newWorld(t)
	u := w.register(t, "ana")
	seen, unseen, revoked := w.token(t, u), w.token(t, u), w.token(t, u)
	for _, token := range []string{seen, revoked} {
		if _, err := w.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Logout(t.Context(), revoked); err != nil {
		t.Fatal(err)
	}
	w.store.setDown(true)

	if got, err := w.Verify(t.Context(), seen); err != nil || got.ID != u.ID {
		t.Errorf("got %v, %v, want who was here to stay", got, err)
	}
	asked := w.store.reads
	for range 100 {
		_, _ = w.Verify(t.Context(), seen)
	}
	if got := w.store.reads - asked; got != 0 {
		t.Errorf("got %d calls in the second after a failure, want none", got)
	}
	_, err := w.Verify(t.Context(), unseen)
	wantCode(t, err, cifra.Unavailable)
	if _, err := w.Verify(t.Context(), revoked); err == nil {
		t.Error("got a revoked token accepted, want it refused")
	}
	wantCode(t, w.Logout(t.Context(), seen), cifra.Unavailable)

	w.clock.Advance(knownFor + time.Second)
	_, err = w.Verify(t.Context(), seen)
	wantCode(t, err, cifra.Unavailable)

	w.store.setDown(false)
	w.clock.Advance(outagePause)
	if _, err := w.Verify(t.Context(), unseen); err != nil {
		t.Errorf("got %v once the database is back, want a valid token", err)
	}
}

func TestKnownIsBounded(t *testing.T) {
	k := newKnown(newTestClock().Now)
	for i := range int64(knownMost + 100) {
		k.set(knownKey{user: i}, knownUser{user: cifra.User{ID: i}, asked: k.asking()})
	}
	if got := len(k.m); got > knownMost {
		t.Errorf("got %d users kept, want %d at most", got, knownMost)
	}
}

func TestVerifyAndLogoutAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	token := w.token(t, w.register(t, "ana"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				_, _ = w.Verify(t.Context(), token)
			}
		})
	}
	if err := w.Logout(t.Context(), token); err != nil {
		t.Error(err)
	}
	_, err := w.Verify(t.Context(), token)
	wantCode(t, err, cifra.Unsigned)
	wg.Wait()
}
