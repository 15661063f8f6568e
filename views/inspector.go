package views

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cifra"
	"cifra/i18n"
)

// InspectorView is what the cache holds of one namespace.
type InspectorView struct {
	Head       LabHead
	Namespaces []cifra.NamespaceStats
	Namespace  string
	Entries    []cifra.CacheEntry
	Next       string // asks for more; "" where there is none
	First      bool   // it is the first page, and kept up to date
	Flushes    []cifra.FlushLine
}

// EntryView is one entry with its value.
type EntryView struct {
	Head     LabHead
	Entry    cifra.CacheEntry
	Key      string // by which it was asked for
	Value    string // JSON; "" where there is none
	MayFlush bool
}

// FlushView asks before a flush.
type FlushView struct {
	Head       LabHead
	Target     cifra.FlushTarget
	Namespaces []cifra.NamespaceStats // that it touches; none for a tag
}

// FlushedView is the receipt of a flush.
type FlushedView struct {
	Head      LabHead
	Flushed   cifra.Flushed
	ID        string
	Inspector string // address to look at what is left
}

// RatesView is how much of what was asked was remembered, by namespace.
type RatesView struct {
	Head       LabHead
	Namespaces []cifra.NamespaceStats
	Instance   string
	History    cifra.RateHistory
}

// entryKey is by what an entry is asked for.
func entryKey(e cifra.CacheEntry) string {
	if e.Args != "" {
		return e.Args
	}
	return e.Key
}

// entryShort is an entry's name in a list, cut where it is long.
func entryShort(e cifra.CacheEntry) string {
	const longest = 80
	name := entryName(e)
	if utf8.RuneCountInString(name) > longest {
		return string([]rune(name)[:longest-1]) + "…"
	}
	return name
}

func tierNames(w *i18n.Printer, tiers []string) []string {
	var names []string
	for _, t := range tiers {
		names = append(names, tierName(w, t))
	}
	return names
}

// bytesOf writes a size.
func bytesOf(w *i18n.Printer, n int) string {
	switch {
	case n == 0:
		return "–"
	case n < 10_000:
		return w.Number(int64(n)) + "\u00a0B"
	}
	return w.Decimal(float64(n)/1000, 1) + "\u00a0kB"
}

func flushQuestion(p Page, t cifra.FlushTarget) string {
	switch {
	case t.All:
		return p.Words.T("lab.flush.all")
	case t.Tag != "":
		return p.Words.T("lab.flush.tag", "Name", t.Tag)
	case t.Key != "":
		return p.Words.T("lab.flush.key", "Name", t.Namespace+"("+strings.Trim(t.Key, "{}")+")")
	}
	return p.Words.T("lab.flush.namespace", "Name", t.Namespace)
}

func savedAll(list []cifra.NamespaceStats) time.Duration {
	var all time.Duration
	for _, n := range list {
		all += n.Saved
	}
	return all
}

func ratePart(n cifra.NamespaceStats, part int64) float64 {
	if n.Asked == 0 {
		return 0
	}
	return float64(part) / float64(n.Asked)
}

// curvePoints draws shares from left to right; where nothing was asked the line goes on level.
func curvePoints(list []float64) string {
	var b strings.Builder
	last := 0.0
	for i, v := range list {
		if v >= 0 {
			last = v
		}
		fmt.Fprintf(&b, "%.1f,%.1f ", 700*float64(i)/float64(max(1, len(list)-1)), 138-136*last)
	}
	return strings.TrimSpace(b.String())
}
