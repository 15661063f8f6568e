package views

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"cifra"
)

// CachePageView is how the cache does, for admins.
type CachePageView struct {
	Tiers      []string
	Namespaces []cifra.NamespaceStats
	Health     cifra.CacheHealth
	News       []cifra.CacheNews
	Flushes    []cifra.FlushLine
	Instance   string
}

// flushesMost is how many of the latest flushes a page shows.
const flushesMost = 10

// policyOf is how a function remembers, in short: 10 min, stale for a day where it fails.
func policyOf(p Page, n cifra.NamespaceStats) string {
	said := p.Words.Span(n.TTL)
	if n.StaleIfError > 0 {
		said += " · " + p.Words.T("cachepage.stale", "Span", p.Words.Span(n.StaleIfError))
	}
	if n.NegativeTTL > 0 {
		said += " · " + p.Words.T("cachepage.negative", "Span", p.Words.Span(n.NegativeTTL))
	}
	if n.Local {
		said += " · " + p.Words.T("cachepage.local")
	}
	return said
}

// slowestOf is how long the last instance took to apply a flush; ok is false where one was not heard of, or none told.
func slowestOf(f cifra.Flushed) (took time.Duration, ok bool) {
	ok = len(f.Instances) > 0
	for _, i := range f.Instances {
		if i.AppliedMS == nil {
			return 0, false
		}
		took = max(took, time.Duration(*i.AppliedMS*float64(time.Millisecond)))
	}
	return took, ok
}

func flushID(id int64) string { return "flush-" + strconv.FormatInt(id, 10) }

// showFlushed adds a flush to the list of those who look into the cache.
func showFlushed(p Page, data json.RawMessage) (fragment templ.Component, said string, err error) {
	var f cifra.Flushed
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, "", err
	}
	return flushLine(p, cifra.FlushLine{ID: p.Seq, Flushed: f}, "#flushes"), p.Words.T("cachepage.said", "Name", f.By, "What", f.String()), nil
}

// meanCost is what making an answer of a function takes, on average; 0 where none was made.
func meanCost(n cifra.NamespaceStats) time.Duration {
	if n.Loads == 0 {
		return 0
	}
	return n.LoadTime / time.Duration(n.Loads)
}

// hasCosts reports whether any function has made an answer.
func hasCosts(list []cifra.NamespaceStats) bool {
	for _, n := range list {
		if n.Loads > 0 {
			return true
		}
	}
	return false
}

// markAt is where a mark lies in a curve of n points that began at since; false where it is older.
func markAt(h cifra.RateHistory, at time.Time) (x string, ok bool) {
	whole := h.Every * time.Duration(max(1, len(h.All)-1))
	into := at.Sub(h.Since)
	if into < 0 || whole <= 0 {
		return "", false
	}
	return strconv.FormatFloat(700*min(1, float64(into)/float64(whole)), 'f', 1, 64), true
}

func (g gallery) cachePage() []State {
	p := g.at("/admin/cache")
	p.Username, p.Admin = "ana", true
	ms := 0.4
	v := CachePageView{
		Tiers: []string{"memory", "redis"}, Instance: "cifra-1",
		Health: cifra.CacheHealth{Backend: "redis", State: "up", Since: sampleNow.Add(-3 * time.Hour), Hearing: true},
		Namespaces: []cifra.NamespaceStats{
			{Namespace: "heavy", TTL: 10 * time.Minute, Entries: 12, Most: 10_000, Asked: 320, HitL1: 280, HitL2: 12, Miss: 12, Coalesced: 16, Loads: 12, LoadTime: 36 * time.Second, Saved: 14 * time.Minute, Pure: true},
			{Namespace: "people", TTL: 5 * time.Minute, NegativeTTL: 10 * time.Second, Entries: 1000, Most: 10_000, Asked: 5210, HitL1: 4100, Miss: 1110, Loads: 1110, LoadTime: 400 * time.Millisecond, Saved: 1800 * time.Millisecond},
			{Namespace: "predict", TTL: 10 * time.Minute, Entries: 9990, Most: 10_000, Asked: 120_400, HitL1: 98_000, HitL2: 4000, Miss: 18_400, Loads: 18_400, LoadTime: 140 * time.Second, Failures: 3, Evicted: 8410, Saved: 12 * time.Minute},
			{Namespace: "session", TTL: 2 * time.Second, StaleIfError: 15 * time.Minute, Local: true, Entries: 41, Most: 20_000, Asked: 9100, HitL1: 8000, Miss: 1100, Loads: 1100, LoadTime: 200 * time.Millisecond, Saved: time.Second},
			{Namespace: "universities", TTL: 30 * time.Second, StaleIfError: 24 * time.Hour, Entries: 3, Most: 1000, Asked: 20, HitL1: 12, Stale: 5, Miss: 3, Loads: 3, LoadTime: time.Second, Saved: 4 * time.Second},
			{Namespace: "sales", TTL: 5 * time.Minute, NegativeTTL: 10 * time.Second, Most: 10_000},
		},
		Flushes: []cifra.FlushLine{
			{ID: 9, Flushed: cifra.Flushed{FlushTarget: cifra.FlushTarget{Namespace: "heavy"}, By: "ana", Entries: 12, At: sampleNow.Add(-2 * time.Minute), Instances: []cifra.FlushedOn{{Name: "cifra-1", AppliedMS: &ms}, {Name: "cifra-2", AppliedMS: &ms}}}},
			{ID: 7, Flushed: cifra.Flushed{FlushTarget: cifra.FlushTarget{Tag: "sales:42"}, By: "guest-8121", Entries: 3, At: sampleNow.Add(-time.Hour), Instances: []cifra.FlushedOn{{Name: "cifra-1", AppliedMS: &ms}, {Name: "cifra-2"}}}},
		},
	}
	down := v
	down.Health = cifra.CacheHealth{Backend: "redis", State: "down", Since: sampleNow.Add(-17 * time.Second), Pending: 1, Err: "dial tcp 10.0.0.7:6379: i/o timeout"}
	down.News = []cifra.CacheNews{{Kind: "down", Why: "i/o timeout", At: sampleNow.Add(-17 * time.Second)}}
	down.Flushes = nil
	return []State{{"cachepage", CachePage(p, v)}, {"cachepage-down", CachePage(p, down)}}
}

// hasPoints reports whether a function was ever asked for while samples were taken.
func hasPoints(points []float64) bool {
	return len(points) > 1 && slices.ContainsFunc(points, func(v float64) bool { return v >= 0 })
}
