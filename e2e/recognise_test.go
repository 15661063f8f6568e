package e2e

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"cifra/e2e/harness"
)

// Where things are on the page. The badge's class is where the answer came from.
const (
	pad       = "#pad canvas"
	send      = "#recognise button.primary"
	fileField = "#file"
	answer    = "#answer:not(.nothing-yet) .verdict"
	digit     = "#answer:not(.nothing-yet) .verdict .digit"
	badge     = "#answer:not(.nothing-yet) .verdict .src"
	fromModel = "#answer:not(.nothing-yet) .verdict .src-up"
	fromCache = "#answer:not(.nothing-yet) .verdict .src-cache"
)

func TestDrawnSevenIsRead(t *testing.T) {
	tests := []struct {
		name  string
		touch bool
		as    []harness.As
	}{
		{"with the mouse", false, nil},
		{"with the mouse on a dark page", false, []harness.As{harness.Dark}},
		{"with a finger on a phone", true, []harness.As{harness.Phone}},
	}
	s := serve(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := chrome.Open(t, s.URL, test.as...)
			p.Goto("/")
			p.Draw(pad, harness.Seven, test.touch)
			p.Click(send)
			p.Until(exists(answer))
			if got := p.Text(digit); got != "7" {
				t.Errorf("got %s, want 7", got)
			}
			if got := p.Path(); got != "/" {
				t.Errorf("the page went to %s, want the answer in place", got)
			}
		})
	}
}

func TestDigitIsDrawnByKeyboard(t *testing.T) {
	p := chrome.Open(t, serve(t).URL)
	p.Goto("/")
	p.Do("giving the pad the focus", chromedp.Focus(chromedp.CSS(pad)))
	for range 4 { // from the middle up
		p.Press(kb.ArrowUp, chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	p.Press(" ") // the pen is down
	for range 8 {
		p.Press(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	p.Press(" ") // and up
	p.Press(kb.Enter)
	p.Until(exists(answer))
	if got := p.Text(digit); got != "1" {
		t.Errorf("a line from top to bottom: got %s, want 1", got)
	}
}

func TestDrawingIsGuessedWhileItGrows(t *testing.T) {
	p := chrome.Open(t, serve(t).URL)
	p.Goto("/")
	p.Draw(pad, harness.Zero, false)
	p.Until(`document.querySelector("#guess .guess-digit")?.innerText === "0"`)
	if p.Count(answer) != 0 {
		t.Error("a guess: got an answer, want none before it is asked for")
	}
	if got := p.Exchanges(http.MethodPost, "/predict"); len(got) != 0 {
		t.Errorf("got %d predictions, want none", len(got))
	}
}

// TestSamePictureComesFromCache is what the program is about: the second answer to one question is remembered, and the
// page, the address and the headers all say so.
func TestSamePictureComesFromCache(t *testing.T) {
	tests := []struct {
		name string
		as   []harness.As
		ask  func(*testing.T, *harness.Page, string)
	}{
		{"in place, with JavaScript", nil, func(t *testing.T, p *harness.Page, file string) {
			t.Helper()
			p.Choose(fileField, file) // is sent at once
			p.Until(exists(answer))
		}},
		{"page by page, without", []harness.As{harness.NoScript}, func(t *testing.T, p *harness.Page, file string) {
			t.Helper()
			p.Choose(fileField, file)
			if got := p.Loads("sending the form", harness.ClickOn(send)); !strings.HasPrefix(got.Path, "/r/") {
				t.Fatalf("got to %s, want the answer's own address under /r/", got.Path)
			}
		}},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t)
			p := chrome.Open(t, s.URL, test.as...)
			file := harness.Photograph(t, harness.Seven, 280, uint8(i))
			for turn, want := range []struct{ badge, xCache, cacheStatus string }{
				{fromModel, "MISS", "fwd=uri-miss"},
				{fromCache, "HIT", "hit"},
			} {
				p.Goto("/")
				test.ask(t, p, file)
				if got := p.Text(digit); got != "7" {
					t.Errorf("turn %d: got digit %s, want 7", turn+1, got)
				}
				if p.Count(want.badge) != 1 {
					t.Errorf("turn %d: got badge %q, want %s", turn+1, p.Text(badge), want.badge)
				}
				posts := p.Exchanges(http.MethodPost, "/predict")
				if len(posts) != turn+1 {
					t.Fatalf("turn %d: got %d requests, want %d", turn+1, len(posts), turn+1)
				}
				header := posts[turn].Header
				if got := header["x-cache"]; got != want.xCache {
					t.Errorf("turn %d: X-Cache: got %q, want %s", turn+1, got, want.xCache)
				}
				if got := header["cache-status"]; !strings.Contains(got, want.cacheStatus) {
					t.Errorf("turn %d: Cache-Status: got %q, want %s in it", turn+1, got, want.cacheStatus)
				}
				if got := header["server-timing"]; !strings.Contains(got, "dur=") {
					t.Errorf("turn %d: Server-Timing: got %q, want a duration", turn+1, got)
				}
				if _, got := header["age"]; got != (want.xCache == "HIT") {
					t.Errorf("turn %d: Age: got %v, want it with a hit only", turn+1, got)
				}
			}
		})
	}
}

// TestExamplesAreReadAsTheirNamesSay presses each example of the page; its name says what it shows.
func TestExamplesAreReadAsTheirNamesSay(t *testing.T) {
	p := chrome.Open(t, serve(t).URL, harness.NoScript)
	p.Goto("/")
	names := harness.Eval[[]string](p, `[...document.querySelectorAll("button[name=example]")].map(b => b.value)`)
	if len(names) < 5 {
		t.Errorf("got examples %q, want several", names)
	}
	known := 0
	for _, name := range names {
		p.Goto("/")
		p.Loads("pressing "+name, harness.ClickOn(`button[name=example][value="`+name+`"]`))
		got := p.Text(digit)
		for n, word := range []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"} {
			if slices.Contains(strings.Split(name, "-"), word) {
				known++
				if want := strconv.Itoa(n); got != want {
					t.Errorf("%s: got %s, want %s", name, got, want)
				}
			}
		}
	}
	if known == 0 {
		t.Errorf("got examples %q, want some that are named by their digit", names)
	}
}

func TestSeveralFilesGiveAPageOfAnswers(t *testing.T) {
	files := []string{
		harness.Photograph(t, harness.Seven, 280, 0), harness.Photograph(t, harness.Zero, 280, 0),
		harness.Photograph(t, harness.One, 280, 0),
	}
	for _, test := range []struct {
		name string
		as   []harness.As
	}{{"with JavaScript", nil}, {"without", []harness.As{harness.NoScript}}} {
		t.Run(test.name, func(t *testing.T) {
			p := chrome.Open(t, serve(t).URL, test.as...)
			p.Goto("/")
			p.Choose(fileField, files...)
			if len(test.as) > 0 {
				p.Loads("sending", harness.ClickOn(send))
			}
			p.Until(exists("#answer .card-digit"))
			got := harness.Eval[string](p, `[...document.querySelectorAll("#answer .card-digit")].map(e => e.innerText.trim()).sort().join(" ")`)
			if got != "0 1 7" {
				t.Errorf("got digits %q, want 0 1 7", got)
			}
		})
	}
}

func TestNothingIsKeptWhereAskedTo(t *testing.T) {
	p := chrome.Open(t, serve(t).URL, harness.NoScript)
	p.Goto("/")
	p.Click("input[name=keep]")
	p.Choose(fileField, harness.Photograph(t, harness.Seven, 280, 0))
	got := p.Loads("sending", harness.ClickOn(send))
	if strings.HasPrefix(got.Path, "/r/") {
		t.Errorf("got to %s: an address means that it was kept", got.Path)
	}
	if got := p.Text(digit); got != "7" {
		t.Errorf("got %s, want 7", got)
	}
}

func TestRefusalIsSaidInPlace(t *testing.T) {
	for _, test := range []struct {
		name string
		as   []harness.As
	}{{"with JavaScript", nil}, {"without", []harness.As{harness.NoScript}}} {
		t.Run(test.name, func(t *testing.T) {
			p := chrome.Open(t, serve(t).URL, test.as...)
			p.Allow("status of 4(00|15|22)") // the browser notes the refusal on its console
			p.Goto("/")
			p.Choose(fileField, textFile(t))
			if len(test.as) > 0 {
				p.Loads("sending", harness.ClickOn(send))
			}
			p.Until(exists("#answer .refusal"))
			if got := p.Text("#answer .refusal p"); len(got) < 10 {
				t.Errorf("got %q, want a sentence that says what is wrong", got)
			}
		})
	}
}

func exists(selector string) string { return `document.querySelector("` + selector + `")` }
