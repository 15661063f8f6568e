package e2e

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"cifra/e2e/harness"
	"cifra/i18n"
	"cifra/static"
	"cifra/views"
)

// TestGalleryIsAccessible looks at every state of every page that views.Gallery names, the ones that are hard to reach
// by clicking too: by all rules on a desktop, then dark by those about colours, and on a phone by those about sizes; with
// CIFRA_PROVE=1 by all rules in each.
func TestGalleryIsAccessible(t *testing.T) {
	t.Parallel()
	if missing != nil {
		t.Skip(missing)
	}
	if !static.Built() {
		t.Skip("no styles: `make build` bundles them")
	}
	words, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, look := range []struct {
		name     string
		language i18n.Language
		as       []harness.As
		check    func(t *testing.T, p *harness.Page)
	}{
		{"desktop, light and dark", i18n.English, nil, func(t *testing.T, p *harness.Page) {
			t.Helper()
			check(t, p)
			harness.Eval[string](p, `document.documentElement.dataset.theme = "dark"`)
			check(t, p, ifNotProving("color-contrast", "link-in-text-block")...)
		}},
		// The longest words on the narrowest screen.
		{"390 px", i18n.Russian, []harness.As{harness.Phone}, func(t *testing.T, p *harness.Page) {
			t.Helper()
			check(t, p, ifNotProving("target-size", "scrollable-region-focusable")...)
		}},
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /wall/{id}/drawing", func(w http.ResponseWriter, _ *http.Request) {
			picture, _, _ := static.Example(static.Examples()[0])
			if _, err := w.Write(picture); err != nil {
				t.Error(err)
			}
		})
		mux.Handle("/static/", http.StripPrefix("/static/", static.Handler()))
		states := views.Gallery(words.Printer(look.language), "light", true)
		if len(states) == 0 {
			t.Fatal("the gallery is empty")
		}
		for _, state := range states {
			mux.HandleFunc("GET /"+state.Name, func(w http.ResponseWriter, r *http.Request) {
				if err := state.Component.Render(r.Context(), w); err != nil {
					t.Errorf("%s: %v", state.Name, err)
				}
			})
		}
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			p := chrome.Open(t, server.URL, look.as...)
			for _, state := range states {
				if state.Name == "home-not-built" { // says "run make" to a developer, as bare as browsers make it
					continue
				}
				t.Run(state.Name, func(t *testing.T) {
					p := p.For(t)
					p.Goto("/" + state.Name)
					look.check(t, p)
				})
			}
		})
	}
}

// ifNotProving returns the rules of axe-core that are enough where time counts, else none, which means all.
func ifNotProving(rules ...string) []string {
	if proving() {
		return nil
	}
	return rules
}
