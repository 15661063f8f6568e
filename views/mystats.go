package views

import (
	"time"

	"github.com/a-h/templ"

	"cifra"
)

// MyStatsView is one's own statistics: a part of the page that is remembered whole, and where it came from.
type MyStatsView struct {
	Head     LabHead
	SignedIn bool // who isn't has none
	Part     templ.Component
	Answered AnsweredView
}

// mostOf is the largest of the counts, to draw all on its scale.
func mostOf(counts [10]int64) int64 {
	most := int64(1)
	for _, n := range counts {
		most = max(most, n)
	}
	return most
}

// countShare is a count's share of the whole, as bars are drawn.
func countShare(n, whole int64) string {
	return share(ratio(time.Duration(n), time.Duration(whole)), 0)
}

func (g gallery) myStats() []State {
	p := g.at("/lab/mystats")
	head := LabHead{Tab: "mystats", Tiers: []string{"memory", "redis"}}
	prov := sampleProvenance(cifra.HitL1)
	prov.Origin = cifra.SourceDatabase
	view := func(m cifra.MyStats) MyStatsView {
		return MyStatsView{
			Head: head, SignedIn: true, Part: MyStatsPart(p, m),
			Answered: AnsweredView{prov, []string{"Cache-Status: " + prov.CacheStatus(true), "X-Cache: HIT", "Age: 41"}},
		}
	}
	full := cifra.MyStats{
		Drawings: 1234, ByDigit: [10]int64{12, 160, 88, 40, 7, 0, 230, 612, 80, 5}, ByAPI: map[cifra.API]int64{cifra.V1: 34, cifra.V2: 1200},
		Sure: 1180, Cached: 611, Judged: 57, Right: 49, Since: sampleNow.Add(-40 * 24 * time.Hour),
	}
	return []State{
		{"mystats", MyStats(p, view(full))},
		{"mystats-none", MyStats(p, view(cifra.MyStats{}))},
		{"mystats-guest", MyStats(p, MyStatsView{Head: head})},
	}
}
