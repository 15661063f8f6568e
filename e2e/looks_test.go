package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cifra/e2e/harness"
)

// looks are how each page is looked at. Every one of them must be usable; the ones that share their colours or their
// sizes with the others have their turn where CIFRA_PROVE=1.
var looks = []struct {
	name   string
	as     []harness.As
	proves bool
}{
	{"light", nil, false},
	{"dark", []harness.As{harness.Dark}, true},
	{"390 px", []harness.As{harness.Phone}, true},
	{"390 px dark", []harness.As{harness.Phone, harness.Dark}, false},
	{"without JavaScript", []harness.As{harness.NoScript}, false},
}

// TestEveryPageIsAccessible opens each page as people meet it, in each look: axe-core finds nothing, nothing is wider
// than the screen, and the console says nothing.
func TestEveryPageIsAccessible(t *testing.T) {
	seven := harness.Photograph(t, harness.Seven, 280, 0)
	pages := []struct {
		name   string
		status int64
		open   func(t *testing.T, p *harness.Page) harness.Exchange
	}{
		{"home", http.StatusOK, goTo("/")},
		{"result", http.StatusOK, func(t *testing.T, p *harness.Page) harness.Exchange {
			t.Helper()
			return p.Goto(keep(t, p, seven))
		}},
		{"sign in", http.StatusOK, goTo("/login")},
		{"register", http.StatusOK, goTo("/register")},
		{"wrong password", http.StatusUnprocessableEntity, func(_ *testing.T, p *harness.Page) harness.Exchange {
			p.Goto("/login")
			p.Type("#username", "nobody")
			p.Type("#password", "not the password")
			return p.Loads("signing in", harness.ClickOn("main form button.primary"))
		}},
		{"set up", http.StatusOK, goTo("/setup")},
		{"no such page", http.StatusNotFound, goTo("/there-is-no-such-page")},
		{"API, with a call opened", http.StatusOK, func(t *testing.T, p *harness.Page) harness.Exchange {
			t.Helper()
			got := p.Goto("/docs/")
			harness.Eval[bool](p, `(document.querySelector("details.operation:has(form)").querySelectorAll("details").forEach(d => { d.open = true; }),
				document.querySelector("details.operation:has(form)").open = true)`)
			return got
		}},
	}
	s := serve(t)
	for _, look := range looks {
		if look.proves && !proving() {
			continue
		}
		for _, page := range pages {
			t.Run(page.name+", "+look.name, func(t *testing.T) {
				t.Parallel()
				p := chrome.Open(t, s.URL, look.as...)
				if page.status >= http.StatusBadRequest {
					p.Allow("Failed to load resource: the server responded with a status of 4")
				}
				if got := page.open(t, p); got.Status != page.status {
					t.Errorf("status: got %d, want %d", got.Status, page.status)
				}
				check(t, p)
			})
		}
	}
}

// TestAnswerInPlaceIsAccessible does the same for what the page's script puts there.
func TestAnswerInPlaceIsAccessible(t *testing.T) {
	s := serve(t)
	for _, look := range looks[:4] { // the script puts nothing there without JavaScript
		if look.proves && !proving() {
			continue
		}
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			p := chrome.Open(t, s.URL, look.as...)
			p.Goto("/")
			p.Choose(fileField, harness.Photograph(t, harness.Seven, 280, 0))
			p.Until(exists(answer))
			harness.Eval[bool](p, `(document.querySelectorAll("details").forEach(d => { d.open = true; }), true)`)
			check(t, p)
		})
	}
}

// check holds a page as it is now to what every page must be, by the named rules of axe-core or by all of them.
func check(t *testing.T, p *harness.Page, rules ...string) {
	t.Helper()
	for _, v := range axe.Violations(p, rules...) {
		t.Errorf("accessibility: %s", v)
	}
	type size struct{ Page, Screen int }
	got := harness.Eval[size](p, `({page: document.documentElement.scrollWidth, screen: document.documentElement.clientWidth})`)
	if got.Page > got.Screen {
		wide := harness.Eval[[]string](p, `[...document.querySelectorAll("body *")]
			.filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
			.slice(0, 5).map(e => e.outerHTML.slice(0, 120))`)
		t.Errorf("the page is %d pixels wide on a screen of %d: %s", got.Page, got.Screen, strings.Join(wide, "\n"))
	}
}

func TestThemeIsKept(t *testing.T) {
	for _, test := range []struct {
		name string
		as   []harness.As
	}{{"with JavaScript", nil}, {"without", []harness.As{harness.NoScript}}} {
		t.Run(test.name, func(t *testing.T) {
			p := chrome.Open(t, serve(t).URL, test.as...)
			p.Goto("/login")
			light := harness.Eval[string](p, `getComputedStyle(document.body).backgroundColor`)
			p.Click(`[popovertarget=preferences]`)
			p.Loads("choosing dark", harness.ClickOn(`#preferences button[value=dark]`))
			if got := p.Path(); got != "/login" {
				t.Errorf("got to %s, want back to /login", got)
			}
			p.Goto("/")
			if got := harness.Eval[string](p, `document.documentElement.dataset.theme ?? ""`); got != "dark" {
				t.Errorf("theme: got %q, want dark", got)
			}
			if got := harness.Eval[string](p, `getComputedStyle(document.body).backgroundColor`); got == light {
				t.Errorf("background: got %s as before, want a dark one", got)
			}
		})
	}
}

func goTo(path string) func(*testing.T, *harness.Page) harness.Exchange {
	return func(_ *testing.T, p *harness.Page) harness.Exchange { return p.Goto(path) }
}

// keep uploads a file, as the page does it, and returns the address of the answer.
func keep(t *testing.T, p *harness.Page, file string) string {
	t.Helper()
	p.Goto("/")
	p.Choose(fileField, file)
	if !harness.Eval[bool](p, `document.documentElement.classList.contains("js")`) {
		return p.Loads("sending", harness.ClickOn(send)).Path
	}
	p.Until(exists(answer))
	action := harness.Eval[string](p, `document.querySelector('#answer form[action^="/r/"]')?.getAttribute("action") ?? ""`)
	address, found := strings.CutSuffix(action, "/delete")
	if !found {
		t.Fatalf("the answer can't be deleted: got action %q, want /r/…/delete", action)
	}
	return address
}

// textFile writes a file that is no picture, and returns its path.
func textFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "digit.png")
	if err := os.WriteFile(name, []byte("seven"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
