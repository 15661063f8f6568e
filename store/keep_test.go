package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestManyPredictionsShareACommit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const callers = 200
		ana := cifra.Actor{Guest: "guest-1"}
		errs := make([]error, callers)
		ids := make([]string, callers)
		var wg sync.WaitGroup
		for i := range callers {
			pic := picture(i % 7)
			p := prediction(pic)
			p.ID, p.Guest = fmt.Sprintf("id-%d", i), ana.Guest
			if i == 99 {
				p.ID = "id-7" // taken, or taking it: one of the two fails, and nobody else
			}
			ids[i] = p.ID
			wg.Go(func() {
				errs[i] = db.AddPrediction(t.Context(), p, pic, cifra.Audit{Username: "ana", Action: cifra.ActionPredictV2, Details: p.ID})
			})
		}
		wg.Wait()
		for i, err := range errs {
			switch i {
			case 7, 99:
			default:
				if err != nil {
					t.Errorf("prediction %d: got %v, want no error", i, err)
				}
			}
		}
		if (errs[7] == nil) == (errs[99] == nil) {
			t.Errorf("two with one id: got %v and %v, want one error", errs[7], errs[99])
		}
		for i, id := range ids {
			if _, err := db.Prediction(t.Context(), id); err != nil {
				t.Errorf("prediction %d: got %v, want it", i, err)
			}
		}
		seen := map[string]int{}
		for cursor := ""; ; {
			audits, next, err := db.Audits(t.Context(), cifra.AuditFilter{}, cursor, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range audits {
				seen[a.Details]++
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if len(seen) != callers-1 {
			t.Errorf("got %d different audit rows, want %d", len(seen), callers-1)
		}
		for details, n := range seen {
			if n != 1 {
				t.Errorf("got %d audit rows of %s, want 1", n, details)
			}
		}
		if events, err := db.Events(t.Context(), 0, 0); err != nil || len(events) != callers-1 {
			t.Errorf("got %d events, %v; want %d", len(events), err, callers-1)
		}
	})
}

func TestWhoHasGoneIsNotKeptAndHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		pic := picture(1)
		p, q := prediction(pic), prediction(pic)
		p.ID, q.ID = "gone", "here"
		if err := db.AddPrediction(gone, p, pic, cifra.Audit{Action: cifra.ActionPredictV2}); err == nil {
			t.Error("got no error for a caller who has gone, want one")
		}
		if err := db.AddPrediction(t.Context(), q, pic, cifra.Audit{Action: cifra.ActionPredictV2}); err != nil {
			t.Error(err)
		}
		_, err := db.Prediction(t.Context(), "gone")
		wantCode(t, "the one of who has gone", err, cifra.NotFound)
	})
}
