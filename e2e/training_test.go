package e2e

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cifra"
	engine "cifra/digit"
	"cifra/e2e/harness"
	"cifra/store"
)

// startWorker runs `cifra worker` on the data of dir, as a process of its own.
func startWorker(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "worker")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Env = []string{"CIFRA_DATA_DIR=" + dir, "CIFRA_ENV_FILE=" + os.DevNull, "HOME=" + dir}
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// TestKilledTrainer kills a trainer with no warning at random moments. Another one goes on within 20 s, there is one
// result, and nothing half of it.
func TestKilledTrainer(t *testing.T) {
	t.Parallel()
	if missing != nil {
		t.Skip(missing)
	}
	rounds, api := 1, cifra.V1
	if os.Getenv("CIFRA_PROVE") == "1" {
		rounds, api = 10, cifra.V2
	}
	dir := t.TempDir()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "cifra.db"), store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for round := range rounds {
		id, err := db.AddTraining(t.Context(), &cifra.TrainingRun{API: api, By: "ana", Seed: uint64(round)}, cifra.Audit{Action: cifra.ActionRetrain})
		if err != nil {
			t.Fatal(err)
		}
		first := startWorker(t, dir)
		until(t, db, id, func(r *cifra.TrainingRun) bool { return r.Attempt == 1 })
		moment := time.Duration(rand.Int64N(int64(map[cifra.API]time.Duration{cifra.V1: time.Second, cifra.V2: 8 * time.Second}[api])))
		select {
		case <-time.After(moment): // the random moment itself
		case <-t.Context().Done():
		}
		if err := first.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = first.Wait() // it was killed
		killed := time.Now()
		second := startWorker(t, dir)
		until(t, db, id, func(r *cifra.TrainingRun) bool { return r.Attempt == 2 || !r.State.Active() })
		taken := time.Since(killed)
		run := until(t, db, id, func(r *cifra.TrainingRun) bool { return !r.State.Active() })
		t.Logf("killed after %s, taken over after %s, ended %s in attempt %d as %s", moment.Round(time.Millisecond), taken.Round(time.Millisecond), run.State, run.Attempt, run.Model)
		if taken > 20*time.Second {
			t.Errorf("got it taken over after %s, want 20 s at most", taken)
		}
		if run.State != cifra.TrainingAwaiting && run.State != cifra.TrainingRejected && run.State != cifra.TrainingPromoted || run.Model == "" || run.Gate == nil {
			t.Errorf("got %s (%s) with challenger %q, want a verdict", run.State, run.Reason, run.Model)
		}
		if epoch, _, err := db.Checkpoint(t.Context(), id, &struct{}{}); cifra.CodeOf(err) != cifra.NotFound {
			t.Errorf("got a checkpoint of epoch %d, %v, want it gone", epoch, err)
		}
		if err := second.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := second.Wait(); err != nil {
			t.Errorf("the worker ended with %v", err)
		}
	}
	versions, err := db.Models(t.Context(), api)
	if err != nil {
		t.Fatal(err)
	}
	if len(versions) != rounds+1 {
		t.Errorf("got %d versions, want one for each of %d runs and the embedded one", len(versions), rounds)
	}
	for _, v := range versions {
		whole, err := db.Model(t.Context(), v.ID)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := engine.Load(whole.Weights); err != nil {
			t.Errorf("%s: %v", v.ID, err)
		}
	}
}

// until asks for the run until it is as wanted.
func until(t *testing.T, db *store.DB, id int64, wanted func(*cifra.TrainingRun) bool) *cifra.TrainingRun {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := db.Training(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if wanted(r) {
			return r
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the run stays %s, attempt %d", r.State, r.Attempt)
		}
	}
}

// TestRetrainPage goes an admin's way: asks for a retraining, watches it to its end without a reload, sees its curve again
// after one, and discards the challenger. Without corrections that is how it ends: an admin decides.
func TestRetrainPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		as   []harness.As
	}{{"with JavaScript", nil}, {"on a phone, dark", []harness.As{harness.Phone, harness.Dark}}} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, "CIFRA_ADMIN_USERNAME=ana", "CIFRA_ADMIN_PASSWORD="+password)
			p := chrome.Open(t, s.URL, test.as...)
			p.Goto("/login?next=/admin/retrain")
			p.Type("#username", "ana")
			p.Type("#password", password)
			p.Loads("signing in", harness.ClickOn("main form button.primary"))
			p.Click(`input[name="model"][value="v1"]`)
			if got := p.Loads("asking for a retraining", harness.ClickOn(".retrain-form button.primary")); got.Path != "/admin/retrain/1" || got.Status != http.StatusOK {
				t.Fatalf("got %d at %s, want the page of the retraining", got.Status, got.Path)
			}
			p.Until(`document.querySelector("#retrain-state .run-state.is-awaiting") !== null`)
			curve := p.Count(".challenger-line")
			if got := p.Text("#retrain-state .run-state"); got != "awaiting a decision" || curve != 1 {
				t.Errorf("got %q with %d curves, want it awaiting, with one curve", got, curve)
			}
			if got := p.Goto("/admin/retrain/1"); got.Status != http.StatusOK || p.Count(".challenger-line") != curve {
				t.Errorf("got %d and %d curves after a reload, want the same %d", got.Status, p.Count(".challenger-line"), curve)
			}
			for _, v := range axe.Violations(p) {
				t.Error(v)
			}
			p.Loads("discarding the challenger", harness.ClickOn(`form[action$="/discard"] button`))
			if got := p.Text("#retrain-state .run-state"); got != "rejected" {
				t.Errorf("got %q, want rejected", got)
			}
			if got := p.Goto("/admin/models"); got.Status != http.StatusOK || p.Count(".model-card") != 3 {
				t.Errorf("got %d and %d versions, want the challenger and two that came with the program", got.Status, p.Count(".model-card"))
			}
			for _, v := range axe.Violations(p) {
				t.Error(v)
			}
		})
	}
}
