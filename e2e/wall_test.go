package e2e

import (
	"net/http"
	"testing"

	"cifra/e2e/harness"
)

// TestWallOfTheRoom: a phone in the hall draws and agrees; the wall on the screen shows it without a reload, and without
// scripts after one. Taken down on the screen, it is gone.
func TestWallOfTheRoom(t *testing.T) {
	s := show(t)
	screen := chrome.Open(t, s.URL)
	screen.Goto("/wall")
	screen.Until(`document.querySelector("[data-live-light]").dataset.state === "on"`)

	phone := chrome.Open(t, s.URL, harness.Phone)
	for n, agrees := range []bool{false, true} {
		phone.Goto("/")
		if agrees {
			phone.Click("input[name=wall]")
		}
		phone.Choose(fileField, harness.Photograph(t, harness.Seven, 280, uint8(n)))
		phone.Until(exists(answer))
	}
	screen.Until(`document.querySelectorAll(".wall-drawing").length === 1`)
	screen.Until(`document.querySelector(".wall-drawing img").naturalWidth > 0`)
	if got := screen.Text(".wall-read b"); got != "7" {
		t.Errorf("got %q on the wall, want 7", got)
	}
	check(t, screen)

	plain := chrome.Open(t, s.URL, harness.NoScript)
	plain.Goto("/wall")
	if n := plain.Count(".wall-drawing"); n != 1 {
		t.Errorf("without scripts: got %d drawings, want 1", n)
	}
	check(t, plain)
	screen.Click(".wall-drawing button")
	screen.Until(`document.querySelectorAll(".wall-drawing").length === 0`)
	if got := plain.Loads("looking again", harness.ClickOn(`a[href="/wall"]`)); got.Status != http.StatusOK || plain.Count(".wall-drawing") != 0 {
		t.Errorf("taken down: got %d, and %d drawings", got.Status, plain.Count(".wall-drawing"))
	}
}

// TestWhatIfOnThePage: the other service is switched off by a button, the page says so and shows how the answer goes on, and
// the banner's button ends it; with scripts and without.
func TestWhatIfOnThePage(t *testing.T) {
	s := show(t)
	for _, tt := range []struct {
		name string
		as   []harness.As
	}{{"with JavaScript", nil}, {"without, on a phone", []harness.As{harness.NoScript, harness.Phone}}} {
		t.Run(tt.name, func(t *testing.T) {
			p := chrome.Open(t, s.URL, tt.as...)
			p.Goto("/lab/whatif")
			p.Loads("breaking it", harness.ClickOn(`button[name=upstream][value=gone]`))
			if p.Count(".trouble") != 1 || p.Path() != "/lab/whatif" {
				t.Errorf("got no banner at %s", p.Path())
			}
			p.Until(`document.querySelectorAll(".show-lanes .src").length === 2`)
			check(t, p)
			p.Goto("/lab/people?id=42")
			p.Loads("back to normal", harness.ClickOn(".trouble button"))
			if p.Count(".trouble") != 0 || p.Path() != "/lab/people?id=42" {
				t.Errorf("got %d banners at %s, want none, where one was", p.Count(".trouble"), p.Path())
			}
		})
	}
}
