package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func TestSessions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := addUser(t, db, "ana")
		soon := storetest.Start.Add(time.Hour)
		for _, s := range []struct {
			token  string
			user   int64
			data   []byte
			expiry time.Time
		}{
			{"guest", 0, []byte("g\x00'\\"), soon},
			{"first", ana.ID, []byte("1"), soon},
			{"second", ana.ID, nil, soon},
			{"over", ana.ID, []byte("o"), storetest.Start.Add(-time.Second)},
			{"first", ana.ID, []byte("one"), soon.In(time.FixedZone("x", 7200))}, // again: in its place
		} {
			if err := db.CommitSession(t.Context(), hash(s.token), s.user, s.data, s.expiry); err != nil {
				t.Fatalf("%s: %v", s.token, err)
			}
		}
		for token, want := range map[string]string{"guest": "g\x00'\\", "first": "one", "second": ""} {
			data, found, err := db.FindSession(t.Context(), hash(token))
			if err != nil || !found || string(data) != want {
				t.Errorf("%s: got %q, %v, %v; want %q", token, data, found, err, want)
			}
		}
		for _, token := range []string{"over", "never"} {
			if data, found, err := db.FindSession(t.Context(), hash(token)); err != nil || found {
				t.Errorf("%s: got %q, %v, %v; want it not found, which is no error", token, data, found, err)
			}
		}
		all, err := db.AllSessions(t.Context())
		want := map[string][]byte{
			hex.EncodeToString(hash("guest")): []byte("g\x00'\\"), hex.EncodeToString(hash("first")): []byte("one"),
			hex.EncodeToString(hash("second")): {},
		}
		if diff := cmp.Diff(want, all); err != nil || diff != "" {
			t.Errorf("all: %v (-want +got):\n%s", err, diff)
		}
		wantCode(t, "a user who does not exist", db.CommitSession(t.Context(), hash("x"), 999, nil, soon), cifra.NotFound)
		for range 2 {
			if err := db.DeleteSession(t.Context(), hash("guest")); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
		if n, err := db.DeleteExpired(t.Context()); n != 1 || err != nil {
			t.Errorf("expired: got %d, %v; want 1", n, err)
		}
		if n, err := db.DeleteUserSessions(t.Context(), ana.ID); n != 2 || err != nil {
			t.Errorf("ana's: got %d, %v; want 2", n, err)
		}
		if got := store.Count(t, db, "sessions"); got != 0 {
			t.Errorf("got %d sessions left, want 0", got)
		}
	})
}

func TestRevokedTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, expires := range []time.Time{storetest.Start.Add(time.Hour), storetest.Start} {
			if err := db.RevokeToken(t.Context(), "a", expires); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.RevokeToken(t.Context(), "over", storetest.Start); err != nil {
			t.Fatal(err)
		}
		if n, err := db.DeleteExpired(t.Context()); n != 1 || err != nil {
			t.Errorf("expired: got %d, %v; want 1", n, err)
		}
		ana := addUser(t, db, "ana")
		_, _, err := db.TokenHolder(t.Context(), ana.ID+1, "a")
		wantCode(t, "nobody's", err, cifra.NotFound)
		for jti, want := range map[string]bool{"a": true, "over": false, "A": false, "": false} {
			if u, got, err := db.TokenHolder(t.Context(), ana.ID, jti); got != want || err != nil || u.Username != "ana" {
				t.Errorf("%q: got %v of %+v, %v; want %v of ana", jti, got, u, err, want)
			}
		}
	})
}

func TestMeta(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		_, err := db.Meta(t.Context(), "k")
		wantCode(t, "at first", err, cifra.NotFound)
		for _, v := range []string{"one", "two"} {
			if err := db.SetMeta(t.Context(), "k", v); err != nil {
				t.Fatal(err)
			}
			if got, err := db.Meta(t.Context(), "k"); got != v || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, v)
			}
		}
		for range 2 {
			if err := db.DeleteMeta(t.Context(), "k"); err != nil {
				t.Error(err)
			}
		}
		_, err = db.Meta(t.Context(), "k")
		wantCode(t, "at last", err, cifra.NotFound)
	})
}
