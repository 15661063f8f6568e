package store_test

import (
	"fmt"
	"strings"
	"testing"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// History must cost the same however much of it there is: the rows are read from the index in their order,
// from the cursor on, neither sorted nor counted off.
func TestHistoryIsReadFromItsIndex(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ana := cifra.Actor{User: addUser(t, db, "ana")}
		guest, all, seven := cifra.Actor{Guest: "guest-1"}, cifra.HistoryFilter{}, 7
		p := addPrediction(t, db, ana, 1)
		fill(t, db, enough(db))
		if _, err := store.Raw(db).ExecContext(t.Context(), "ANALYZE"); err != nil {
			t.Fatal(err)
		}
		_, cursor, err := db.Predictions(t.Context(), ana, cifra.HistoryFilter{}, "", 1)
		if err != nil || cursor == "" {
			t.Fatalf("got cursor %q, %v; want one", cursor, err)
		}
		for _, test := range []struct {
			name   string
			who    cifra.Actor
			filter cifra.HistoryFilter
			cursor string
			index  string
		}{
			{"a user's first page", ana, all, "", "predictions_user"},
			{"a user's next page", ana, all, cursor, "predictions_user"},
			{"a user's sevens", ana, cifra.HistoryFilter{Digit: &seven}, "", "predictions_user"},
			{"a digit that a user never had", ana, cifra.HistoryFilter{Digit: new(3)}, cursor, "predictions_user_digit"},
			{"a user's answers of one model, from the cache", ana, cifra.HistoryFilter{Model: "v2-0a1b2c3d", Source: cifra.SourceCache}, cursor, "predictions_user"},
			{"a user's day", ana, cifra.HistoryFilter{From: storetest.Start, Until: storetest.Start.AddDate(0, 0, 1)}, "", "predictions_user"},
			{"a guest's first page", guest, all, "", "predictions_guest"},
			{"a guest's next page", guest, all, cursor, "predictions_guest"},
			{"a guest's sevens", guest, cifra.HistoryFilter{Digit: &seven, Source: cifra.SourceCache, API: cifra.V2}, "", "predictions_guest"},
		} {
			plan := store.Explain(t, db, test.who, test.filter, test.cursor)
			if !strings.Contains(plan, test.index) || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort") || strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s: got this plan, want %s without sorting:\n%s", test.name, test.index, plan)
			}
			if db.Kind() == "sqlite" && test.cursor != "" && !strings.Contains(plan, "created_at") {
				t.Errorf("%s: got this plan, want it to begin at the cursor:\n%s", test.name, plan)
			}
		}
		if _, err := db.Prediction(t.Context(), p.ID); err != nil {
			t.Error(err)
		}
	})
}

// fill adds n predictions of ana's and of guests' to the one that is there.
func fill(t testing.TB, db *store.DB, n int) {
	t.Helper()
	for owner, from := range map[string]int{"user_id, NULL": 0, "NULL, 'guest-' || n % 100": n} {
		q := fmt.Sprintf(`INSERT INTO predictions (id, user_id, guest, api, model, image_hash, preparation, file_name,
				digit, probability, sure, reason, reading, source, provenance, created_at)
			SELECT 'fill-' || n, %s, api, model, image_hash, preparation, file_name,
				digit, probability, sure, reason, reading, source, provenance, created_at
			FROM predictions, (WITH RECURSIVE numbers(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) SELECT n FROM numbers) AS numbers
			WHERE id NOT LIKE 'fill-%%'`, owner, from+1, from+n)
		if _, err := store.Raw(db).DB.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// enough is so many rows that the planner prefers an index: PostgreSQL reads a small table whole.
func enough(db *store.DB) int {
	if db.Kind() == "sqlite" {
		return 500 // under the race detector each takes 8 ms
	}
	return 5000
}
