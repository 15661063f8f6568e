package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cifra"
	"cifra/digit"
	"cifra/digit/net"
	"cifra/digit/synth"
	"cifra/store"
	"cifra/store/storetest"
)

// aVersion keeps a version of v2 that nobody promoted, and returns its id.
func aVersion(t *testing.T, db *store.DB) string {
	t.Helper()
	from, err := digit.EmbeddedWeights(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	replay, err := digit.ReplayPictures()
	if err != nil {
		t.Fatal(err)
	}
	few := replay.Slice(0, 16)
	weights, _, err := digit.Adapt(t.Context(), digit.AdaptOptions{From: from, New: few, Kernel: net.Best(), Recipe: digit.AdaptRecipe{Epochs: 1, Batch: 8, New: 8, Rate: 1e-4, Blend: 1}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := digit.Load(weights)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.AddModel(t.Context(), &cifra.ModelVersion{ID: m.Version(), API: cifra.V2, SHA256: m.SHA256(), Weights: weights, By: "test"}); err != nil {
		t.Fatal(err)
	}
	return m.Version()
}

func openTest(t *testing.T, dir string) *store.DB {
	t.Helper()
	return openURL(t, "sqlite:"+filepath.Join(dir, "cifra.db"))
}

func openURL(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url, store.Options{Now: time.Now})
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

// TestPromotionReachesARunningServer promotes and rolls back from the command line: the server follows within two seconds,
// and gives no remembered answer of another version.
func TestPromotionReachesARunningServer(t *testing.T) {
	dir := t.TempDir()
	r := start(t, "CIFRA_DATA_DIR="+dir)
	token := r.register("ana")
	picture, err := synth.Drawing{}.PNG(7, 3)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() (model string, cached bool) {
		t.Helper()
		v := r.upload("/api/v2/predict", token, "a.png", picture).json(t)
		model, _ = v["modelo"].(string)
		cached, _ = v["cached"].(bool)
		return model, cached
	}
	command := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		vars := map[string]string{"CIFRA_DATA_DIR": dir, "CIFRA_ENV_FILE": os.DevNull}
		if err := run(t.Context(), args, func(k string) string { return vars[k] }, strings.NewReader(""), &out, &errs); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, &errs)
		}
		return out.String()
	}
	follows := func(want string) {
		t.Helper()
		promoted := time.Now()
		for {
			model, cached := ask()
			if model == want {
				if cached {
					t.Errorf("got a remembered answer of %s, want it read anew", model)
				}
				t.Logf("%s serves after %s", want, time.Since(promoted).Round(time.Millisecond))
				break
			}
			if time.Since(promoted) > 2*time.Second+busy {
				t.Fatalf("got %s after %s, want %s", model, time.Since(promoted), want)
			}
		}
		if model, cached := ask(); model != want || !cached {
			t.Errorf("got %s, remembered %v, want its own answer remembered", model, cached)
		}
	}
	embedded, _ := ask()
	if _, cached := ask(); !cached {
		t.Error("got the same picture read twice, want it remembered")
	}
	id := aVersion(t, openTest(t, dir))
	if said := command("model", "promote", id, "--reason", "reads crossed sevens"); !strings.Contains(said, id) {
		t.Errorf("got %q", said)
	}
	follows(id)
	command("model", "rollback", "--reason", "it was better before")
	// What the first version answered within its time is still right: it is that version's own.
	for promoted := time.Now(); ; {
		if model, _ := ask(); model == embedded {
			break
		}
		if time.Since(promoted) > 2*time.Second+busy {
			t.Fatal("the server doesn't follow the rollback")
		}
	}
	var list []listedModel
	if err := json.Unmarshal([]byte(command("model", "list", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(list, func(m listedModel) bool { return m.Champion && m.Model == cifra.V2 }); i < 0 || list[i].ID != embedded || len(list) != 3 {
		t.Errorf("got %+v, want three versions and %s the champion", list, embedded)
	}
	if a := r.do(http.MethodGet, "/admin/models", nil, "Authorization", "Bearer "+token); a.status != http.StatusForbidden {
		t.Errorf("got %d for a user, want 403", a.status)
	}
}

// TestPromotionReachesBothInstances asks the same upload of two instances that share PostgreSQL and Redis: the second one has
// the first one's answer from the cache, until a version is promoted through one of them. From then on both answer with the
// new model, which reads the upload once, and never again with what the old one said.
func TestPromotionReachesBothInstances(t *testing.T) {
	url := storetest.PostgresURL(t)
	env := []string{
		"CIFRA_CACHE_URL=" + service(t, "TEST_REDIS_URL"), "CIFRA_DATABASE_URL=" + url, "CIFRA_SECRET=one secret for both of the instances",
		"CIFRA_ADMIN_USERNAME=root", "CIFRA_ADMIN_PASSWORD=a long passphrase",
	}
	a, b := start(t, env...), start(t, env...)
	root, _ := a.postJSON("/api/v1/login", `{"username":"root","password":"a long passphrase"}`).json(t)["access_token"].(string)
	picture, err := synth.Drawing{}.PNG(rand.Uint64(), 7) // another one each time: Redis may outlive a run
	if err != nil {
		t.Fatal(err)
	}
	ask := func(r *running) (model string, cached bool) {
		t.Helper()
		v := r.upload("/api/v2/predict", root, "a.png", picture).json(t)
		model, _ = v["modelo"].(string)
		cached, _ = v["cached"].(bool)
		return model, cached
	}
	old, cached := ask(a)
	if cached {
		t.Error("got the first answer remembered, want it read")
	}
	for _, r := range []*running{b, a} {
		if model, cached := ask(r); model != old || !cached {
			t.Errorf("before: got %s, remembered %v, want the answer of %s remembered", model, cached, old)
		}
	}
	id := aVersion(t, openURL(t, url))
	promoted := time.Now()
	got := b.do(http.MethodPost, "/api/v1/admin/models/"+id+"/promote", strings.NewReader(`{"reason":"reads crossed sevens"}`),
		"Content-Type", "application/json", "Authorization", "Bearer "+root)
	if got.status != http.StatusOK {
		t.Fatalf("promote: got %d %s", got.status, got.body)
	}
	read := 0
	for name, r := range map[string]*running{"the one that was told": b, "the other one": a} {
		model, cached := ask(r)
		for model == old && time.Since(promoted) < 2*time.Second+busy {
			model, cached = ask(r)
		}
		if model != id {
			t.Fatalf("%s: got %s, want %s", name, model, id)
		}
		if !cached {
			read++
		}
		t.Logf("%s answers with %s after %s, remembered: %v", name, id, time.Since(promoted).Round(time.Millisecond), cached)
		for range 5 {
			if model, cached := ask(r); model != id || !cached {
				t.Errorf("%s, again: got %s, remembered %v, want the new one's answer remembered", name, model, cached)
			}
		}
	}
	if read != 1 {
		t.Errorf("the new model read the upload %d times, want once for both", read)
	}
}

// busy is what a machine may take longer that does other things.
const busy = 8 * time.Second

// TestADamagedChampionIsNotServed changes a byte of the champion's weights: who starts then serves the embedded model and
// says why; who served a good one goes on.
func TestADamagedChampionIsNotServed(t *testing.T) {
	dir := t.TempDir()
	r := start(t, "CIFRA_DATA_DIR="+dir, "CIFRA_ADMIN_USERNAME=ana", "CIFRA_ADMIN_PASSWORD=lluvia de abril")
	id := aVersion(t, openTest(t, dir))
	db := openTest(t, dir)
	if err := db.Promote(t.Context(), cifra.V2, id, "first", cifra.Audit{}); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	damage(t, dir, id)
	again := start(t, "CIFRA_DATA_DIR="+dir)
	token := again.postJSON("/api/v1/login", `{"username":"ana","password":"lluvia de abril"}`).json(t)["access_token"].(string)
	page := string(again.do(http.MethodGet, "/admin/models", nil, "Authorization", "Bearer "+token, "Accept", "text/html").body)
	for _, want := range []string{id + " can&#39;t be loaded", "is damaged and is not used"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the models doesn't say %q", want)
		}
	}
	picture, err := synth.Drawing{}.PNG(7, 3)
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := digit.Embedded(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	if a := again.upload("/api/v2/predict", token, "a.png", picture); a.status != http.StatusOK || a.json(t)["modelo"] != embedded.Version() {
		t.Errorf("got %d %s, want an answer of the embedded model", a.status, a.body)
	}
}

// damage flips a bit in the middle of a stored version.
func damage(t *testing.T, dir, id string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "cifra.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var weights []byte
	if err := db.QueryRowContext(t.Context(), "SELECT weights FROM models WHERE id = ?", id).Scan(&weights); err != nil {
		t.Fatal(err)
	}
	weights[len(weights)/2] ^= 4
	if _, err := db.ExecContext(t.Context(), "UPDATE models SET weights = ? WHERE id = ?", weights, id); err != nil {
		t.Fatal(err)
	}
}
