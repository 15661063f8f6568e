package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"cifra"
	engine "cifra/digit"
	"cifra/digit/net"
	"cifra/e2e/harness"
	"cifra/store"
)

// TestKilledUnderLoad is TestKilledServerKeepsItsWord with a steady load of reads and writes around it, 50 times: nothing that
// was acknowledged is lost, and what was sent again under its key is there once.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	if missing != nil {
		t.Skip(missing)
	}
	if !proving() {
		t.Skip("kills the program 50 times: CIFRA_PROVE=1 does")
	}
	const rounds = 50
	dir := t.TempDir()
	app := harness.StartInstance(t, program, dir, asAdmin()...)
	l := startLoad(t, app.URL)
	var slowest time.Duration
	for range rounds {
		l.until(3)
		moment(t, 100*time.Millisecond)
		app.Kill()
		slowest = max(slowest, app.Start())
	}
	l.until(3)
	t.Logf("killed %d times; ready again after %s at the latest", rounds, slowest.Round(time.Millisecond))
	l.check(app.URL, signIn(t, app.URL, "admin"))
	whole(t, dir)
}

// moment waits for a random time: the moment at which something is killed.
func moment(t *testing.T, most time.Duration) {
	t.Helper()
	select {
	case <-time.After(rand.N(most)):
	case <-t.Context().Done():
	}
}

// whole holds that each piece of feedback of a database has its audit row and its event.
func whole(t *testing.T, dir string) {
	t.Helper()
	db := openData(t, dir)
	rows, audits, events := 0, 0, 0
	if err := db.EachAudit(t.Context(), cifra.AuditFilter{Like: cifra.Audit{Action: cifra.ActionFeedback}}, func(cifra.Audit) error { audits++; return nil }); err != nil {
		t.Fatal(err)
	}
	for cursor := ""; ; {
		page, next, err := db.Feedbacks(t.Context(), cifra.FeedbackFilter{}, cursor, 100)
		if err != nil {
			t.Fatal(err)
		}
		rows += len(page)
		if cursor = next; cursor == "" {
			break
		}
	}
	for seq := int64(0); ; {
		all, err := db.Events(t.Context(), seq, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 0 {
			break
		}
		for _, e := range all {
			if e.Kind == cifra.EventNewFeedback {
				events++
			}
			seq = e.Seq
		}
	}
	if rows != audits || rows != events {
		t.Errorf("got %d rows of feedback, %d of its audit, %d events; want as many of each", rows, audits, events)
	}
}

// openData opens the database of a data folder beside the program.
func openData(t *testing.T, dir string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "cifra.db"), store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestKilledWhilePromoting kills the program with no warning while an admin promotes one version after the other. Whoever
// starts then serves exactly what the database names, and it reads digits.
func TestKilledWhilePromoting(t *testing.T) {
	t.Parallel()
	if missing != nil {
		t.Skip(missing)
	}
	rounds := 2
	if proving() {
		rounds = 50
	}
	dir := t.TempDir()
	app := harness.StartInstance(t, program, dir, asAdmin()...)
	db := openData(t, dir)
	versions := []string{embedded(t), anotherVersion(t, db)}
	admin := signIn(t, app.URL, "admin")
	l := &load{t: t, web: &http.Client{Timeout: 10 * time.Second}}
	picture, kind := aPicture(t, 7)
	promoted := 0
	for round := range rounds {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { // promotes for as long as somebody answers
			defer close(done)
			for i := round; ctx.Err() == nil; i++ {
				res, _, err := l.send(ctx, app.URL, ask{
					method: http.MethodPost, path: "/api/v1/admin/models/" + versions[i%2] + "/promote", kind: "application/json",
					token: admin, body: fmt.Appendf(nil, `{"reason":"round %d"}`, round),
				})
				if err == nil && res.StatusCode == http.StatusOK {
					promoted++
				}
			}
		}()
		moment(t, 400*time.Millisecond)
		app.Kill()
		stop()
		<-done
		app.Start()
		champion, err := db.Champion(t.Context(), cifra.V2)
		if cifra.CodeOf(err) == cifra.NotFound { // killed before the first one
			champion, err = versions[0], nil
		}
		if err != nil {
			t.Fatal(err)
		}
		res, b, err := l.send(t.Context(), app.URL, ask{method: http.MethodPost, path: "/api/v2/predict", kind: kind, token: admin, body: picture})
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("round %d: %s, %v", round, b, err)
		}
		if got := answered(t, b); got != champion {
			t.Errorf("round %d: got an answer of %s, want %s, which the database names", round, got, champion)
		}
		if _, err := db.Model(t.Context(), champion); err != nil {
			t.Errorf("round %d: %s: %v", round, champion, err)
		}
	}
	t.Logf("killed %d times among %d promotions", rounds, promoted)
}

func embedded(t *testing.T) string {
	t.Helper()
	m, err := engine.Embedded(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	return m.Version()
}

// anotherVersion keeps a version of v2 that nobody promoted yet, and returns its id.
func anotherVersion(t *testing.T, db *store.DB) string {
	t.Helper()
	from, err := engine.EmbeddedWeights(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	replay, err := engine.ReplayPictures()
	if err != nil {
		t.Fatal(err)
	}
	weights, _, err := engine.Adapt(t.Context(), engine.AdaptOptions{
		From: from, New: replay.Slice(0, 16), Kernel: net.Best(), Recipe: engine.AdaptRecipe{Epochs: 1, Batch: 8, New: 8, Rate: 1e-4, Blend: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.Load(weights)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.AddModel(t.Context(), &cifra.ModelVersion{ID: m.Version(), API: cifra.V2, SHA256: m.SHA256(), Weights: weights, By: "test"}); err != nil {
		t.Fatal(err)
	}
	return m.Version()
}

// answered is the version that an answer of v2 names.
func answered(t *testing.T, b []byte) string {
	t.Helper()
	var answer struct {
		Model string `json:"modelo"`
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Model
}
