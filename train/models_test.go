package train_test

import (
	"database/sql"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/store"
	"cifra/store/storetest"
	"cifra/train"
)

func modelsOf(t testing.TB, db *store.DB) *train.Models {
	t.Helper()
	m := &train.Models{Versions: db, Labels: db, Now: storetest.Clock(), Log: slog.New(slog.DiscardHandler)}
	if err := m.Enrol(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m
}

// version keeps a version that differs from the embedded one of v1, and returns its id.
func version(t testing.TB, db *store.DB, seed uint64) string {
	t.Helper()
	from, err := digit.EmbeddedWeights(cifra.V1)
	if err != nil {
		t.Fatal(err)
	}
	pictures, err := digit.RegressionPictures()
	if err != nil {
		t.Fatal(err)
	}
	o := digit.AdaptOptions{From: from, New: pictures.Slice(0, 40), Seed: seed, Recipe: digit.AdaptRecipe{Epochs: 1, Batch: 8, New: 8, Rate: 1e-3, Blend: 1}}
	weights, _, err := digit.Adapt(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	m, err := digit.Load(weights)
	if err != nil {
		t.Fatal(err)
	}
	v := &cifra.ModelVersion{ID: m.Version(), API: cifra.V1, SHA256: m.SHA256(), Weights: weights, By: "test"}
	if err := db.AddModel(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func wantCode(t *testing.T, what string, err error, want cifra.Code) {
	t.Helper()
	if got := cifra.CodeOf(err); got != want {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, want)
	}
}

func champion(t *testing.T, m *train.Models) string {
	t.Helper()
	v, err := m.Champion(t.Context(), cifra.V1)
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func TestPromotionAndRollback(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	m := modelsOf(t, db)
	ctx := cifra.WithActor(t.Context(), cifra.Actor{Guest: "guest-1"})
	embedded := champion(t, m)
	_, err := m.Rollback(ctx, cifra.V1, "why not")
	wantCode(t, "roll back where nothing served before", err, cifra.Conflict)
	first, second := version(t, db, 1), version(t, db, 2)
	wantCode(t, "promote without a verdict and without a reason", m.Promote(ctx, first, ""), cifra.Impossible)
	wantCode(t, "promote nothing", m.Promote(ctx, "v1-00000000", "because"), cifra.NotFound)
	for _, id := range []string{first, second} {
		if err := m.Promote(ctx, id, "because"); err != nil {
			t.Fatal(err)
		}
		if got := champion(t, m); got != id {
			t.Errorf("got champion %s, want %s", got, id)
		}
	}
	_, err = m.Rollback(ctx, cifra.V1, "")
	wantCode(t, "roll back without a reason", err, cifra.Impossible)
	if id, err := m.Rollback(ctx, cifra.V1, "it reads 7 as 1"); id != first || err != nil {
		t.Errorf("got %s, %v, want the one before: %s", id, err, first)
	}
	list, err := m.List(ctx, cifra.V1)
	if err != nil || len(list) != 3 || list[0].Version.ID != first || !list[0].Champion || list[0].Version.Weights != nil {
		t.Errorf("got %+v, %v, want three versions, the champion first", list, err)
	}
	for _, s := range list {
		if s.Version.ID == embedded && (len(s.Reigns) != 1 || s.Reigns[0].Until.IsZero()) {
			t.Errorf("got reigns %+v of the embedded version, want one that is over", s.Reigns)
		}
	}
}

// TestNoDamagedVersionServes flips a byte at many places of a stored version, 200 of them under CIFRA_PROVE=1: it is never
// loaded nor promoted, and who serves stays.
func TestNoDamagedVersionServes(t *testing.T) {
	t.Parallel()
	address := storetest.SQLiteURL(t)
	db := storetest.Open(t, address)
	m := modelsOf(t, db)
	raw, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	good, bad := version(t, db, 1), version(t, db, 2)
	if err := m.Promote(t.Context(), good, "first"); err != nil {
		t.Fatal(err)
	}
	v, err := db.Model(t.Context(), bad)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	flips := 40
	if os.Getenv("CIFRA_PROVE") == "1" {
		flips = 200
	}
	for i := range flips {
		at := rng.IntN(len(v.Weights))
		if i == 0 {
			at = len(v.Weights) - 1
		}
		weights := append([]byte(nil), v.Weights...)
		weights[at] ^= 1 << rng.IntN(8)
		if _, err := digit.Load(weights); err == nil {
			t.Fatalf("a byte flipped at %d: the engine loads it", at)
		}
		if _, err := raw.ExecContext(t.Context(), "PRAGMA busy_timeout = 5000; UPDATE models SET weights = ? WHERE id = ?", weights, bad); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "promote what is damaged", m.Promote(t.Context(), bad, "never mind"), cifra.Impossible)
		if got := champion(t, m); got != good {
			t.Fatalf("a byte flipped at %d: got champion %s, want %s", at, got, good)
		}
	}
}
