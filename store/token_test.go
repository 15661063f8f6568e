package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// TestHoldersAskedTogether has many ask while a statement is on its way: they share the next ones, each is told of their
// own token, also of what was revoked a moment before they asked, and nobody waits for one who has left.
func TestHoldersAskedTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const callers = 120
		users := make([]*cifra.User, 7)
		for i := range users {
			users[i] = addUser(t, db, fmt.Sprintf("user%d", i))
		}
		begun, on := make(chan struct{}), make(chan struct{})
		var statements atomic.Int64
		asked := store.BeforeReading(db, func(n int) {
			if statements.Add(1); n == 0 {
				close(begun)
				<-on
			}
		})
		var all sync.WaitGroup
		all.Go(func() {
			if _, revoked, err := asked.TokenHolder(t.Context(), users[0].ID, "first"); revoked || err != nil {
				t.Errorf("the first: got %v, %v; want it valid", revoked, err)
			}
		})
		<-begun
		if err := db.RevokeToken(t.Context(), "over", storetest.Start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, _, err := asked.TokenHolder(gone, users[0].ID, "over"); !errors.Is(err, context.Canceled) {
			t.Errorf("who left: got %v, want Canceled", err)
		}
		for i := range callers {
			all.Go(func() {
				who, jti := users[i%len(users)], []string{"over", "valid", ""}[i%3]
				u, revoked, err := asked.TokenHolder(t.Context(), who.ID, jti)
				if err != nil || revoked != (jti == "over") || u.Username != who.Username {
					t.Errorf("%q: got %+v, %v, %v; want %s's", jti, u, revoked, err, who.Username)
				}
			})
		}
		all.Go(func() {
			_, _, err := asked.TokenHolder(t.Context(), 999, "valid")
			wantCode(t, "nobody's", err, cifra.NotFound)
		})
		for store.HoldersWaiting(asked) < 1+callers+1 { // who left among them
			runtime.Gosched()
		}
		close(on)
		all.Wait()
		if got := statements.Load(); got != 3 {
			t.Errorf("%d callers took %d statements, want 3: the first one's, and two of 64 at most", callers+2, got)
		}
	})
}
