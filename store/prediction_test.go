package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestPredictionRoundTrip(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := addUser(t, db, "Ana")
		pic := picture(1)
		p := prediction(pic)
		p.UserID = ana.ID
		p.CreatedAt = time.Date(2026, 3, 29, 2, 30, 0, 1_234_567, time.FixedZone("CEST", 7200))
		p.Provenance.ComputedAt = p.CreatedAt
		if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{UserID: ana.ID, Username: "Ana", Action: cifra.ActionPredictV2}); err != nil {
			t.Fatal(err)
		}
		got, err := db.Prediction(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := &cifra.Recognition{Prediction: *p, Picture: *pic}
		want.CreatedAt = time.Date(2026, 3, 29, 0, 30, 0, 1_234_000, time.UTC)
		want.Provenance.ComputedAt = want.Provenance.ComputedAt.UTC()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what was kept (-want +got):\n%s", diff)
		}
		if got.CreatedAt.Location() != time.UTC {
			t.Errorf("got a time in %v, want UTC", got.CreatedAt.Location())
		}
		_, err = db.Prediction(t.Context(), "nothing")
		wantCode(t, "an unknown id", err, cifra.NotFound)
		again := *p
		wantCode(t, "an id twice", db.AddPrediction(t.Context(), &again, pic, cifra.Audit{}), cifra.Conflict)
		again.ID, again.UserID = "other", 999
		wantCode(t, "a user who does not exist", db.AddPrediction(t.Context(), &again, pic, cifra.Audit{}), cifra.NotFound)
		again.UserID, again.ImageHash = 0, "other"
		if err := db.AddPrediction(t.Context(), &again, pic, cifra.Audit{}); err == nil {
			t.Error("a prediction about one image with the picture of another was kept")
		}
	})
}

func TestAPredictionThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		pic := picture(1)
		p := prediction(pic)
		p.Reading.Digit = 12 // refused by the table, after the image was written
		if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{}); err == nil {
			t.Fatal("a digit of 12 was kept")
		}
		for _, table := range []string{"images", "predictions", "audit", "events"} {
			if n := store.Count(t, db, table); n != 0 {
				t.Errorf("%s: got %d rows, want none", table, n)
			}
		}
	})
}

func TestHistoryByKeyset(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, guest := cifra.Actor{User: addUser(t, db, "ana")}, cifra.Actor{Guest: "guest-7"}
		at := storetest.Start
		var want []string // newest first
		for i := range 25 {
			who := ana
			if i%5 == 4 {
				who = guest
			}
			p, pic := prediction(picture(i%3)), picture(i%3)
			// Three predictions share each time; fractions of seconds have different numbers of digits.
			p.ID, p.CreatedAt = fmt.Sprintf("id-%02d", i), at.Add(time.Duration(i/3)*time.Millisecond*50)
			p.UserID, p.Guest = who.UserID(), who.Guest
			if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{}); err != nil {
				t.Fatal(err)
			}
			if who.User != nil {
				want = append([]string{p.ID}, want...)
			}
		}
		for _, perPage := range []int{1, 3, 7, 20, 1000} {
			var got []string
			cursor, pages := "", 0
			for pages == 0 || cursor != "" {
				items, next, err := db.Predictions(t.Context(), ana, cifra.HistoryFilter{}, cursor, perPage)
				if err != nil {
					t.Fatal(err)
				}
				if len(items) == 0 && pages > 0 {
					t.Error("got an empty page after a cursor, want none")
				}
				for _, p := range items {
					got = append(got, p.ID)
				}
				cursor = next
				pages++
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pages of %d (-want +got):\n%s", perPage, diff)
			}
		}
		items, next, err := db.Predictions(t.Context(), guest, cifra.HistoryFilter{}, "", 0)
		if err != nil || len(items) != 5 || next != "" {
			t.Errorf("the guest's: got %d, %q, %v; want 5 on one page", len(items), next, err)
		}
		items, _, err = db.Predictions(t.Context(), cifra.Actor{}, cifra.HistoryFilter{}, "", 0)
		if err != nil || len(items) != 0 {
			t.Errorf("nobody's: got %d, %v; want none", len(items), err)
		}
		for _, cursor := range []string{"x", "!", "AAAA", "OTk5OTk5OTk5OTk5OTk5OTk5IGE"} {
			_, _, err := db.Predictions(t.Context(), ana, cifra.HistoryFilter{}, cursor, 0)
			wantCode(t, "cursor "+cursor, err, cifra.Invalid)
		}
	})
}

func TestAPictureLastsAsLongAsAPredictionAboutIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first, second := addPrediction(t, db, cifra.Actor{}, 1), addPrediction(t, db, cifra.Actor{}, 1)
		deletion := cifra.Audit{Action: cifra.ActionDelete}
		if got := store.Count(t, db, "images"); got != 1 {
			t.Errorf("got %d images of two predictions about one, want 1", got)
		}
		if err := db.DeletePrediction(t.Context(), first.ID, deletion); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Prediction(t.Context(), second.ID); err != nil {
			t.Errorf("the other prediction: %v", err)
		}
		wantCode(t, "deleting twice", db.DeletePrediction(t.Context(), first.ID, deletion), cifra.NotFound)
		if err := db.DeletePrediction(t.Context(), second.ID, deletion); err != nil {
			t.Fatal(err)
		}
		if got := store.Count(t, db, "images"); got != 0 {
			t.Errorf("got %d images of no prediction, want 0", got)
		}
		audits, _, err := db.Audits(t.Context(), cifra.AuditFilter{Like: cifra.Audit{Action: cifra.ActionDelete}}, "", 0)
		if err != nil || len(audits) != 2 {
			t.Errorf("got %d audit rows of deletions, %v; want 2", len(audits), err)
		}
	})
}

func TestAddingAndDeletingOnePictureAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 15 {
					pic := picture(1)
					p := prediction(pic)
					if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{}); err != nil {
						t.Errorf("add: %v", err)
						return
					}
					if _, err := db.Prediction(t.Context(), p.ID); err != nil {
						t.Errorf("read: %v", err)
					}
					if err := db.DeletePrediction(t.Context(), p.ID, cifra.Audit{}); err != nil {
						t.Errorf("delete: %v", err)
					}
				}
			})
		}
		wg.Wait()
		for _, table := range []string{"images", "predictions"} {
			if got := store.Count(t, db, table); got != 0 {
				t.Errorf("%s: got %d rows at the end, want 0", table, got)
			}
		}
	})
}

func TestWhatAGuestDidGoesWithThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana, bea := addUser(t, db, "ana"), addUser(t, db, "bea")
		guest, other := cifra.Actor{Guest: "guest-1"}, cifra.Actor{Guest: "guest-2"}
		var ids []string
		for i := range 30 {
			ids = append(ids, addPrediction(t, db, guest, i).ID)
		}
		addPrediction(t, db, other, 1)

		// Two sign-ins of the guest and deletions, all at once: each prediction ends with one owner, or deleted.
		var wg sync.WaitGroup
		claimed := make([]int64, 2)
		for i, u := range []*cifra.User{ana, bea} {
			wg.Go(func() {
				n, err := db.ClaimGuest(t.Context(), guest.Guest, u.ID)
				if err != nil {
					t.Errorf("claim: %v", err)
				}
				claimed[i] = n
			})
		}
		for _, id := range ids[:10] {
			wg.Go(func() {
				if err := db.DeletePrediction(t.Context(), id, cifra.Audit{}); err != nil {
					t.Errorf("delete: %v", err)
				}
			})
		}
		wg.Wait()
		total := 0
		for _, u := range []*cifra.User{ana, bea} {
			items, _, err := db.Predictions(t.Context(), cifra.Actor{User: u}, cifra.HistoryFilter{}, "", 100)
			if err != nil {
				t.Fatal(err)
			}
			total += len(items)
		}
		if total != 20 {
			t.Errorf("got %d predictions of the two users, want 20", total)
		}
		if sum := claimed[0] + claimed[1]; sum < 20 || sum > 30 {
			t.Errorf("got %d claimed, want those that were not deleted first: 20 to 30", sum)
		}
		for _, who := range []cifra.Actor{guest, other} {
			items, _, err := db.Predictions(t.Context(), who, cifra.HistoryFilter{}, "", 100)
			if want := map[string]int{"guest-1": 0, "guest-2": 1}[who.Guest]; err != nil || len(items) != want {
				t.Errorf("%s: got %d, %v; want %d", who.Guest, len(items), err, want)
			}
		}
		if n, err := db.ClaimGuest(t.Context(), "", ana.ID); n != 0 || err != nil {
			t.Errorf("nobody's: got %d, %v; want none, and no error", n, err)
		}
		_, err := db.ClaimGuest(t.Context(), other.Guest, 999)
		wantCode(t, "a user who does not exist", err, cifra.NotFound)
	})
}
