package views

import (
	"strings"

	"cifra"
	"cifra/i18n"
)

// look is how a source is shown: one word, one shape and one colour each, the same everywhere on the site.
type look string

// The looks. Their names are classes in source.css.
const (
	lookCache    look = "cache"    // remembered: green, a solid dot
	lookDatabase look = "db"       // from the database, or computed: orange, a hatched square
	lookModel    look = "up"       // a model run or another service: violet, a triangle
	lookShared   look = "shared"   // another caller's run: blue, a diamond
	lookStale    look = "stale"    // remembered and past its time: yellow, a dashed ring
	lookPlain    look = "plain"    // nothing that has a source
	wordShared        = "shared"   // the end of the message key source.shared
	wordStale         = "stale"    // and of source.stale
	wordCache         = "cache"    // and of source.cache
	wordUnknown       = "database" // for a source that isn't known: it was read from somewhere
)

// looks are those that the legend explains, in its order.
func looks() []look { return []look{lookModel, lookCache, lookShared, lookStale, lookDatabase} }

// lookOf is the look of an answer, and the end of the message key of its word ("source." and this).
func lookOf(p cifra.Provenance) (look, string) {
	switch {
	case p.Outcome == cifra.Stale:
		return lookStale, wordStale
	case p.Outcome == cifra.Coalesced:
		return lookShared, wordShared
	case p.Cached() || p.Source == cifra.SourceCache:
		return lookCache, wordCache
	}
	switch p.Source {
	case cifra.SourceModel, cifra.SourceUpstream:
		return lookModel, string(p.Source)
	case cifra.SourceDatabase, cifra.SourceComputation:
		return lookDatabase, string(p.Source)
	default:
		return lookDatabase, wordUnknown
	}
}

// stepLook is the look of one bar of a waterfall.
func stepLook(s cifra.Step) look {
	switch s.Name {
	case "loader", "model", "prepare", "decode", "upstream":
		return lookModel
	case "store", "database":
		return lookDatabase
	case "wait", "lease":
		return lookShared
	}
	if strings.HasPrefix(s.Desc, "hit") {
		return lookCache
	}
	return lookPlain
}

// known says key, and instead of a key without a message the other text: names that a later version of another
// part brings are shown as they are.
func known(w *i18n.Printer, key, other string) string {
	if said := w.T(key); said != key {
		return said
	}
	return other
}

func stepName(w *i18n.Printer, s cifra.Step) string { return known(w, "waterfall."+s.Name, s.Name) }

func stepDesc(w *i18n.Printer, s cifra.Step) string {
	if s.Desc == "" {
		return ""
	}
	return known(w, "waterfall.desc."+s.Desc, s.Desc)
}
