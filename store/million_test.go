package store_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// most is what a page may take with a million rows behind it, on a quiet machine.
const most = 100 * time.Millisecond

// TestAMillionPredictions reads the first and the 1,000th page of a history, the report's numbers and the book with so many
// predictions and lines behind them: 1,000,000 with CIFRA_PROVE=1, where each must be there within 100 ms at its best of five
// readings, so that a busy machine fails nobody; else 5,000, and only the plans count.
func TestAMillionPredictions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n, prove := enough(db), os.Getenv("CIFRA_PROVE") == "1"
		if prove {
			n = 1_000_000
		}
		ana, guest := cifra.Actor{User: addUser(t, db, "ana")}, cifra.Actor{Guest: "guest-1"}
		addPrediction(t, db, ana, 1)
		fill(t, db, n/2)
		book(t, db, n)
		if _, err := store.Raw(db).ExecContext(t.Context(), "ANALYZE"); err != nil {
			t.Fatal(err)
		}
		far := ""
		for range 1000 {
			_, next, err := db.Predictions(t.Context(), ana, cifra.HistoryFilter{}, far, 20)
			if err != nil {
				t.Fatal(err)
			}
			if next == "" {
				break // fewer rows
			}
			far = next
		}
		seven, day := 7, storetest.Start.Truncate(24*time.Hour)
		history := func(who cifra.Actor, f cifra.HistoryFilter, cursor string) func() error {
			return func() error {
				_, _, err := db.Predictions(t.Context(), who, f, cursor, 20)
				return err
			}
		}
		audit := func(f cifra.AuditFilter, cursor string) func() error {
			return func() error { _, _, err := db.Audits(t.Context(), f, cursor, 20); return err }
		}
		for _, tt := range []struct {
			name string
			read func() error
			most time.Duration
		}{
			{"history, first page", history(ana, cifra.HistoryFilter{}, ""), most},
			{"history, page 1,000", history(ana, cifra.HistoryFilter{}, far), most},
			{"history, first page of sevens", history(ana, cifra.HistoryFilter{Digit: &seven}, ""), most},
			{"history, first page of a digit that never was", history(ana, cifra.HistoryFilter{Digit: new(3)}, ""), most},
			{"a guest's history", history(guest, cifra.HistoryFilter{}, ""), most},
			{"report", func() error { _, err := db.FeedbackCounts(t.Context()); return err }, most},
			{"audit, first page", audit(cifra.AuditFilter{}, ""), most},
			{"audit, page 1,000", audit(cifra.AuditFilter{}, "2001"), most},
			{"audit of a name", audit(cifra.AuditFilter{Like: cifra.Audit{Username: "nobody"}}, ""), most},
			{"audit of an action", audit(cifra.AuditFilter{Like: cifra.Audit{Action: "rare"}}, ""), most},
			{"audit of the first day", audit(cifra.AuditFilter{From: day, Until: day.AddDate(0, 0, 1)}, ""), most},
			{"users", func() error { _, _, err := db.Users(t.Context(), cifra.UserFilter{}, "", 20); return err }, most},
		} {
			best := time.Duration(1 << 62)
			for range 5 {
				start := time.Now()
				if err := tt.read(); err != nil {
					t.Fatalf("%s: %v", tt.name, err)
				}
				best = min(best, time.Since(start))
			}
			t.Logf("%-48s %8s", tt.name, best.Round(10*time.Microsecond))
			if prove && best > tt.most {
				t.Errorf("%s: got %s, want %s at most", tt.name, best, tt.most)
			}
		}
		for name, plan := range map[string]string{
			"audit":                  store.ExplainAudits(t, db, cifra.AuditFilter{}, 0),
			"audit, a later page":    store.ExplainAudits(t, db, cifra.AuditFilter{}, 4000),
			"audit of an action":     store.ExplainAudits(t, db, cifra.AuditFilter{Like: cifra.Audit{Action: "rare"}}, 0),
			"audit of the first day": store.ExplainAudits(t, db, cifra.AuditFilter{From: day, Until: day.AddDate(0, 0, 1)}, 0),
		} {
			if strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Seq Scan") { // PostgreSQL may sort what an index has chosen
				t.Errorf("%s: got this plan, want an index:\n%s", name, plan)
			}
		}
		// PostgreSQL sorts the few lines of a rare name.
		if plan := store.ExplainAudits(t, db, cifra.AuditFilter{Like: cifra.Audit{Username: "nobody"}}, 0); !strings.Contains(plan, "audit_username") {
			t.Errorf("audit of a name: got this plan, want the names' index:\n%s", plan)
		}
		if plan := store.ExplainUsers(t, db, cifra.UserFilter{}, "ana"); strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("users: got this plan, want the names' index:\n%s", plan)
		}
	})
}

// book adds n lines to the audit, a minute apart, the first one at [storetest.Start].
func book(t testing.TB, db *store.DB, n int) {
	t.Helper()
	at := "datetime('2026-01-02 03:04:05', '+' || n || ' minutes') || '.000000+00:00'"
	if db.Kind() == "postgres" {
		at = "timestamptz '2026-01-02 03:04:05Z' + n * interval '1 minute'"
	}
	q := "INSERT INTO audit (user_id, username, action, details, ip, at) SELECT NULL, 'guest-' || n % 1000, 'predict_v' || (n % 2 + 1), 'x', '', " + at +
		" FROM (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) SELECT n FROM numbers) AS numbers"
	if _, err := store.Raw(db).NewRaw(q, n).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}
