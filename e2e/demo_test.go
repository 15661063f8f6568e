package e2e

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"cifra/e2e/harness"
	"cifra/store/storetest"
)

// TestDemoRunChecks has `cifra demo run --check` walk the show against the built program: with what instances share, each
// step by the other one; CIFRA_PROVE=1 does it with all other parts too. Instances that share a database alone are asked one by one.
func TestDemoRunChecks(t *testing.T) {
	for _, tt := range []struct {
		name      string
		instances int
		together  bool // each step asks the next instance
		always    bool // not only with CIFRA_PROVE=1
		parts     func(t *testing.T) []string
	}{
		{"PostgreSQL and Redis, two instances", 2, true, true, shared},
		{"PostgreSQL and Redis", 1, false, false, shared},
		{"SQLite and memory", 1, false, false, sqlite},
		{"SQLite and memory, two instances", 2, false, false, sqlite},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if missing != nil {
				t.Skip(missing)
			}
			if !tt.always && !proving() {
				t.Skip("CIFRA_PROVE=1 does")
			}
			env := tt.parts(t)
			var walks [][]string
			for range tt.instances {
				walks = append(walks, []string{"--url", show(t, env...).URL})
			}
			if tt.together {
				all := slices.Concat(walks...)
				walks = [][]string{all, all} // the show can be given again
			}
			for _, urls := range walks {
				out := demoRun(t, urls)
				if second := strings.Split(out, "\n")[1]; tt.together && !strings.Contains(second, "hit-l2") {
					t.Errorf("step 2, by the other instance: got %q, want it from Redis", second)
				}
			}
		})
	}
}

// demoRun is what `cifra demo run --check` prints of a show that it finds as expected.
func demoRun(t *testing.T, urls []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := append([]string{"demo", "run", "--check"}, urls...)
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "NOT EXPECTED") {
		t.Fatalf("cifra %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	t.Logf("cifra %s:\n%s", strings.Join(args, " "), out)
	return string(out)
}

// sqlite is one SQLite file, for instances that have nothing else in common.
func sqlite(t *testing.T) []string {
	t.Helper()
	return []string{"CIFRA_DATA_DIR=" + t.TempDir()}
}

// shared are the parts that instances share: a database of PostgreSQL, and a Redis.
func shared(t *testing.T) []string {
	t.Helper()
	return []string{"CIFRA_DATABASE_URL=" + storetest.PostgresURL(t), "CIFRA_CACHE_URL=" + harness.StartRedis(t).URL}
}
