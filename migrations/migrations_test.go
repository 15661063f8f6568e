package migrations_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra/migrations"
)

// sums reads SUMS: the hash of each file by its name.
func sums(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("SUMS")
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]string{}
	for line := range strings.Lines(string(b)) {
		sum, name, found := strings.Cut(strings.TrimSpace(line), "  ")
		if _, twice := byName[name]; !found || twice {
			t.Errorf("SUMS: bad line %q", line)
		}
		byName[name] = sum
	}
	return byName
}

func TestLandedMigrationsAreNeverEdited(t *testing.T) {
	t.Parallel()
	landed := sums(t)
	got := map[string]string{}
	err := fs.WalkDir(migrations.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.Files, name)
		sum := sha256.Sum256(b)
		got[name] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 {
		t.Fatal("no migrations are embedded")
	}
	if diff := cmp.Diff(landed, got); diff != "" {
		t.Errorf("the files differ from SUMS; a change is a further migration, see the package's comment (-SUMS +files):\n%s", diff)
	}
}

func TestEachMigrationHasBothDialectsAndAWayBack(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^\d{4}_[a-z]+\.sql$`)
	names := map[string][]string{}
	for _, dialect := range []string{"sqlite", "postgres"} {
		entries, err := migrations.Files.ReadDir(dialect)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !form.MatchString(e.Name()) {
				t.Errorf("%s/%s: got a name that is not NNNN_word.sql", dialect, e.Name())
			}
			names[dialect] = append(names[dialect], e.Name())
			b, err := migrations.Files.ReadFile(path.Join(dialect, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(b), "\n-- down\n"); n != 1 {
				t.Errorf("%s/%s: got %d lines \"-- down\", want 1", dialect, e.Name(), n)
			}
		}
		numbers := slices.Clone(names[dialect])
		for i := range numbers {
			numbers[i] = numbers[i][:4]
		}
		if len(slices.Compact(numbers)) != len(names[dialect]) {
			t.Errorf("%s: got a number twice in %v", dialect, names[dialect])
		}
	}
	if diff := cmp.Diff(names["sqlite"], names["postgres"]); diff != "" {
		t.Errorf("the dialects' names differ (-sqlite +postgres):\n%s", diff)
	}
}
