package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestUserRoundTrip(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		u := &cifra.User{
			Username: "Ана_Ñ", Role: cifra.RoleAdmin, Disabled: true, PasswordHash: "$argon2id$v=19$m=1,t=1,p=1$x$y",
			CreatedAt: time.Date(2024, 2, 29, 23, 59, 59, 999_999_999, time.FixedZone("x", -3600)),
		}
		if err := db.AddUser(t.Context(), u, cifra.Audit{Action: cifra.ActionRegister, IP: "::1"}); err != nil {
			t.Fatal(err)
		}
		if want := time.Date(2024, 3, 1, 0, 59, 59, 999_999_000, time.UTC); u.ID == 0 || u.CreatedAt != want {
			t.Errorf("got id %d and %v, want an id and %v", u.ID, u.CreatedAt, want)
		}
		byID, err := db.User(t.Context(), u.ID)
		if diff := cmp.Diff(u, byID); err != nil || diff != "" {
			t.Errorf("by id: %v (-want +got):\n%s", err, diff)
		}
		byName, err := db.UserByName(t.Context(), "аНА_ñ")
		if diff := cmp.Diff(u, byName); err != nil || diff != "" {
			t.Errorf("by name: %v (-want +got):\n%s", err, diff)
		}
		audits, _, err := db.Audits(t.Context(), cifra.AuditFilter{}, "", 0)
		if err != nil || len(audits) != 1 || audits[0].UserID != u.ID || audits[0].Username != u.Username || audits[0].IP != "::1" {
			t.Errorf("audit: got %+v, %v; want the user's own row", audits, err)
		}
		_, err = db.User(t.Context(), 999)
		wantCode(t, "an unknown id", err, cifra.NotFound)
		_, err = db.UserByName(t.Context(), "")
		wantCode(t, "no name", err, cifra.NotFound)
	})
}

func TestNamesThatAreOneAccount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		addUser(t, db, "Ana")
		addUser(t, db, "straße")
		for _, test := range []struct {
			name  string
			taken bool
		}{
			{"ana", true},
			{"ANA", true},
			{"Ａna", true}, // full-width A
			{"ana\x00", true},
			{"STRASSE", true},
			{"anа", false}, // Cyrillic а: another name, however it looks
			{"ana.", false},
			{"Ana_", false},
		} {
			err := db.AddUser(t.Context(), &cifra.User{Username: test.name, Role: cifra.RoleUser}, cifra.Audit{})
			var e *cifra.Error
			if taken := errors.As(err, &e) && e.Code == cifra.Conflict && e.Key == "error.username.taken"; taken != test.taken || (!taken && err != nil) {
				t.Errorf("%q: got %v, want taken: %v", test.name, err, test.taken)
			}
		}
		if got, want := store.Count(t, db, "audit"), 5; got != want {
			t.Errorf("got %d audit rows, want %d: a refused name has none", got, want)
		}
	})
}

func TestOfManyFirstAdminsOneWins(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if has, err := db.HasAdmin(t.Context()); has || err != nil {
			t.Errorf("at first: got %v, %v; want no admin", has, err)
		}
		addUser(t, db, "somebody")
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				errs[i] = db.AddFirstAdmin(t.Context(), &cifra.User{Username: fmt.Sprint("admin", i)}, cifra.Audit{Action: cifra.ActionSetup})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			if e, ok := asError(err); !ok || e.Code != cifra.Conflict || e.Key != "error.setup.done" {
				t.Errorf("got %v, want the conflict error.setup.done", err)
			}
		}
		if users := store.Count(t, db, "users"); won != 1 || users != 2 {
			t.Errorf("got %d winners and %d users, want 1 and 2", won, users)
		}
		if has, err := db.HasAdmin(t.Context()); !has || err != nil {
			t.Errorf("at last: got %v, %v; want an admin", has, err)
		}
	})
}

func TestChangingAUser(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, bea := addUser(t, db, "ana"), addUser(t, db, "bea")
		if err := db.AddFirstAdmin(t.Context(), &cifra.User{Username: "eva"}, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		by := cifra.Audit{UserID: bea.ID, Username: "bea", Action: "change"}
		for what, err := range map[string]error{
			"role":     db.SetRole(t.Context(), ana.ID, cifra.RoleAdmin, by),
			"password": db.SetPassword(t.Context(), ana.ID, "other", by),
			"disabled": db.SetDisabled(t.Context(), ana.ID, true, by),
		} {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		want := *ana
		want.Role, want.PasswordHash, want.Disabled = cifra.RoleAdmin, "other", true
		got, err := db.User(t.Context(), ana.ID)
		if diff := cmp.Diff(&want, got); err != nil || diff != "" {
			t.Errorf("ana: %v (-want +got):\n%s", err, diff)
		}
		got, err = db.User(t.Context(), bea.ID)
		if diff := cmp.Diff(bea, got); err != nil || diff != "" {
			t.Errorf("bea, who was not meant: %v (-want +got):\n%s", err, diff)
		}
		if audits, _, err := db.Audits(t.Context(), cifra.AuditFilter{Like: by}, "", 0); err != nil || len(audits) != 3 {
			t.Errorf("got %d audit rows, %v; want 3", len(audits), err)
		}
		wantCode(t, "nobody", db.SetRole(t.Context(), 999, cifra.RoleAdmin, by), cifra.NotFound)
		if err := db.SetRole(t.Context(), ana.ID, "emperor", by); err == nil {
			t.Error("got a role that does not exist, want an error")
		}
		if err := db.AddUser(t.Context(), &cifra.User{Username: strings.Repeat("a", 65), Role: cifra.RoleUser}, by); err == nil {
			t.Error("got a name of 65 characters, want an error")
		}
		if err := db.AddUser(t.Context(), &cifra.User{Username: strings.Repeat("ж", 64), Role: cifra.RoleUser}, by); err != nil {
			t.Errorf("a name of 64 characters: %v", err)
		}
	})
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var admins []*cifra.User
		for i := range 4 {
			u := addUser(t, db, fmt.Sprint("admin", i))
			if err := db.SetRole(t.Context(), u.ID, cifra.RoleAdmin, cifra.Audit{}); err != nil {
				t.Fatal(err)
			}
			admins = append(admins, u)
		}
		// Each is demoted or disabled, all at once: one of them must stay.
		errs := make([]error, len(admins))
		var wg sync.WaitGroup
		for i, u := range admins {
			wg.Go(func() {
				if i%2 == 0 {
					errs[i] = db.SetRole(t.Context(), u.ID, cifra.RoleUser, cifra.Audit{})
				} else {
					errs[i] = db.SetDisabled(t.Context(), u.ID, true, cifra.Audit{})
				}
			})
		}
		wg.Wait()
		stayed := 0
		for i, err := range errs {
			if err == nil {
				continue
			}
			stayed++
			if e, ok := asError(err); !ok || e.Code != cifra.Conflict || e.Key != "error.user.last-admin" {
				t.Errorf("got %v, want the conflict error.user.last-admin", err)
			}
			if u, err := db.User(t.Context(), admins[i].ID); err != nil || !u.IsAdmin() {
				t.Errorf("the last one: got %+v, %v; want an admin", u, err)
			}
		}
		if stayed != 1 {
			t.Errorf("got %d who stayed, want 1", stayed)
		}
	})
}
