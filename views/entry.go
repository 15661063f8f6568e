package views

import (
	"strings"

	"cifra"
	"cifra/i18n"
)

// entryLook is how an entry of the cache is shown: as remembered, as past its time, or as gone.
func entryLook(e cifra.CacheEntry) look {
	switch e.State {
	case "fresh":
		return lookCache
	case "stale", "spare":
		return lookStale
	}
	return lookPlain
}

// entryName is an entry as one would ask for it: people(42).
func entryName(e cifra.CacheEntry) string {
	if e.Args == "" {
		return e.Key
	}
	return e.Namespace + "(" + strings.Trim(e.Args, "{}") + ")"
}

// entryWhy says for how long an entry is fresh, or why it is not.
func entryWhy(p Page, e cifra.CacheEntry) string {
	if entryLook(e) == lookCache {
		return p.Words.T("lab.entry.left", "Left", p.Words.Span(e.TTL), "Hits", e.Hits)
	}
	return whyReason(p, e.Reason)
}

// money writes a price.
func money(w *i18n.Printer, cents int64) string {
	if w.Language() == i18n.English {
		return "€" + w.Decimal(float64(cents)/100, 2)
	}
	return w.Decimal(float64(cents)/100, 2) + "\u00a0€"
}

// price is a price in a form's field.
func price(w *i18n.Printer, cents int64) string {
	if cents < 0 {
		return ""
	}
	return w.Decimal(float64(cents)/100, 2)
}
