package cifra_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestDependenciesAreNewEnough holds the versions below which a dependency has a hole that matters here.
func TestDependenciesAreNewEnough(t *testing.T) {
	tests := []struct {
		module, least, why string
	}{
		{"github.com/labstack/echo/v4", "v4.16.0", "several advisories, the last of them fixed in it"},
		{"golang.org/x/image", "v0.43.0", "pictures come from strangers: the advisories on its WebP decoder"},
		{"github.com/uptrace/bun", "v1.3.0", "an SQL injection"},
		{"golang.org/x/crypto", "v0.45.0", "ssh and its agent; a scanner reports the module whichever part is used"},
		{"github.com/golang-jwt/jwt/v5", "v5.2.2", "memory without bound from a header of dots"},
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		m := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(test.module) + ` (v\S+)`).FindSubmatch(mod)
		if m == nil {
			t.Errorf("go.mod doesn't name %s", test.module)
			continue
		}
		if got := string(m[1]); older(t, got, test.least) {
			t.Errorf("%s: got %s, want %s at least: %s", test.module, got, test.least, test.why)
		}
	}
}

func TestOlderComparesNumbersNotText(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"v1.9.0", "v1.10.0", true},
		{"v1.10.0", "v1.9.9", false},
		{"v1.2.3", "v1.2.3", false},
		{"v0.43.0", "v0.43.1", true},
		{"v2.0.0", "v1.99.99", false},
	}
	for _, test := range tests {
		if got := older(t, test.a, test.b); got != test.want {
			t.Errorf("older(%s, %s): got %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

// older compares two versions of the form v1.2.3; what follows a "-" or a "+" doesn't count.
func older(t *testing.T, a, b string) bool {
	t.Helper()
	x, y := numbers(t, a), numbers(t, b)
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}

func numbers(t *testing.T, version string) (n [3]int) {
	t.Helper()
	plain, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), "-")
	plain, _, _ = strings.Cut(plain, "+")
	parts := strings.Split(plain, ".")
	if len(parts) != len(n) {
		t.Fatalf("version %q has %d numbers, want %d", version, len(parts), len(n))
	}
	for i, s := range parts {
		var err error
		if n[i], err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// TestFilesHoldNothingOfOneMachine finds what works, or makes sense, on one machine only. The expressions are written
// so that they don't find themselves.
func TestFilesHoldNothingOfOneMachine(t *testing.T) {
	tests := []struct {
		what string
		find *regexp.Regexp
	}{
		{"a path of one machine", regexp.MustCompile(`(?:^|[\s"'=:(\x60])/(?:root|home|Users|work|farm|tmp)/\w`)},
		{"a package registry's host, or a mirror's", regexp.MustCompile(`"resolved"\s*:|https?://(?:registry|proxy|mirror)[\w-]*\.`)},
		{"a mark of unfinished work", regexp.MustCompile(`\b(?:TO[D]O|FI[X]ME|XX[X])\b`)},
		{"a conflict of a merge", regexp.MustCompile(`(?m)^(?:<{7}|>{7}) `)},
	}
	seen := 0
	walk(t, func(path string) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if path == ".env" || path == ".git" || bytes.IndexByte(data, 0) >= 0 { // this machine's own; or a picture, weights
			return
		}
		seen++
		for _, test := range tests {
			for _, at := range test.find.FindAllIndex(data, 3) {
				line := 1 + bytes.Count(data[:at[0]], []byte("\n"))
				t.Errorf("%s:%d: %s: %q", filepath.ToSlash(path), line, test.what, data[at[0]:at[1]])
			}
		}
	})
	if seen == 0 {
		t.Error("no file seen: the test is blind")
	}
	t.Logf("%d files read", seen)
}

// TestGitIgnoresWhatIsFetchedOrBuilt keeps others' code, built files and secrets out of the repository.
func TestGitIgnoresWhatIsFetchedOrBuilt(t *testing.T) {
	ignored, err := os.ReadFile(".gitignore")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/node_modules/", "/static/dist/*", "/bin/", "/data/", "/.cache/", "/gallery/", ".env"} {
		if !bytes.Contains(ignored, []byte("\n"+want+"\n")) && !bytes.HasPrefix(ignored, []byte(want+"\n")) {
			t.Errorf(".gitignore doesn't name %s: others' code, or secrets, would be committed", want)
		}
	}
}
