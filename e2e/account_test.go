package e2e

import (
	"net/http"
	"regexp"
	"testing"

	"cifra/e2e/harness"
)

const password = "a seven and a cross bar"

// setupCode finds the one-time code in what a program without an admin prints.
var setupCode = regexp.MustCompile(`/setup with the code (\S+)`)

// TestAccount goes a person's way: a guest recognises, makes an account, finds the guest's result there, signs out, is
// refused with a wrong password, and comes back.
func TestAccount(t *testing.T) {
	for _, test := range []struct {
		name string
		as   []harness.As
	}{{"with JavaScript", nil}, {"without", []harness.As{harness.NoScript}}} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t)
			p := chrome.Open(t, s.URL, test.as...)
			p.Allow("status of 4(04|22)")
			result := keep(t, p, harness.Photograph(t, harness.Seven, 280, 0))

			p.Goto("/register?next=" + result)
			p.Type("#username", "ana")
			p.Type("#password", password)
			if got := p.Loads("making an account", harness.ClickOn("main form button.primary")); got.Path != result || got.Status != http.StatusOK {
				t.Errorf("got %d at %s, want the guest's result %s", got.Status, got.Path, result)
			}
			if got := p.Text("header .who"); got != "ana" {
				t.Errorf("signed in as %q, want ana", got)
			}

			p.Loads("signing out", harness.ClickOn(`form[action="/logout"] button`))
			if p.Count("header .who") != 0 {
				t.Error("still signed in after signing out")
			}
			if got := p.Goto(result); got.Status != http.StatusNotFound {
				t.Errorf("another guest: got %d for ana's result, want 404", got.Status)
			}

			p.Goto("/login")
			p.Type("#username", "ana")
			p.Type("#password", password+" ")
			if got := p.Loads("signing in wrongly", harness.ClickOn("main form button.primary")); got.Status != http.StatusUnprocessableEntity {
				t.Errorf("a wrong password: got %d, want 422", got.Status)
			}
			p.Type("#password", password)
			p.Loads("signing in", harness.ClickOn("main form button.primary"))
			if got := p.Text("header .who"); got != "ana" {
				t.Errorf("signed in as %q, want ana", got)
			}
		})
	}
}

func TestFirstAdminIsMadeWithTheCodeOfTheLog(t *testing.T) {
	s := serve(t)
	code := s.Said(t, setupCode)[1]
	p := chrome.Open(t, s.URL)
	p.Allow("status of 4(04|22)")
	p.Goto("/setup")
	p.Type("#code", "wrong")
	p.Type("#username", "root.admin")
	p.Type("#password", password)
	if got := p.Loads("sending a wrong code", harness.ClickOn("main form button.primary")); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: got %d, want 422", got.Status)
	}
	harness.Eval[string](p, `document.querySelector("#code").value = ""`)
	p.Type("#code", code)
	p.Type("#password", password)
	p.Loads("sending the right one", harness.ClickOn("main form button.primary"))
	if got := p.Text("header .who"); got != "root.admin" {
		t.Errorf("signed in as %q, want root.admin", got)
	}
	if got := p.Goto("/setup"); got.Status != http.StatusNotFound {
		t.Errorf("set up twice: got %d, want 404", got.Status)
	}
}
