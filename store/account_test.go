package store_test

import (
	"fmt"
	"sync"
	"testing"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestRenewPassword(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		u := addUser(t, db, "ana")
		steps := []struct {
			name      string
			id        int64
			old, hash string
			code      cifra.Code
			want      string // what is kept then
		}{
			{"the hash that is kept", u.ID, "$argon2id$", "$argon2id$new", "", "$argon2id$new"},
			{"a hash that was replaced meanwhile", u.ID, "$argon2id$", "$argon2id$late", cifra.Conflict, "$argon2id$new"},
			{"nobody's", u.ID + 1, "$argon2id$", "$argon2id$x", cifra.Conflict, "$argon2id$new"},
		}
		for _, tt := range steps {
			err := db.RenewPassword(t.Context(), tt.id, tt.old, tt.hash)
			if got := cifra.CodeOf(err); got != tt.code {
				t.Errorf("%s: got %q (%v), want %q", tt.name, got, err, tt.code)
			}
			now, err := db.User(t.Context(), u.ID)
			if err != nil {
				t.Fatal(err)
			}
			if now.PasswordHash != tt.want {
				t.Errorf("%s: got %q kept, want %q", tt.name, now.PasswordHash, tt.want)
			}
		}
	})
}

func TestKeepMetaGivesAllTheSame(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		kept := make([]string, 10)
		var wg sync.WaitGroup
		for i := range kept {
			wg.Go(func() {
				var err error
				if kept[i], err = db.KeepMeta(t.Context(), "nonce", fmt.Sprint("value ", i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, k := range kept {
			if k == "" || k != kept[0] {
				t.Errorf("got %q, want the same for all", kept)
				break
			}
		}
		if err := db.DeleteMeta(t.Context(), "nonce"); err != nil {
			t.Fatal(err)
		}
		if got, err := db.KeepMeta(t.Context(), "nonce", "next"); err != nil || got != "next" {
			t.Errorf("got %q, %v after it was deleted, want the new one", got, err)
		}
	})
}
