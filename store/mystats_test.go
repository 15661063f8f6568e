package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestMyStatsCountOnesOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, eve := cifra.Actor{User: addUser(t, db, "ana")}, cifra.Actor{User: addUser(t, db, "eve")}
		check := func(what string, who cifra.Actor, want cifra.MyStats) {
			t.Helper()
			got, err := db.MyStats(t.Context(), who.UserID())
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		none := cifra.MyStats{ByAPI: map[cifra.API]int64{cifra.V1: 0, cifra.V2: 0}}
		check("nothing yet", ana, none)
		first := addPrediction(t, db, ana, 1)
		second := addPrediction(t, db, ana, 2)
		addPrediction(t, db, cifra.Actor{Guest: "guest-1"}, 3)
		addPrediction(t, db, eve, 4)
		say(t, db, ana, first, 7)
		say(t, db, ana, first, 7) // again: it is one label
		wrong := say(t, db, ana, second, 3)
		want := cifra.MyStats{
			Drawings: 2, ByDigit: [10]int64{7: 2}, ByAPI: map[cifra.API]int64{cifra.V1: 0, cifra.V2: 2}, Cached: 2, Judged: 2, Right: 1,
			Since: first.CreatedAt,
		}
		check("two drawings", ana, want)
		if err := db.WithdrawFeedback(t.Context(), wrong.ID, ana, time.Time{}, cifra.Audit{Action: cifra.ActionWithdraw}); err != nil {
			t.Fatal(err)
		}
		want.Judged = 1
		check("one of them not judged", ana, want)
		check("a guest has none", cifra.Actor{Guest: "guest-1"}, none)
	})
}
