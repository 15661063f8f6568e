package store_test

import (
	"encoding/json"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

func TestModelRoundTrip(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first, second := addModel(t, db, cifra.V2, "weights\x00\xff'\\"), addModel(t, db, cifra.V2, "others")
		addModel(t, db, cifra.V1, "of the other API")
		got, err := db.Model(t.Context(), first.ID)
		want := *first
		want.CreatedAt = got.CreatedAt
		if diff := cmp.Diff(&want, got); err != nil || diff != "" || got.CreatedAt.IsZero() {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		versions, err := db.Models(t.Context(), cifra.V2)
		if err != nil || len(versions) != 2 || versions[0].ID != second.ID || versions[1].ID != first.ID || versions[0].Weights != nil {
			t.Errorf("all of v2: got %+v, %v; want both, the newest first, without weights", versions, err)
		}
		_, err = db.Model(t.Context(), "v2-00000000")
		wantCode(t, "an unknown version", err, cifra.NotFound)

		again := *first
		again.Note, again.CreatedAt = "another note", storetest.Start
		if err := db.AddModel(t.Context(), &again); err != nil {
			t.Errorf("again: %v", err)
		}
		if got, err := db.Model(t.Context(), first.ID); err != nil || got.Note != first.Note {
			t.Errorf("after adding it again: got note %q, %v; want it as it was", got.Note, err)
		}
		other := *second
		other.ID = first.ID
		wantCode(t, "other weights under the same id", db.AddModel(t.Context(), &other), cifra.Conflict)
		other.Weights = []byte("Others")
		wantCode(t, "weights that are not those of the hash", db.AddModel(t.Context(), &other), cifra.Impossible)
	})
}

func TestWeightsThatWereChangedAreNeitherReadNorPromoted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		good, bad := addModel(t, db, cifra.V1, "good"), addModel(t, db, cifra.V1, "to be changed")
		if err := db.Promote(t.Context(), cifra.V1, good.ID, "first", cifra.Audit{}); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Raw(db).ExecContext(t.Context(), "UPDATE models SET weights = ? WHERE id = ?", []byte("to be changeD"), bad.ID); err != nil {
			t.Fatal(err)
		}
		_, err := db.Model(t.Context(), bad.ID)
		wantCode(t, "read", err, cifra.Impossible)
		wantCode(t, "promote", db.Promote(t.Context(), cifra.V1, bad.ID, "", cifra.Audit{}), cifra.Impossible)
		if id, err := db.Champion(t.Context(), cifra.V1); id != good.ID || err != nil {
			t.Errorf("got champion %q, %v; want the last good one", id, err)
		}
	})
}

func TestPromotionAndHistory(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b, other := addModel(t, db, cifra.V2, "a"), addModel(t, db, cifra.V2, "b"), addModel(t, db, cifra.V1, "c")
		_, err := db.Champion(t.Context(), cifra.V2)
		wantCode(t, "before any promotion", err, cifra.NotFound)
		last, err := db.LastSeq(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		by := cifra.Audit{Username: "ana", Action: cifra.ActionPromote}
		for _, id := range []string{a.ID, b.ID, b.ID, a.ID} { // b twice: the second time changes nothing
			if err := db.Promote(t.Context(), cifra.V2, id, "because of "+id, by); err != nil {
				t.Fatal(err)
			}
			if got, err := db.Champion(t.Context(), cifra.V2); got != id || err != nil {
				t.Errorf("got champion %q, %v; want %q", got, err, id)
			}
		}
		reigns, err := db.Reigns(t.Context(), cifra.V2)
		if err != nil || len(reigns) != 3 {
			t.Fatalf("got %+v, %v; want 3 reigns", reigns, err)
		}
		for i, id := range []string{a.ID, b.ID, a.ID} {
			r := reigns[i]
			if r.API != cifra.V2 || r.Model != id || r.By != "ana" || r.Reason != "because of "+id {
				t.Errorf("reign %d: got %+v, want that of %s", i, r, id)
			}
			if i == 0 && !r.Until.IsZero() || i > 0 && r.Until != reigns[i-1].Since {
				t.Errorf("reign %d: got until %v, want when the next began", i, r.Until)
			}
		}
		events, err := db.Events(t.Context(), last, 0)
		if err != nil || len(events) != 3 {
			t.Fatalf("got %+v, %v; want an event for each of 3", events, err)
		}
		var fact map[string]any
		if err := json.Unmarshal(events[1].Data, &fact); err != nil {
			t.Fatal(err)
		}
		delete(fact, "timestamp")
		want := map[string]any{"api": "v2", "model": b.ID, "previous": a.ID, "by": "ana", "reason": "because of " + b.ID}
		if diff := cmp.Diff(want, fact); diff != "" || events[1].Kind != cifra.EventModelPromoted {
			t.Errorf("got kind %s (-want +got):\n%s", events[1].Kind, diff)
		}
		if audits, _, err := db.Audits(t.Context(), cifra.AuditFilter{Like: by}, "", 0); err != nil || len(audits) != 3 {
			t.Errorf("got %d audit rows, %v; want 3", len(audits), err)
		}
		wantCode(t, "an unknown version", db.Promote(t.Context(), cifra.V2, "v2-00000000", "", by), cifra.NotFound)
		wantCode(t, "a version of the other API", db.Promote(t.Context(), cifra.V2, other.ID, "", by), cifra.Impossible)
	})
}

func TestManyPromotionsAtOnceLeaveOneChampion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var ids []string
		for i := range 4 {
			ids = append(ids, addModel(t, db, cifra.V1, strconv.Itoa(i)).ID)
		}
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() {
				for range 5 {
					if err := db.Promote(t.Context(), cifra.V1, id, "", cifra.Audit{}); err != nil {
						t.Errorf("promote: %v", err)
					}
				}
			})
		}
		wg.Wait()
		reigns, err := db.Reigns(t.Context(), cifra.V1)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range reigns {
			if (i == 0) != r.Until.IsZero() {
				t.Errorf("reign %d: got until %v, want only the first without an end", i, r.Until)
			}
			if i > 0 && r.Model == reigns[i-1].Model {
				t.Errorf("reign %d: got %s twice in a row", i, r.Model)
			}
		}
	})
}
