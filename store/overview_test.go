package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestOverview(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, address string) {
		now := time.Date(2026, 3, 14, 14, 7, 0, 0, time.UTC)
		db := storetest.Open(t, address, func(o *store.Options) { o.Now = func() time.Time { return now } })
		empty, err := db.Overview(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(empty.Rates)+len(empty.Promoted) != 0 || empty.P95 != 0 || empty.Today.Total != 0 || empty.PoolMax == 0 {
			t.Errorf("nothing has happened: got %+v, want only the size of the pool", empty)
		}

		n := 0
		answer := func(back, took time.Duration, source cifra.Source) {
			n++
			p := prediction(picture(n))
			p.CreatedAt, p.Provenance.Took, p.Provenance.Source = now.Add(-back), took, source
			if err := db.AddPrediction(t.Context(), p, picture(n), cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 20 { // within the last five minutes: 1 to 20 ms
			source := cifra.SourceModel
			if i%4 == 0 {
				source = cifra.SourceCache
			}
			answer(time.Duration(i)*time.Second, time.Duration(i+1)*time.Millisecond, source)
		}
		answer(30*time.Minute, time.Second, cifra.SourceCache)
		answer(cifra.RateSpan-time.Minute, time.Second, cifra.SourceModel)
		answer(cifra.RateSpan+time.Minute, time.Second, cifra.SourceModel) // too long ago

		for i, f := range []cifra.Feedback{
			{Guest: "guest-1", Correct: true, Prediction: 7, Label: 7},
			{Guest: "guest-2", Correct: true, Prediction: 7, Label: 7},
			{Guest: "guest-3", Prediction: 7, Label: 1},
			{Guest: "guest-4", Prediction: 7, Label: 1, CreatedAt: now.AddDate(0, 0, -1)},
		} {
			if _, err := db.AddFeedback(t.Context(), &f, "", cifra.Audit{Action: cifra.ActionFeedback}); err != nil {
				t.Fatalf("%d: %v", i, err)
			}
		}
		one, two := addModel(t, db, cifra.V2, "one"), addModel(t, db, cifra.V2, "two")
		for _, p := range []struct {
			id   string
			back time.Duration
		}{{one.ID, 8 * time.Hour}, {two.ID, time.Hour}} {
			a := cifra.Audit{Username: "eva", Action: cifra.ActionPromote, At: now.Add(-p.back)}
			if err := db.Promote(t.Context(), cifra.V2, p.id, "better", a); err != nil {
				t.Fatal(err)
			}
		}

		got, err := db.Overview(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		at := func(clock string) time.Time {
			v, err := time.Parse("15:04", clock)
			if err != nil {
				t.Fatal(err)
			}
			return time.Date(2026, 3, 14, v.Hour(), v.Minute(), 0, 0, time.UTC)
		}
		want := &cifra.Overview{
			Rates: []cifra.Rate{
				{At: at("08:00"), Answers: 1}, {At: at("13:30"), Answers: 1, Cached: 1}, {At: at("14:00"), Answers: 20, Cached: 5},
			},
			P95: 19 * time.Millisecond, Today: cifra.Tally{Total: 3, Correct: 2, Incorrect: 1},
			PoolInUse: got.PoolInUse, PoolMax: empty.PoolMax,
			Promoted: []cifra.Reign{{API: cifra.V2, Model: two.ID, Since: now.Add(-time.Hour), By: "eva", Reason: "better"}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("overview (-want +got):\n%s", diff)
		}
	})
}
