package auth

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
)

func TestRegister(t *testing.T) {
	w := newWorld(t)
	u, err := w.Register(from(t, "203.0.113.7"), " Ana ", goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	if u.Username != "Ana" || u.Role != cifra.RoleUser || u.ID == 0 || strings.Contains(u.PasswordHash, goodPassword) {
		t.Errorf("got %+v, want a user named Ana with an id and a hash", u)
	}
	want := cifra.Audit{UserID: 1, Username: "Ana", Action: cifra.ActionRegister, Details: "name=Ana", IP: "203.0.113.7", At: w.clock.Now()}
	if diff := cmp.Diff([]cifra.Audit{want}, w.store.audits); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	for _, name := range []string{"Ana", "ana", "ＡＮＡ"} {
		_, err = w.Register(t.Context(), name, goodPassword)
		wantCode(t, err, cifra.Conflict)
	}
	if got := w.Hasher.Hashed(); got != 1 {
		t.Errorf("got %d hashes, want none for a name that is taken", got)
	}
}

func TestOneOfManyWhoRegisterANameGetsIt(t *testing.T) {
	w := newWorld(t)
	var made, taken atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := w.Register(t.Context(), "ana", goodPassword)
			switch cifra.CodeOf(err) {
			case "":
				made.Add(1)
			case cifra.Conflict:
				taken.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || taken.Load() != 19 {
		t.Errorf("got %d made and %d taken, want 1 and 19", made.Load(), taken.Load())
	}
}

func TestLogin(t *testing.T) {
	w := newWorld(t)
	w.register(t, "Ana")
	off := w.register(t, "carlos")
	w.store.change(off.ID, func(u *cifra.User) { u.Disabled = true })

	tests := []struct {
		name           string
		user, password string
		code           cifra.Code
		key            string
		hashes         int64
		audit          string // details of the failure
	}{
		{"the right one", "ana", goodPassword, "", "", 1, ""},
		{"the name in other letters", " ANA ", goodPassword, "", "", 1, ""},
		{"a wrong password", "ana", "wrong", cifra.Unsigned, "error.login.failed", 1, "Ana: wrong password"},
		{"an unknown name", "nobody", goodPassword, cifra.Unsigned, "error.login.failed", 1, "-: unknown name"},
		{"a name that no account can have", "<script>", goodPassword, cifra.Unsigned, "error.login.failed", 1, "-: unknown name"},
		{"a disabled account", "carlos", goodPassword, cifra.Unsigned, "error.login.failed", 1, "carlos: account is disabled"},
		{"a password of a megabyte", "ana", strings.Repeat("x", 1<<20), cifra.Unsigned, "error.login.failed", 1, "Ana: wrong password"},
		{"no name", "", goodPassword, cifra.Invalid, "error.field.missing", 0, ""},
		{"no password", "ana", "", cifra.Invalid, "error.field.missing", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hashes, lines := w.Hasher.Hashed(), len(w.store.audits)
			u, err := w.Login(t.Context(), tt.user, tt.password)
			wantCode(t, err, tt.code)
			var e *cifra.Error
			if errors.As(err, &e) && e.Key != tt.key {
				t.Errorf("got key %q, want %q", e.Key, tt.key)
			}
			if err == nil && u.Username != "Ana" {
				t.Errorf("got %s, want Ana", u.Username)
			}
			if got := w.Hasher.Hashed() - hashes; got != tt.hashes {
				t.Errorf("got %d runs of argon2, want %d", got, tt.hashes)
			}
			got := ""
			for _, a := range w.store.audits[lines:] {
				if a.Action == cifra.ActionLoginFailed {
					got = a.Username + ": " + a.Details
				}
			}
			if got != tt.audit {
				t.Errorf("got audit %q, want %q", got, tt.audit)
			}
		})
	}
}

func TestThrottlingByName(t *testing.T) {
	w := newWorld(t)
	w.register(t, "ana")
	guess := func(i int, name, password string) error { // each from another address
		_, err := w.Login(from(t, fmt.Sprintf("198.51.%d.%d", i/250, i%250)), name, password)
		return err
	}
	for _, name := range []string{"ana", "nobody"} {
		for i := 1; i <= 9; i++ {
			wantCode(t, guess(i, name, "wrong"), cifra.Unsigned)
		}
		err := guess(10, strings.ToUpper(name), "wrong")
		wantCode(t, err, cifra.TooOften)
		var e *cifra.Error
		if !errors.As(err, &e) || e.RetryAfter != BlockTime || e.Key != "error.login.throttled" {
			t.Errorf("got %+v, want to be told to wait %s", e, BlockTime)
		}
	}
	hashes := w.Hasher.Hashed()
	wantCode(t, guess(11, "ana", goodPassword), cifra.TooOften)
	if got := w.Hasher.Hashed() - hashes; got != 0 {
		t.Errorf("got %d hashes while throttled, want none", got)
	}
	w.clock.Advance(BlockTime)
	wantCode(t, guess(12, "ana", goodPassword), "")
	if got, want := count(w.store.actions(), cifra.ActionLoginFailed), 20; got != want {
		t.Errorf("got %d failures in the audit, want %d", got, want)
	}
}

func TestThrottlingByAddress(t *testing.T) {
	w := newWorld(t)
	w.register(t, "ana")
	spray := func(i int, password string) error { // each at another name, from one customer's IPv6 network
		_, err := w.Login(from(t, fmt.Sprintf("2001:db8::%x", i)), fmt.Sprintf("name%d", i), password)
		return err
	}
	for i := 1; i <= 39; i++ {
		wantCode(t, spray(i, "wrong"), cifra.Unsigned)
	}
	wantCode(t, spray(40, "wrong"), cifra.TooOften)
	_, err := w.Login(from(t, "2001:db8::beef"), "ana", goodPassword)
	wantCode(t, err, cifra.TooOften)
	_, err = w.Login(from(t, "2001:db8:0:1::1"), "ana", goodPassword)
	wantCode(t, err, "")

	if err := w.Throttle.LiftAddress(t.Context(), "2001:db8::1"); err != nil {
		t.Fatal(err)
	}
	_, err = w.Login(from(t, "2001:db8::beef"), "ana", goodPassword)
	wantCode(t, err, "")
}

func TestSuccessClearsTheNameButNotTheAddress(t *testing.T) {
	w := newWorld(t)
	w.register(t, "ana")
	ctx := from(t, "203.0.113.7")
	for i := 1; i <= 39; i++ {
		_, err := w.Login(ctx, "ana", "wrong")
		wantCode(t, err, cifra.Unsigned)
		if i%9 == 0 {
			_, err = w.Login(ctx, "ana", goodPassword)
			wantCode(t, err, "")
		}
	}
	_, err := w.Login(ctx, "ana", "wrong")
	wantCode(t, err, cifra.TooOften)
}

func TestGuessesAtTheSameTime(t *testing.T) {
	shared := NewMemoryCounter(newTestClock().Now)
	store, clock := newMemoryStore(), newTestClock()
	one, two := newWorldOn(t, store, clock, shared), newWorldOn(t, store, clock, shared)
	one.register(t, "ana")
	before := one.Hasher.Hashed() + two.Hasher.Hashed()

	var answered atomic.Int64 // guesses that were told whether they are right
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			w := []world{one, two}[i%2]
			_, err := w.Login(from(t, fmt.Sprintf("198.51.100.%d", i)), "ana", "wrong")
			switch cifra.CodeOf(err) {
			case cifra.Unsigned:
				answered.Add(1)
			case cifra.TooOften:
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := answered.Load(); got != 9 {
		t.Errorf("got %d guesses answered, want 9", got)
	}
	// Past the tenth only those that held a slot at that moment: two on each instance.
	if got := one.Hasher.Hashed() + two.Hasher.Hashed() - before; got > 10+3 {
		t.Errorf("got %d hashes, want 13 at most", got)
	}
}

func TestHashesAreRenewedWhenTheCostsChange(t *testing.T) {
	store, clock := newMemoryStore(), newTestClock()
	old := newWorldOn(t, store, clock, nil)
	u := old.register(t, "ana")
	w := newWorldOn(t, store, clock, nil)
	w.Hasher = NewHasher(HasherOptions{Params{Memory: 128, Passes: 1, Threads: 1}, 1}) // one slot: renewing must not wait for another
	signedIn, err := w.Login(t.Context(), "ana", goodPassword)
	wantCode(t, err, "")
	now, err := store.User(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(now.PasswordHash, "m=128") || now.PasswordHash != signedIn.PasswordHash {
		t.Errorf("got %s, want a hash with the new costs", now.PasswordHash)
	}
	if _, err := w.Verify(t.Context(), w.token(t, signedIn)); err != nil {
		t.Errorf("got %v, want a token from this sign-in to be valid", err)
	}
}

func TestSignInFailsClosedWithoutADatabase(t *testing.T) {
	w := newWorld(t)
	w.register(t, "ana")
	w.store.setDown(true)
	for range 2 * NameFailures {
		_, err := w.Login(t.Context(), "ana", goodPassword)
		wantCode(t, err, cifra.Unavailable)
	}
	w.store.setDown(false)
	_, err := w.Login(t.Context(), "ana", goodPassword)
	wantCode(t, err, "")
}

func TestSetPassword(t *testing.T) {
	w := newWorld(t)
	u := w.register(t, "ana")
	token := w.token(t, u)
	w.clock.Advance(time.Hour)
	if err := w.SetPassword(t.Context(), "ANA", "otra frase larga"); err != nil {
		t.Fatal(err)
	}
	_, err := w.Verify(t.Context(), token)
	wantCode(t, err, cifra.Unsigned)
	_, err = w.SessionUser(t.Context(), u.ID, w.Stamp(u))
	wantCode(t, err, cifra.Unsigned)
	_, err = w.Login(t.Context(), "ana", goodPassword)
	wantCode(t, err, cifra.Unsigned)
	_, err = w.Login(t.Context(), "ana", "otra frase larga")
	wantCode(t, err, "")
	wantCode(t, w.SetPassword(t.Context(), "ana", "password"), cifra.Impossible)
	wantCode(t, w.SetPassword(t.Context(), "nobody", goodPassword), cifra.NotFound)
}
