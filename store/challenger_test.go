package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestAChallengerBesideTheChampion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		asRoot := cifra.Audit{Username: "root", Action: cifra.ActionHold}
		champion, held, other := addModel(t, db, cifra.V2, "champion"), addModel(t, db, cifra.V2, "held"), addModel(t, db, cifra.V2, "other")
		first := addModel(t, db, cifra.V1, "the other API's")
		if err := db.Promote(ctx, cifra.V2, champion.ID, "", cifra.Audit{Action: cifra.ActionPromote}); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "the champion itself", db.HoldChallenger(ctx, champion.ID, asRoot), cifra.Conflict)
		wantCode(t, "none of this name", db.HoldChallenger(ctx, "v2-00000000", asRoot), cifra.NotFound)
		wantCode(t, "ending none", db.ReleaseChallenger(ctx, cifra.V2, asRoot), cifra.NotFound)
		ids := func() (list []string) {
			t.Helper()
			all, err := db.Challengers(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				list = append(list, string(c.API)+" "+c.Model+" by "+c.By)
			}
			return list
		}
		for _, id := range []string{other.ID, held.ID, held.ID, first.ID} { // held once more changes nothing
			if err := db.HoldChallenger(ctx, id, asRoot); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"v2 " + held.ID + " by root", "v1 " + first.ID + " by root"}, ids()); diff != "" {
			t.Errorf("held (-want +got):\n%s", diff)
		}
		lines, _, err := db.Audits(ctx, cifra.AuditFilter{Like: cifra.Audit{Action: cifra.ActionHold}}, "", 10)
		if err != nil || len(lines) != 3 {
			t.Errorf("got %d lines in the book, %v; want 3", len(lines), err)
		}

		all, err := db.Challengers(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		answer := func(model string, sure bool, label int) {
			n++
			pic := picture(n)
			p := prediction(pic)
			p.Reading.Model, p.Reading.Sure, p.CreatedAt = model, sure, all[0].Since
			if err := db.AddPrediction(ctx, p, pic, cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
				t.Fatal(err)
			}
			if label != cifra.NoLabel {
				say(t, db, cifra.Actor{Guest: "guest-1"}, p, label) //nolint:contextcheck // it takes the test's own
			}
		}
		for range 3 {
			answer(champion.ID, true, 7)
		}
		answer(champion.ID, false, 1)
		answer(held.ID, true, 7)
		answer(held.ID, false, cifra.NoLabel)
		answer(other.ID, true, 1)
		got, err := db.Compare(ctx, all[0], champion.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := &cifra.Contest{
			API: cifra.V2, Since: all[0].Since,
			Champion:   cifra.Faring{Model: champion.ID, Answers: 4, Sure: 3, Said: cifra.Tally{Total: 4, Correct: 3, Incorrect: 1}},
			Challenger: cifra.Faring{Model: held.ID, Answers: 2, Sure: 1, Said: cifra.Tally{Total: 1, Correct: 1}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("beside each other (-want +got):\n%s", diff)
		}

		// What is promoted is no challenger any more, and what isn't stays one.
		if err := db.Promote(ctx, cifra.V2, held.ID, "", cifra.Audit{Action: cifra.ActionPromote}); err != nil {
			t.Fatal(err)
		}
		if got := ids(); len(got) != 1 || got[0] != "v1 "+first.ID+" by root" {
			t.Errorf("after its promotion: got %v, want v1's alone", got)
		}
		if err := db.ReleaseChallenger(ctx, cifra.V1, cifra.Audit{Action: cifra.ActionRelease}); err != nil || len(ids()) != 0 {
			t.Errorf("got %v, %v; want none", ids(), err)
		}
	})
}

func TestFeedbackAboutSomePredictions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := cifra.Actor{User: addUser(t, db, "ana")}
		one, two, three := addPrediction(t, db, ana, 1), addPrediction(t, db, ana, 2), addPrediction(t, db, ana, 3)
		say(t, db, ana, one, 1)
		last := say(t, db, ana, one, 4)
		taken := say(t, db, ana, two, 7)
		if err := db.WithdrawFeedback(t.Context(), taken.ID, ana, storetest.Start, cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		say(t, db, ana, three, 7)
		got, err := db.FeedbackAbout(t.Context(), []string{one.ID, two.ID, "nobody's"})
		if err != nil || len(got) != 1 || got[one.ID] == nil || got[one.ID].ID != last.ID || got[one.ID].Label != 4 {
			t.Errorf("got %+v, %v; want what was last said of the first alone", got, err)
		}
		if none, err := db.FeedbackAbout(t.Context(), nil); err != nil || len(none) != 0 {
			t.Errorf("of none: got %v, %v", none, err)
		}
	})
}
