package e2e

import (
	"strings"
	"testing"

	"cifra/e2e/harness"
)

func TestPagesSpeakThreeLanguages(t *testing.T) {
	s := serve(t)
	said := map[string]map[string]string{} // page → language → what it says
	for _, language := range []string{"en", "es", "ru"} {
		p := chrome.Open(t, s.URL, harness.Speaking(language))
		p.Allow("status of 404")
		for _, page := range []string{"/", "/login", "/register", "/docs/", "/nothing-here"} {
			p.Goto(page)
			if got := harness.Eval[string](p, `document.documentElement.lang`); got != language {
				t.Errorf("%s for %s: got lang=%s", page, language, got)
			}
			if said[page] == nil {
				said[page] = map[string]string{}
			}
			text := p.Text("main")
			said[page][language] = text
			if got := strings.ContainsAny(strings.ToLower(text), "абвгдежзиклмнопрст"); got != (language == "ru") {
				t.Errorf("%s for %s: Cyrillic: got %v", page, language, got)
			}
		}
	}
	for page, by := range said {
		if by["en"] == by["es"] || by["en"] == by["ru"] {
			t.Errorf("%s: two languages say the same: %q", page, by["en"])
		}
	}
}

// TestLanguageIsChosenOnThePage: a choice goes over what the browser asks for, and stays.
func TestLanguageIsChosenOnThePage(t *testing.T) {
	for _, test := range []struct {
		name string
		as   []harness.As
	}{{"with JavaScript", nil}, {"without", []harness.As{harness.NoScript}}} {
		t.Run(test.name, func(t *testing.T) {
			p := chrome.Open(t, serve(t).URL, test.as...)
			p.Goto("/login")
			p.Click(`[popovertarget=preferences]`)
			p.Loads("choosing Spanish", harness.ClickOn(`#preferences button[value=es]`))
			p.Goto("/")
			if got := harness.Eval[string](p, `document.documentElement.lang`); got != "es" {
				t.Errorf("got lang=%s, want es", got)
			}
		})
	}
}

func TestAnswersAndRefusalsAreTranslated(t *testing.T) {
	s := serve(t)
	seven := harness.Photograph(t, harness.Seven, 280, 0)
	for _, test := range []struct{ language, refusal, answer string }{
		{"en", "That didn't work", "It is a 7"},
		{"es", "", ""},
		{"ru", "", ""},
	} {
		t.Run(test.language, func(t *testing.T) {
			p := chrome.Open(t, s.URL, harness.Speaking(test.language))
			p.Allow("status of 4(00|15|22)")
			p.Goto("/")
			p.Choose(fileField, textFile(t))
			p.Until(exists("#answer .refusal"))
			refusal := p.Text("#answer .refusal h2")
			p.Choose(fileField, seven)
			p.Until(exists(answer))
			title := p.Text("#answer-title")
			if test.language == "en" {
				if refusal != test.refusal || title != test.answer {
					t.Errorf("got %q and %q, want %q and %q", refusal, title, test.refusal, test.answer)
				}
				return
			}
			if refusal == "That didn't work" || strings.Contains(title, "It is") || !strings.Contains(title, "7") {
				t.Errorf("got %q and %q, want both in %s", refusal, title, test.language)
			}
		})
	}
}
