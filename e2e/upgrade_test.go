package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cifra/e2e/harness"
)

// TestUpgradeWithoutDowntime builds what the main line was before its newest migration, and puts it under load on one
// database. The new program starts beside it and migrates; then both serve. No request fails, and nothing is lost.
func TestUpgradeWithoutDowntime(t *testing.T) {
	t.Parallel()
	if !proving() {
		t.Skip("builds an older version of the program: CIFRA_PROVE=1 does")
	}
	older, commit := theVersionBefore(t)
	for _, base := range []struct {
		name string
		env  func(t *testing.T) []string
	}{
		{"PostgreSQL", func(t *testing.T) []string { return []string{"CIFRA_DATABASE_URL=" + startPostgres(t).url} }},
		{"SQLite", func(t *testing.T) []string { return []string{"CIFRA_DATABASE_URL=sqlite:" + t.TempDir() + "/cifra.db"} }},
	} {
		t.Run(base.name, func(t *testing.T) {
			env := asAdmin(append(base.env(t), secretHere)...)
			before := harness.StartInstance(t, older, t.TempDir(), env...)
			admin := signIn(t, before.URL, "admin")
			l := startLoad(t, before.URL)
			l.until(30)
			began := time.Now()
			after := harness.StartInstance(t, program, t.TempDir(), env...)
			beside := startLoad(t, after.URL)
			l.until(100)
			beside.until(100)
			for name, some := range map[string]*load{"old": l, "new": beside} {
				for _, what := range []string{"read", "write"} {
					asked := some.between(what, began, time.Now())
					t.Logf("%s (%s): %s of %s, p99 %s", name, commit, outcomes(asked), what, quantile(asked, .99))
					for _, a := range asked {
						if a.status/100 != 2 {
							t.Errorf("%s: got a %s that failed with %d, %v; want none", name, what, a.status, a.err)
							break
						}
					}
				}
			}
			l.check(after.URL, admin)
			beside.check(after.URL, admin)
		})
	}
}

// theVersionBefore builds the program as the main line had it before the last commit that brought a migration.
func theVersionBefore(t *testing.T) (bin, commit string) {
	t.Helper()
	git := func(args ...string) (string, error) {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", root}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	brought, err := git("log", "--first-parent", "-m", "--diff-filter=A", "--format=%H", "-1", "--", "migrations/postgres")
	if err != nil || brought == "" {
		t.Skipf("no history here from which to build an older version: %v", err)
	}
	commit, err = git("rev-parse", "--verify", "--short", brought+"^1")
	if err != nil {
		t.Skipf("the history ends at %s, which brought the newest migration: a shallow clone has no older version", brought)
	}
	dir := t.TempDir()
	tree := filepath.Join(dir, "tree")
	if _, err := git("archive", "--format=tar", "--output="+filepath.Join(dir, "tree.tar"), commit); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Mkdir(tree, 0o750), exec.CommandContext(t.Context(), "tar", "-xf", filepath.Join(dir, "tree.tar"), "-C", tree).Run()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	if bin, err = harness.Build(ctx, tree, dir); err != nil {
		t.Fatal(err)
	}
	return bin, commit
}
