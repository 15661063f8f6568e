package views

import (
	"strconv"
	"time"

	"cifra"
)

// WhatIfView is what a show can break on purpose, and how the cache bears it.
type WhatIfView struct {
	Head   LabHead
	Error  string // what was wrong with what was asked for, said already
	CanCut bool   // there is a Redis to be cut off from
	On     bool
	Is     cifra.WhatIf
	Left   time.Duration
	Health cifra.CacheHealth
	News   []cifra.CacheNews
	Probes []Probe
}

// Probe is what a visitor might ask just now, and what they would get.
type Probe struct {
	What       string
	Provenance cifra.Provenance
	Error      string // what they would be told instead, said already
}

// Trouble is what is broken on purpose, as every page's banner tells it.
type Trouble struct {
	cifra.WhatIf
	Left time.Duration
}

// troubleSaid says what is broken, in a sentence.
func troubleSaid(p Page, t cifra.Trouble) string {
	var said string
	switch {
	case t.Cut:
		said = p.Words.T("whatif.is.cut")
	case t.LatencyMS > 0:
		said = p.Words.T("whatif.is.slow", "Delay", p.Words.Duration(t.Latency()))
	}
	if t.Gone {
		if said != "" {
			said += " "
		}
		said += p.Words.T("whatif.is.gone")
	}
	return said
}

// redisValue is the state of the way to Redis as the forms send it.
func redisValue(t cifra.Trouble) string {
	switch {
	case t.Cut:
		return "cut"
	case t.LatencyMS > 0:
		return strconv.Itoa(t.LatencyMS)
	}
	return "ok"
}

func upstreamValue(t cifra.Trouble) string {
	if t.Gone {
		return "gone"
	}
	return "ok"
}

// healthLook is how the back end's state is shown: in order, or not.
func healthLook(h cifra.CacheHealth) look {
	if h.State == "up" {
		return lookCache
	}
	return lookStale
}

func (g gallery) whatIf() []State {
	p := g.at("/lab/whatif")
	p.Demo = true
	head := LabHead{Tab: "whatif", Tiers: []string{"memory", "redis"}}
	probe := func(what string, source cifra.Source, o cifra.Outcome) Probe {
		prov := sampleProvenance(o)
		if prov.Source != cifra.SourceCache {
			prov.Source = source
		}
		prov.Origin = source
		return Probe{What: what, Provenance: prov}
	}
	calm := WhatIfView{
		Head: head, CanCut: true, Health: cifra.CacheHealth{Backend: "redis", State: "up", Since: sampleNow.Add(-time.Hour), Hearing: true},
		Probes: []Probe{probe("people(42)", cifra.SourceDatabase, cifra.HitL1), probe("universities(country=Spain)", cifra.SourceUpstream, cifra.HitL2)},
	}
	cut := calm
	cut.On, cut.Left = true, 42*time.Second
	cut.Is = cifra.WhatIf{Trouble: cifra.Trouble{Cut: true, Gone: true}, By: "ana", At: sampleNow.Add(-18 * time.Second)}
	cut.Health = cifra.CacheHealth{Backend: "redis", State: "down", Since: sampleNow.Add(-17 * time.Second), Pending: 2, Err: "dial tcp 127.0.0.1:6379: connect: connection refused"}
	cut.News = []cifra.CacheNews{
		{Kind: "fail-safe", Namespace: "universities", Why: "load-failed", At: sampleNow.Add(-5 * time.Second)},
		{Kind: "load-failed", Namespace: "universities", Why: "the service is switched off (what-if)", At: sampleNow.Add(-6 * time.Second)},
		{Kind: "down", Why: "EOF", At: sampleNow.Add(-17 * time.Second)},
		{Kind: "up", Took: 61 * time.Second, At: sampleNow.Add(-20 * time.Minute)},
	}
	cut.Probes = []Probe{probe("people(42)", cifra.SourceDatabase, cifra.Miss), probe("universities(country=Spain)", cifra.SourceUpstream, cifra.Stale)}
	troubled := p
	troubled.Trouble = &Trouble{cut.Is, cut.Left}
	cold := cut
	cold.Probes = []Probe{cut.Probes[0], {What: "universities(country=Spain)", Error: g.page.Words.T("error.lab.upstream")}}
	memory := calm
	memory.Head.Tiers, memory.CanCut = []string{"memory"}, false
	memory.Health = cifra.CacheHealth{Backend: "memory", State: "up", Since: sampleNow.Add(-time.Hour)}
	memory.Error = g.page.Words.T("error.lab.no-redis")
	home := g.page
	home.Demo, home.Trouble = true, &Trouble{cifra.WhatIf{Trouble: cifra.Trouble{LatencyMS: 400}, By: "guest-812", At: sampleNow}, time.Minute}
	return []State{
		{"whatif", WhatIf(p, calm)},
		{"whatif-trouble", WhatIf(troubled, cut)},
		{"whatif-cold", WhatIf(troubled, cold)},
		{"whatif-memory", WhatIf(p, memory)},
		{"home-trouble", Home(home, sampleHome())},
	}
}
