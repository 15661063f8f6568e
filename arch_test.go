package cifra_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "cifra"

// mayImport holds, for each package of ours, the packages of ours that it may import. A folder inside a package counts
// as that package, and "cifra" is the root. A package that isn't here may import nothing of ours, nor be imported.
// docs/ARCHITECTURE.md shows the same table to people; TestImportTableIsDocumented holds the two together.
var mayImport = map[string][]string{
	"cmd": {
		"web", "handlers", "views", "static", "i18n", "predict", "lab", "train", "live", "auth", "httpcache", "cache",
		"digit", "store", "migrations", "cifra",
	},
	"web":        {"handlers", "auth", "httpcache", "views", "static", "i18n", "cifra"},
	"handlers":   {"views", "i18n", "cifra"},
	"views":      {"static", "i18n", "cifra"},
	"predict":    {"cache", "digit", "cifra"},
	"lab":        {"cache", "cifra"},
	"train":      {"digit", "cifra"},
	"httpcache":  {"cache", "cifra"},
	"auth":       {"cache", "cifra"},
	"store":      {"migrations", "cifra"},
	"live":       {"cifra"},
	"cache":      {"cifra"},
	"digit":      {"cifra"},
	"i18n":       {"cifra"},
	"cifra":      {},
	"static":     {},
	"migrations": {},
	"e2e":        {},
	"scripts":    {},
}

// mayKnowEcho are the packages that may name Echo, so that its next version is a mechanical change.
var mayKnowEcho = []string{"web", "handlers"}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	ours, echo := 0, 0
	for path := range productFiles(t) {
		from := packageOf(filepath.ToSlash(filepath.Dir(path)))
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(p, "github.com/labstack/echo") {
				echo++
				if !slices.Contains(mayKnowEcho, from) {
					t.Errorf("%s: package %s imports %s; Echo stays inside %v", path, from, p, mayKnowEcho)
				}
			}
			if p != module && !strings.HasPrefix(p, module+"/") {
				continue
			}
			ours++
			to := packageOf(strings.TrimPrefix(strings.TrimPrefix(p, module), "/"))
			if to != from && !slices.Contains(mayImport[from], to) {
				t.Errorf("%s: package %s may not import %s; it may import %v", path, from, to, mayImport[from])
			}
		}
	}
	if ours == 0 {
		t.Error("no import of ours seen: the test is blind")
	}
	t.Logf("%d imports of ours and %d of Echo checked", ours, echo)
}

// TestImportTableHasNoRing keeps the table itself honest: a ring in it would compile nowhere, but hide a mistake.
func TestImportTableHasNoRing(t *testing.T) {
	done := map[string]bool{}
	var visit func(p string, path []string)
	visit = func(p string, path []string) {
		if slices.Contains(path, p) {
			t.Fatalf("ring: %s", strings.Join(append(path, p), " → "))
		}
		if done[p] {
			return
		}
		for _, to := range mayImport[p] {
			visit(to, append(slices.Clone(path), p))
		}
		done[p] = true
	}
	for _, p := range slices.Sorted(maps.Keys(mayImport)) {
		visit(p, nil)
	}
}

func TestEveryPackageIsInTheTable(t *testing.T) {
	for path := range productFiles(t) {
		if p := packageOf(filepath.ToSlash(filepath.Dir(path))); mayImport[p] == nil {
			t.Errorf("%s: package %s is not in the table of arch_test.go", path, p)
		}
	}
}

// TestImportTableIsDocumented reads the lines "word word → word, word" between the marks of docs/ARCHITECTURE.md.
func TestImportTableIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(doc), "<!-- imports -->")
	table, _, end := strings.Cut(rest, "<!-- /imports -->")
	if !found || !end {
		t.Fatal("docs/ARCHITECTURE.md has no table between <!-- imports --> and <!-- /imports -->")
	}
	documented := map[string][]string{}
	for line := range strings.Lines(table) {
		left, right, found := strings.Cut(line, "→")
		if !found {
			continue
		}
		to := words(right)
		switch {
		case slices.Equal(to, []string{"nothing"}):
			to = []string{}
		case slices.Equal(to, []string{"everything"}):
			to = slices.DeleteFunc(slices.Collect(maps.Keys(mayImport)), func(p string) bool {
				return p == "cmd" || p == "e2e" || p == "scripts"
			})
		}
		slices.Sort(to)
		for _, from := range words(left) {
			documented[from] = to
		}
	}
	for _, p := range slices.Sorted(maps.Keys(mayImport)) {
		want := slices.Sorted(slices.Values(mayImport[p]))
		got, ok := documented[p]
		if !ok {
			t.Errorf("docs/ARCHITECTURE.md says nothing about %s, want %v", p, want)
		} else if !slices.Equal(got, want) {
			t.Errorf("docs/ARCHITECTURE.md: %s → %v, want %v as in arch_test.go", p, got, want)
		}
		delete(documented, p)
	}
	for p := range documented {
		t.Errorf("docs/ARCHITECTURE.md: %s is not in arch_test.go", p)
	}
}

// words splits a list by commas and spaces.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}

// packageOf returns the package that a folder belongs to: its first element, "cifra" for the root.
func packageOf(folder string) string {
	first, _, _ := strings.Cut(folder, "/")
	if first == "" || first == "." {
		return module
	}
	return first
}

// productFiles returns the Go files of this module that are not tests, with their contents unread.
func productFiles(t *testing.T) map[string]bool {
	t.Helper()
	files := map[string]bool{}
	walk(t, func(path string) {
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files[path] = true
		}
	})
	return files
}

// walk calls f with each file of this module, but not of modules inside it, nor of what is built or fetched.
func walk(t *testing.T, f func(path string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			f(path)
			return nil
		}
		switch path {
		case ".":
			return nil
		case "bin", "data", "gallery", "node_modules", "static/dist", ".git", ".cache":
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
