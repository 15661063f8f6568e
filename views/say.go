package views

import (
	"net/url"
	"strings"

	"cifra"
	"cifra/i18n"
)

// sentence is an answer in one sentence.
func sentence(w *i18n.Printer, r cifra.Reading) string {
	switch {
	case len(r.Digits) > 1 && readable(r):
		return w.T("answer.line", "Number", number(r))
	case r.Sure:
		return w.T("answer.sure", "Digit", r.Digit)
	case readable(r):
		return w.T("answer.unsure", "Digit", r.Digit)
	}
	return w.T("answer.none")
}

// announcement is what a screen reader hears when an answer has come.
func announcement(w *i18n.Printer, r cifra.Reading) string {
	if r.Sure || r.Reason == cifra.ReasonNone {
		return sentence(w, r)
	}
	return sentence(w, r) + " " + reason(w, r.Reason)
}

func reason(w *i18n.Printer, r cifra.Reason) string { return w.T("reason." + string(r)) }

// readable reports whether there is a digit worth showing, sure or not.
func readable(r cifra.Reading) bool {
	return r.Reason != cifra.ReasonBlank && r.Reason != cifra.ReasonNotDigit
}

// number is what is shown large: the digit, or all digits of a line.
func number(r cifra.Reading) string {
	if len(r.Digits) < 2 {
		return digits[r.Digit]
	}
	var b strings.Builder
	for _, d := range r.Digits {
		b.WriteString(digits[d.Digit])
	}
	return b.String()
}

// size is the class of the large type: a line of digits is longer than one.
func size(r cifra.Reading) string {
	switch n := len(r.Digits); {
	case n > 5:
		return "digit-long"
	case n > 1:
		return "digit-line"
	default:
		return "digit-one"
	}
}

// signInURL leads to the sign-in, and back from it to this page.
func signInURL(p Page) string { return withNext("/login", p.Path) }

func withNext(page, next string) string {
	if next == "" || next == "/" || strings.HasPrefix(next, "/login") || strings.HasPrefix(next, "/register") {
		return page
	}
	return page + "?next=" + url.QueryEscape(next)
}

// fileName is what an answer's picture is called.
func fileName(w *i18n.Printer, name string) string {
	if name == "" {
		return w.T("answer.drawing")
	}
	return name
}
