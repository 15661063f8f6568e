package store_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

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

// TestAPictureThatShouldBeThereIsKeptWhereItIsNot: a remembered answer whose first time nobody kept, or whose picture was
// deleted since.
func TestAPictureThatShouldBeThereIsKeptWhereItIsNot(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for i := range 20 {
			pic := picture(i % 3)
			p := prediction(pic)
			if i%2 == 0 {
				p.Provenance.Outcome = cifra.Miss
			}
			wg.Go(func() {
				if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{Username: "ana", Action: cifra.ActionPredictV2}); err != nil {
					t.Errorf("prediction %d: %v", i, err)
				}
				if got, err := db.Prediction(t.Context(), p.ID); err != nil || !bytes.Equal(got.Picture.Views, pic.Views) {
					t.Errorf("picture %d: got another one, %v", i, err)
				}
			})
		}
		wg.Wait()
		if events, err := db.Events(t.Context(), 0, 0); err != nil || len(events) != 20 {
			t.Errorf("got %d events, %v; want 20", len(events), err)
		}
	})
}

// TestAUserWhoIsGoneKeepsNothing: others in the group are kept all the same.
func TestAUserWhoIsGoneKeepsNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		nobody := int64(999_999)
		var wg sync.WaitGroup
		errs := make([]error, 30)
		for i := range errs {
			pic := picture(1)
			p := prediction(pic)
			if i == 7 {
				p.UserID = nobody
			}
			wg.Go(func() { errs[i] = db.AddPrediction(t.Context(), p, pic, cifra.Audit{Action: cifra.ActionPredictV2}) })
		}
		wg.Wait()
		for i, err := range errs {
			if i == 7 {
				wantCode(t, "a user who is gone", err, cifra.NotFound)
			} else if err != nil {
				t.Errorf("prediction %d: %v", i, err)
			}
		}
	})
}

// TestAPredictionIsOneStatementOnPostgres: each further one would be a way to the database and back.
func TestAPredictionIsOneStatementOnPostgres(t *testing.T) {
	t.Parallel()
	counter := &statements{}
	db := storetest.Postgres(t, func(o *store.Options) { o.Hooks = append(o.Hooks, counter) })
	pic := picture(1)
	for i, outcome := range []cifra.Outcome{cifra.Miss, cifra.HitL1} {
		p := prediction(pic)
		p.Provenance.Outcome = outcome
		p.FileName = `?0 $1 '; DROP TABLE audit; -- \' "`
		before := counter.n.Load()
		if err := db.AddPrediction(t.Context(), p, pic, cifra.Audit{Action: cifra.ActionPredictV2, Details: p.FileName}); err != nil {
			t.Fatal(err)
		}
		if n := counter.n.Load() - before; n != 1 {
			t.Errorf("%s: got %d statements, want 1", outcome, n)
		}
		if text := fmt.Sprint(counter.text.Load()); strings.Contains(text, "DROP") || strings.Contains(text, p.ID) {
			t.Errorf("%s: traces show values: %s", outcome, text)
		}
		got, err := db.Prediction(t.Context(), p.ID)
		if err != nil || got.FileName != p.FileName {
			t.Errorf("got the name %q, %v; want %q", got.FileName, err, p.FileName)
		}
		if audits, _, err := db.Audits(t.Context(), cifra.AuditFilter{}, "", 10); err != nil || len(audits) != i+1 || audits[0].Details != p.FileName {
			t.Errorf("got %d audit rows, %v; want %d, the last with %q", len(audits), err, i+1, p.FileName)
		}
	}
}

// statements counts what is sent to the database.
type statements struct {
	n    atomic.Int64
	text atomic.Value // the last one's, as traces show it
}

func (s *statements) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	s.n.Add(1)
	s.text.Store(e.QueryTemplate)
	return ctx
}

func (s *statements) AfterQuery(context.Context, *bun.QueryEvent) {}
