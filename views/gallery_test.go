package views_test

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cifra/i18n"
	"cifra/static"
	"cifra/views"
)

var (
	update   = flag.Bool("update", false, "write the golden pages under testdata")
	folder   = flag.String("gallery", "", "write every state of every page, as files, into this folder")
	language = flag.String("language", "", "the gallery's language; all of them unless given")
	theme    = flag.String("theme", "", "the gallery's theme, light or dark; the reader's own unless given")
)

// TestGalleryIsAsItWas holds each state, in English, to the page that was looked at and found good. What differs from
// one machine to another in the same picture, its compressed bytes, is left out, and so are the hashes of assets and the kinds of the examples' files.
func TestGalleryIsAsItWas(t *testing.T) {
	for _, s := range views.Gallery(printer(t, i18n.English), "", true) {
		t.Run(s.Name, func(t *testing.T) {
			got := lines(show(t, s))
			file := filepath.Join("testdata", s.Name+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v: a new state? go test ./views -update, and look at it", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the page changed (-want +got); where it should: go test ./views -update\n%s", diff)
			}
		})
	}
}

func TestGoldenPagesAllHaveAState(t *testing.T) {
	names := map[string]bool{}
	for _, s := range views.Gallery(printer(t, i18n.English), "", true) {
		if names[s.Name] {
			t.Errorf("two states are named %s", s.Name)
		}
		names[s.Name] = true
	}
	files, err := filepath.Glob("testdata/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".html"); !names[name] {
			t.Errorf("%s: no state has this name any more", f)
		}
	}
}

// keyForm finds message keys that were shown instead of a message.
var keyForm = regexp.MustCompile(`\b(?:account|admin|audit|feedback|list|live|now|report|review|answer|answers|banner|compare|docs|error|example|field|footer|guess|history|home|judge|keep|lab|legend|nav|pad|` +
	`preferences|present|problem|reason|retrain|training|models|model|gate|register|setup|share|signin|source|status|step|theme|waterfall|why)\.[a-z0-9-]+(?:\.[a-z0-9-]+)*\b`)

func TestNoPageShowsAKeyInsteadOfAMessage(t *testing.T) {
	for _, l := range i18n.Languages() {
		for _, s := range views.Gallery(printer(t, l), "", true) {
			page := html.UnescapeString(show(t, s))
			for _, key := range keyForm.FindAllString(fileNames.ReplaceAllString(page, ""), -1) {
				t.Errorf("%s, %s: shows the key %s", s.Name, l, key)
			}
		}
	}
}

// fileNames are what looks like a key and is none.
var fileNames = regexp.MustCompile(`(?:/static/[^"]*|error\.[a-z]*\.html)`)

// TestPagesKeepToTheContentSecurityPolicy finds what browsers would refuse to run or to apply.
func TestPagesKeepToTheContentSecurityPolicy(t *testing.T) {
	refused := regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|hx-vals="js:|<script(?:>|\s[^>]*>[^<])`)
	for _, s := range views.Gallery(printer(t, i18n.English), "dark", true) {
		if found := refused.FindString(show(t, s)); found != "" {
			t.Errorf("%s: holds %q, which the policy refuses", s.Name, found)
		}
	}
}

// TestGalleryWritesFiles writes the gallery where -gallery says, with its styles beside it, for people to look at.
func TestGalleryWritesFiles(t *testing.T) {
	out := *folder
	if out == "" {
		out = t.TempDir()
	}
	var index bytes.Buffer
	fmt.Fprint(&index, "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>cifra, every page</title><h1>cifra, every page</h1>\n")
	assets := map[string]bool{}
	for _, l := range i18n.Languages() {
		if *language != "" && *language != string(l) {
			continue
		}
		fmt.Fprintf(&index, "<h2>%s</h2>\n<ul>\n", l.Name())
		for _, s := range views.Gallery(printer(t, l), *theme, true) {
			page := show(t, s)
			for _, a := range regexp.MustCompile(`/static/([^"]+)`).FindAllStringSubmatch(page, -1) {
				assets[a[1]] = true
			}
			name := s.Name + "." + string(l) + ".html"
			write(t, filepath.Join(out, name), []byte(strings.ReplaceAll(page, `"/static/`, `"static/`)))
			fmt.Fprintf(&index, "<li><a href=\"%s\">%s</a></li>\n", name, s.Name)
		}
		fmt.Fprint(&index, "</ul>\n")
	}
	write(t, filepath.Join(out, "index.html"), index.Bytes())
	for name := range assets {
		saveAsset(t, out, name)
	}
}

func saveAsset(t *testing.T, out, name string) {
	t.Helper()
	if !fs.ValidPath(name) {
		t.Fatalf("a page names the asset %q", name)
	}
	answer := httptest.NewRecorder()
	static.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/"+name, http.NoBody))
	if answer.Code != http.StatusOK {
		if *folder == "" {
			return // built without make: there are no assets yet, and nobody looks
		}
		t.Fatalf("%s: got status %d; `make gallery` builds the assets", name, answer.Code)
	}
	write(t, filepath.Join(out, "static", name), answer.Body.Bytes())
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func printer(t *testing.T, l i18n.Language) *i18n.Printer {
	t.Helper()
	b, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	return b.Printer(l)
}

func show(t *testing.T, s views.State) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Component.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	pictures = regexp.MustCompile(`data:image/png;base64,[A-Za-z0-9+/=]+`)
	hashes   = regexp.MustCompile(`(/static/[a-z]+)-[A-Z0-9]{8}\.`)
	kinds    = regexp.MustCompile(`(/static/examples/[a-z-]+)\.[a-z]+`)
)

// lines breaks a page into a line for each element, so that a difference is a readable one.
func lines(page string) string {
	page = pictures.ReplaceAllString(page, "data:image/png,…")
	page = hashes.ReplaceAllString(page, "$1.")
	page = kinds.ReplaceAllString(page, "$1")
	return strings.ReplaceAll(page, "><", ">\n<") + "\n"
}
