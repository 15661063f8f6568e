package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"cifra/e2e/harness"
)

// secretHere is the secret of instances that must know each other's tokens.
const secretHere = "CIFRA_SECRET=q8Jx2LrT0vBn5WkY7cMz4HsP9dFgA1eU"

// TestBackupOfSQLite follows docs/operations.md: takes a backup under load with `cifra backup`, and restores it elsewhere.
func TestBackupOfSQLite(t *testing.T) {
	t.Parallel()
	if missing != nil {
		t.Skip(missing)
	}
	dir := t.TempDir()
	app := harness.StartInstance(t, program, dir, asAdmin(secretHere)...)
	take := func(file string) string {
		path := filepath.Join(t.TempDir(), file)
		runProgram(t, []string{"CIFRA_DATA_DIR=" + dir}, program, "backup", path)
		return path
	}
	restore := func(file string) (string, []string) { // puts the file in the place of another site's database
		other := t.TempDir()
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(other, "cifra.db"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + filepath.Join(other, "cifra.db"), []string{"CIFRA_DATA_DIR=" + other, "CIFRA_DATABASE_URL=sqlite:" + other + "/cifra.db"}
	}
	backUp(t, app, "sqlite:"+filepath.Join(dir, "cifra.db"), take, restore)
}

// TestBackupOfPostgres does the same with PostgreSQL's own programs.
func TestBackupOfPostgres(t *testing.T) {
	t.Parallel()
	db := aDatabase(t)
	app := harness.StartInstance(t, program, t.TempDir(), asAdmin(secretHere, "CIFRA_DATABASE_URL="+db.url)...)
	take := func(file string) string {
		path := filepath.Join(t.TempDir(), file)
		runProgram(t, nil, postgresProgram(t, "pg_dump"), "--format=custom", "--file="+path, db.url)
		return path
	}
	n := 0
	restore := func(file string) (string, []string) {
		n++
		u, err := url.Parse(db.url)
		if err != nil {
			t.Fatal(err)
		}
		u.Path = fmt.Sprintf("%s_restored%d", u.Path, n)
		db.make(strings.TrimPrefix(u.Path, "/"))
		runProgram(t, nil, postgresProgram(t, "pg_restore"), "--exit-on-error", "--dbname="+u.String(), file)
		return u.String(), []string{"CIFRA_DATABASE_URL=" + u.String()}
	}
	backUp(t, app, db.url, take, restore)
}

// grows are the tables whose rows are added and never changed while the load runs.
var grows = []string{"users", "images", "predictions", "feedback", "audit", "events"}

// backUp takes a backup under load and one at rest, and restores both. In the first there is everything that was acknowledged
// before it began, and nothing that is not in the source; the second is equal to the source, and serves.
func backUp(t *testing.T, app *harness.Instance, source string, take func(string) string, restore func(string) (address string, env []string)) {
	t.Helper()
	l := startLoad(t, app.URL)
	l.until(20)
	before := l.acknowledged()
	early := take("under-load")
	l.until(10)
	l.end()
	late := take("at-rest")
	all := contents(t, source)

	address, env := restore(early)
	some := contents(t, address)
	for _, table := range grows {
		for row, n := range some[table] {
			if all[table][row] != n {
				t.Errorf("%s: a row of the backup is not in the source: %s", table, row)
				break
			}
		}
	}
	copied := harness.StartInstance(t, program, t.TempDir(), asAdmin(append(env, secretHere)...)...)
	kept := l.kept(copied.URL, signIn(t, copied.URL, "admin"))
	for _, comment := range before {
		if kept[comment] != 1 {
			t.Errorf("got %d of %q in the backup, want it once: it was acknowledged before the backup began", kept[comment], comment)
		}
	}
	t.Logf("under load: %d of feedback acknowledged before, %d in the backup, %d in the end", len(before), len(kept), len(l.acknowledged()))

	address, env = restore(late)
	if diff := cmp.Diff(all, contents(t, address)); diff != "" {
		t.Errorf("at rest: the restored database differs (-source +restored):\n%s", ending(diff))
	}
	copied = harness.StartInstance(t, program, t.TempDir(), asAdmin(append(env, secretHere)...)...)
	l.check(copied.URL, signIn(t, copied.URL, "admin"))
	if status, _, err := l.one(t.Context(), copied.URL, ask{method: "GET", path: "/api/v1/me", token: l.token}); status != 200 {
		t.Errorf("got %d, %v for a token of before the backup, want 200: the secret is the same", status, err)
	}
}

func ending(text string) string { return text[max(0, len(text)-2000):] }

// acknowledged returns the comments of the feedback that was acknowledged so far.
func (l *load) acknowledged() (comments []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, acked := range l.ledger {
		if acked {
			comments = append(comments, c)
		}
	}
	return comments
}

// contents returns what a database holds: by table, how often each row.
func contents(t *testing.T, address string) map[string]map[string]int {
	t.Helper()
	driver, list := "pgx", "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
	if path, is := strings.CutPrefix(address, "sqlite:"); is {
		driver, address, list = "sqlite", path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := map[string]map[string]int{}
	for _, name := range texts(t, db, list) {
		all[name] = map[string]int{}
		for _, row := range texts(t, db, `SELECT * FROM "`+name+`"`) {
			all[name][row]++
		}
	}
	if len(all) < 10 {
		t.Fatalf("%s: got the tables %v, want all of them", driver, slices.Sorted(maps.Keys(all)))
	}
	return all
}

// texts returns the rows of a query, each as one text.
func texts(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	found, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := found.Scan(values...); err != nil {
			t.Fatal(err)
		}
		var row []string
		for _, v := range values {
			row = append(row, fmt.Sprint(*v.(*any))) //nolint:forcetypeassert // made above
		}
		all = append(all, strings.Join(row, "|"))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// runProgram runs a program to its end.
func runProgram(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), name, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "CIFRA_ENV_FILE=" + os.DevNull}, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", filepath.Base(name), args[0], err, bytes.TrimSpace(out))
	}
}

// postgresProgram returns the path of one of PostgreSQL's programs, which Debian keeps out of PATH.
func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		return slices.Max(found)
	}
	return name
}
