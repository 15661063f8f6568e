package views

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"cifra"
	"cifra/i18n"
)

// LabHead is what every page of the lab shows above its own content.
type LabHead struct {
	Tab   string   // which page it is
	Tiers []string // of the cache, the nearest first: "memory", "redis"
}

type labTab struct{ name, path string }

// labTabs are the lab's pages with their addresses, in the order in which they are shown.
var labTabs = []labTab{
	{"heavy", "/lab"},
	{"burst", "/lab/burst"},
	{"people", "/lab/people"},
	{"products", "/lab/products"},
	{"sales", "/lab/sales"},
	{"mystats", "/lab/mystats"},
	{"universities", "/lab/universities"},
	{"whatif", "/lab/whatif"},
	{"cache", "/lab/cache"},
	{"rates", "/lab/rates"},
}

// labTabsOf are those that a server has: what breaks parts on purpose is for demos alone.
func labTabsOf(p Page) []labTab {
	if p.Demo {
		return labTabs
	}
	return slices.DeleteFunc(slices.Clone(labTabs), func(t labTab) bool { return t.name == "whatif" })
}

// HeavyView is the heavy operation, and the same question asked twice.
type HeavyView struct {
	Head        LabHead
	Input       string
	Error       string // what is wrong with the input, said already
	Suggestions []string
	Delay       time.Duration // how long an answer takes at least to compute
	Answer      *cifra.Answer[cifra.Work]
	Comparison  cifra.Comparison
	Headers     []string // of the answer, as they went out
	Check       string   // the command that checks the answer
}

// cost is what making the answer took.
func (v HeavyView) cost() time.Duration {
	p := v.Answer.Provenance
	if p.Cached() {
		return p.Took + p.Saved
	}
	return p.Took
}

// tierName is what people call a tier.
func tierName(w *i18n.Printer, tier string) string { return known(w, "waterfall."+tier, tier) }

// The logarithmic ruler goes from a microsecond to ten seconds.
var rulerTicks = []time.Duration{
	time.Microsecond, 10 * time.Microsecond, 100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond,
	100 * time.Millisecond, time.Second, 10 * time.Second,
}

// onRuler is where d lies on the ruler, as an SVG length.
func onRuler(d time.Duration) string {
	first, last := math.Log(float64(rulerTicks[0])), math.Log(float64(rulerTicks[len(rulerTicks)-1]))
	at := (math.Log(float64(max(d, 1))) - first) / (last - first)
	return strconv.FormatFloat(100*max(0, min(1, at)), 'f', 2, 64) + "%"
}

// tickName is a tick's length in the shortest way.
func tickName(w *i18n.Printer, d time.Duration) string {
	n, unit := int64(d/time.Microsecond), "unit.us"
	switch {
	case d >= time.Second:
		n, unit = int64(d/time.Second), "unit.s"
	case d >= time.Millisecond:
		n, unit = int64(d/time.Millisecond), "unit.ms"
	}
	return strconv.FormatInt(n, 10) + "\u00a0" + w.T(unit)
}

// factor writes how many times quicker something is: to two digits below ten, whole above.
func factor(w *i18n.Printer, f float64) string {
	if f < 10 {
		return w.Decimal(f, 1) + "×"
	}
	if f >= 1000 { // the last digits of a ratio of two medians are noise
		digits := math.Pow(10, math.Floor(math.Log10(f))-2)
		f = math.Round(f/digits) * digits
	}
	return w.Number(int64(math.Round(f))) + "×"
}

// zerosOf splits a hash in hexadecimal into the zeros with which it begins, and the rest.
func zerosOf(hash string) (zeros, rest string) {
	rest = strings.TrimLeft(hash, "0")
	return hash[:len(hash)-len(rest)], rest
}

// inputOf is what stands in the field: what was asked, else the first thing to try.
func inputOf(v HeavyView) string {
	if v.Input == "" && v.Error == "" && len(v.Suggestions) > 0 {
		return v.Suggestions[0]
	}
	return v.Input
}

func queryEscape(s string) string { return url.QueryEscape(s) }

// milliseconds is d for the page's script.
func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// wholeOr writes whole seconds as such, and anything else to three digits.
func wholeOr(w *i18n.Printer, d time.Duration) string {
	if d%time.Second == 0 {
		return w.Span(d)
	}
	return w.Duration(d)
}
