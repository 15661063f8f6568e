package store_test

import (
	"testing"
	"time"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestDrawingsGoWithTheirRetention(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		const old = 450 // more than two batches
		shared := picture(0)
		var ids []string
		for n := range old + 2 {
			pic := picture(n % 7)
			p := prediction(pic)
			p.Guest, p.CreatedAt = "guest-1", day.Add(time.Duration(n)*time.Minute)
			if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, p.ID)
		}
		n, err := db.DeletePredictionsBefore(t.Context(), day.Add(old*time.Minute))
		if err != nil || n != old {
			t.Fatalf("got %d deleted, %v, want %d", n, err, old)
		}
		_, err = db.Prediction(t.Context(), ids[old-1])
		wantCode(t, "the last old one", err, cifra.NotFound)
		for _, id := range ids[old:] {
			if _, err := db.Prediction(t.Context(), id); err != nil {
				t.Errorf("one that is young enough: %v", err)
			}
		}
		if n, err := db.DeletePredictionsBefore(t.Context(), day.Add(old*time.Minute)); err != nil || n != 0 {
			t.Errorf("again: got %d deleted, %v, want none", n, err)
		}
		// A picture to which nothing refers is gone, so that it can be kept anew.
		p := prediction(shared)
		if err := db.AddPrediction(t.Context(), p, shared, cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
			t.Errorf("keeping a deleted picture again: %v", err)
		}
	})
}
