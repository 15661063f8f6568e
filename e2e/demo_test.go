package e2e

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"cifra/e2e/harness"
	"cifra/store/storetest"
)

// TestDemoRunChecks has `cifra demo run --check` walk the show against the built program, on each pair of parts.
func TestDemoRunChecks(t *testing.T) {
	for _, tt := range []struct {
		name      string
		instances int
		parts     func(t *testing.T) []string
	}{
		{"SQLite and memory", 1, func(*testing.T) []string { return nil }},
		{"PostgreSQL and Redis", 1, shared},
		{"PostgreSQL and Redis, two instances", 2, shared},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if missing != nil {
				t.Skip(missing)
			}
			env := tt.parts(t)
			args := []string{"demo", "run", "--check"}
			for range tt.instances {
				args = append(args, "--url", show(t, env...).URL)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			for range 2 { // the show can be given again
				out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
				if err != nil || strings.Contains(string(out), "NOT EXPECTED") {
					t.Fatalf("cifra %s: %v\n%s", strings.Join(args, " "), err, out)
				}
				t.Logf("cifra %s:\n%s", strings.Join(args, " "), out)
				if second := strings.Split(string(out), "\n")[1]; tt.instances > 1 && !strings.Contains(second, "hit-l2") {
					t.Errorf("step 2, by the other instance: got %q, want it from Redis", second)
				}
			}
		})
	}
}

// shared are the parts that instances share: a database of PostgreSQL, and a Redis.
func shared(t *testing.T) []string {
	t.Helper()
	return []string{"CIFRA_DATABASE_URL=" + storetest.PostgresURL(t), "CIFRA_CACHE_URL=" + harness.StartRedis(t).URL}
}
