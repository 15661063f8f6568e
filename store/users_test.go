package store_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestUsersByPage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, name := range []string{"zoe", "Ana", "eve_1", "eveX1", "bea", "mañana"} {
			addUser(t, db, name)
		}
		bea, err := db.UserByName(t.Context(), "bea")
		if err != nil {
			t.Fatal(err)
		}
		if err := db.SetRole(t.Context(), bea.ID, cifra.RoleAdmin, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		zoe, err := db.UserByName(t.Context(), "zoe")
		if err != nil {
			t.Fatal(err)
		}
		if err := db.SetDisabled(t.Context(), zoe.ID, true, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		for i, expiry := range []time.Duration{time.Hour, 2 * time.Hour, -time.Hour} {
			if err := db.CommitSession(t.Context(), hash(strconv.Itoa(i)), bea.ID, nil, storetest.Start.Add(expiry)); err != nil {
				t.Fatal(err)
			}
		}
		yes, no := true, false
		for _, tt := range []struct {
			name   string
			filter cifra.UserFilter
			want   []string
		}{
			{"all", cifra.UserFilter{}, []string{"Ana", "bea", "eve_1", "eveX1", "mañana", "zoe"}},
			{"by a part of the name", cifra.UserFilter{Name: "AN"}, []string{"Ana", "mañana"}},
			{"by a letter outside of ASCII", cifra.UserFilter{Name: "AÑA"}, []string{"mañana"}},
			{"by a name with a sign that means something", cifra.UserFilter{Name: "e_1"}, []string{"eve_1"}},
			{"by one with another", cifra.UserFilter{Name: "%"}, nil},
			{"admins", cifra.UserFilter{Role: cifra.RoleAdmin}, []string{"bea"}},
			{"the disabled", cifra.UserFilter{Disabled: &yes}, []string{"zoe"}},
			{"the others", cifra.UserFilter{Disabled: &no, Role: cifra.RoleUser, Name: "e"}, []string{"eve_1", "eveX1"}},
		} {
			var got []string
			for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
				accounts, next, err := db.Users(t.Context(), tt.filter, cursor, 2)
				if err != nil {
					t.Fatalf("%s: %v", tt.name, err)
				}
				for _, a := range accounts {
					got = append(got, a.Username)
					if want := map[string]int{"bea": 2}[a.Username]; a.Sessions != want || a.PasswordHash != "" {
						t.Errorf("%s: got %+v, want %d sessions and no hash", tt.name, a, want)
					}
				}
				cursor = next
			}
			// Databases order "_" and letters each in their own way.
			if diff := cmp.Diff(asSet(tt.want), asSet(got)); diff != "" || len(got) != len(tt.want) {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
		_, _, err = db.Users(t.Context(), cifra.UserFilter{}, "!", 2)
		wantCode(t, "a cursor that nobody gave out", err, cifra.Invalid)
		if accounts, _, err := db.Users(t.Context(), cifra.UserFilter{}, "__", 2); cifra.CodeOf(err) != cifra.Invalid {
			t.Errorf("one that is no text: got %v, %v", accounts, err)
		}
	})
}

func asSet(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

func TestRightsEndSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		root, ana := addUser(t, db, "root"), addUser(t, db, "ana")
		if err := db.SetRole(t.Context(), root.ID, cifra.RoleAdmin, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name string
			do   func() error
		}{
			{"another role", func() error { return db.SetRole(t.Context(), ana.ID, cifra.RoleAdmin, cifra.Audit{}) }},
			{"disabled", func() error { return db.SetDisabled(t.Context(), ana.ID, true, cifra.Audit{}) }},
		} {
			for _, u := range []*cifra.User{root, ana} {
				if err := db.CommitSession(t.Context(), hash(u.Username), u.ID, nil, storetest.Start.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			if err := tt.do(); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			theirs, err := db.UserSessions(t.Context(), ana.ID)
			if err != nil || len(theirs) != 0 {
				t.Errorf("%s: got %d sessions, %v, want none", tt.name, len(theirs), err)
			}
			if others, err := db.UserSessions(t.Context(), root.ID); err != nil || len(others) != 1 {
				t.Errorf("%s: got %d sessions of somebody else, %v, want the one", tt.name, len(others), err)
			}
		}
	})
}

func TestResets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := addUser(t, db, "ana")
		line := cifra.Audit{UserID: ana.ID, Username: "ana", Action: cifra.ActionPassword}
		soon := storetest.Start.Add(time.Hour)
		wantCode(t, "for nobody", db.AddReset(t.Context(), 999, hash("x"), soon, line), cifra.NotFound)
		for code, until := range map[string]time.Time{"old": storetest.Start, "first": soon, "second": soon} {
			if code != "second" {
				if err := db.AddReset(t.Context(), ana.ID, hash(code), until, line); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := db.AddReset(t.Context(), ana.ID, hash("second"), soon, line); err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"old", "first", "never"} {
			_, err := db.UserOfReset(t.Context(), hash(code))
			wantCode(t, code, err, cifra.NotFound)
			wantCode(t, code, db.UseReset(t.Context(), hash(code), "other", line), cifra.NotFound)
		}
		if u, err := db.UserOfReset(t.Context(), hash("second")); err != nil || u.ID != ana.ID {
			t.Errorf("got %+v, %v, want ana", u, err)
		}
		if err := db.CommitSession(t.Context(), hash("session"), ana.ID, nil, soon); err != nil {
			t.Fatal(err)
		}
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = db.UseReset(t.Context(), hash("second"), fmt.Sprint("hash ", i), line) })
		}
		wg.Wait()
		won := 0
		for i, err := range errs {
			if err != nil {
				wantCode(t, "whoever came later", err, cifra.NotFound)
				continue
			}
			won++
			if u, err := db.User(t.Context(), ana.ID); err != nil || u.PasswordHash != fmt.Sprint("hash ", i) {
				t.Errorf("got %+v, %v, want the password of who was first", u, err)
			}
		}
		if won != 1 {
			t.Errorf("got %d who used it, want 1", won)
		}
		if sessions, err := db.UserSessions(t.Context(), ana.ID); err != nil || len(sessions) != 0 {
			t.Errorf("got %d sessions, %v, want them ended", len(sessions), err)
		}
	})
}
