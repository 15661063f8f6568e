// Package i18n says things in the reader's language: messages from embedded catalogues, plurals by each language's
// own rules, numbers, durations and dates as that language writes them.
package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"

	"github.com/BurntSushi/toml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"cifra"
)

// Language is one that the site speaks, by its BCP 47 tag.
type Language string

// The languages. English comes first: it is what readers of any other language are given.
const (
	English Language = "en"
	Spanish Language = "es"
	Russian Language = "ru"
)

// Languages returns the languages in the order in which they are offered.
func Languages() []Language { return []Language{English, Spanish, Russian} }

// Name is what the language calls itself.
func (l Language) Name() string {
	switch l {
	case Spanish:
		return "Español"
	case Russian:
		return "Русский"
	default:
		return "English"
	}
}

//go:embed *.toml
var catalogues embed.FS

// Bundle holds the messages of all languages. It is safe for concurrent use.
type Bundle struct {
	printers map[Language]*Printer
}

// New reads the catalogues, files named WORD.LANGUAGE.toml. It fails where one cannot be read.
func New() (*Bundle, error) {
	b := goi18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	files, err := fs.Glob(catalogues, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("catalogues: %w", err)
	}
	for _, f := range files {
		if _, err := b.LoadMessageFileFS(catalogues, f); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", f, err)
		}
	}
	bundle := &Bundle{printers: make(map[Language]*Printer)}
	for _, l := range Languages() {
		bundle.printers[l] = &Printer{lang: l, localizer: goi18n.NewLocalizer(b, string(l))}
	}
	return bundle, nil
}

// Printer returns what speaks l, English where l is no language of the site.
func (b *Bundle) Printer(l Language) *Printer {
	if p, ok := b.printers[l]; ok {
		return p
	}
	return b.printers[English]
}

// Known reports whether code names a language of the site.
func Known(code string) bool {
	for _, l := range Languages() {
		if string(l) == code {
			return true
		}
	}
	return false
}

// matcher finds the best of the languages for what a browser asks.
var matcher = language.NewMatcher([]language.Tag{language.English, language.Spanish, language.Russian})

// Choose returns the reader's language: what the cookie says, else the account's setting, else what Accept-Language
// asks for, else English. Values that name no language of the site are passed over.
func Choose(cookie, setting, acceptLanguage string) Language {
	for _, code := range []string{cookie, setting} {
		if Known(code) {
			return Language(code)
		}
	}
	const longest = 200 // a header from anywhere; browsers send some 50 characters
	if len(acceptLanguage) > longest {
		return English
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return English
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return English
	}
	return Languages()[i]
}

// Printer says things in one language. It is safe for concurrent use.
type Printer struct {
	lang      Language
	localizer *goi18n.Localizer
}

// Language returns the language that p speaks.
func (p *Printer) Language() Language { return p.lang }

// T returns the message of key. Pairs are the names of its places and their values:
//
//	p.T("error.file.large", "Limit", 8)
//
// A key without a message gives the key itself, so that it is seen; a test holds that no page has one.
func (p *Printer) T(key string, pairs ...any) string {
	return p.say(&goi18n.LocalizeConfig{MessageID: key, TemplateData: values(pairs)})
}

// N is T for a message with plural forms; its place Count is count, written as [Printer.Number] does.
func (p *Printer) N(key string, count int, pairs ...any) string {
	data := values(pairs)
	data["Count"] = p.Number(int64(count))
	return p.say(&goi18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateData: data})
}

func (p *Printer) say(c *goi18n.LocalizeConfig) string {
	s, err := p.localizer.Localize(c)
	if err != nil || s == "" {
		return c.MessageID
	}
	return s
}

// Error says e.
func (p *Printer) Error(e *cifra.Error) string {
	data := make(map[string]any, len(e.Values))
	maps.Copy(data, e.Values)
	return p.say(&goi18n.LocalizeConfig{MessageID: e.Key, TemplateData: data})
}

// ErrorOf says err, where it is one that people may read; else that something broke on our side.
func (p *Printer) ErrorOf(err error) string {
	if known, ok := errors.AsType[*cifra.Error](err); ok {
		return p.Error(known)
	}
	return p.T("error.internal")
}

func values(pairs []any) map[string]any {
	data := make(map[string]any, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			data[name] = pairs[i+1]
		}
	}
	return data
}
