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
// by clicking too: in light, in dark and on a phone.
func TestGalleryIsAccessible(t *testing.T) {
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
		name, theme string
		language    i18n.Language
		as          []harness.As
	}{
		{"light", "light", i18n.English, nil},
		{"dark", "dark", i18n.Spanish, nil},
		{"390 px", "light", i18n.Russian, []harness.As{harness.Phone}}, // the longest words on the narrowest screen
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /wall/{id}/drawing", func(w http.ResponseWriter, _ *http.Request) {
			picture, _, _ := static.Example(static.Examples()[0])
			if _, err := w.Write(picture); err != nil {
				t.Error(err)
			}
		})
		mux.Handle("/static/", http.StripPrefix("/static/", static.Handler()))
		states := views.Gallery(words.Printer(look.language), look.theme, true)
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
					check(t, p)
				})
			}
		})
	}
}
