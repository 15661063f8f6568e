package views

import (
	"time"

	"cifra"
)

// lab is every state of the cache lab's pages.
func (g gallery) lab() []State {
	p := g.at("/lab")
	return []State{
		{"lab-heavy", Heavy(p, sampleHeavy())},
		{"lab-heavy-computed", Heavy(p, sampleHeavyAnswer(cifra.Miss))},
		{"lab-heavy-cached", Heavy(p, sampleHeavyAnswer(cifra.HitL1))},
		{"lab-heavy-shared", Heavy(p, sampleHeavyAnswer(cifra.Coalesced))},
		{"lab-heavy-error", Heavy(p, g.heavyError())},
	}
}

func sampleHeavy() HeavyView {
	return HeavyView{
		Head: LabHead{Tab: "heavy", Tiers: []string{"memory", "redis"}}, Delay: 3 * time.Second,
		Suggestions: []string{"ñandú/тест 🔢", "42", "cifra-k7q2n"},
	}
}

func (g gallery) heavyError() HeavyView {
	v := sampleHeavy()
	v.Error = g.page.Words.T("error.lab.input.long", "Limit", 1024)
	return v
}

func sampleHeavyAnswer(o cifra.Outcome) HeavyView {
	v := sampleHeavy()
	v.Input = v.Suggestions[0]
	prov := sampleProvenance(o)
	if prov.Source != cifra.SourceCache {
		prov.Source = cifra.SourceComputation
	}
	prov.Origin = cifra.SourceComputation
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	v.Comparison = cifra.Comparison{Made: ms(3004), MadeRuns: 3}
	switch o {
	case cifra.Miss, cifra.Coalesced:
		prov.Took = ms(3004)
		prov.Steps = []cifra.Step{
			{Name: "l1", Desc: "miss", Took: ms(0.02)},
			{Name: "redis", Desc: "miss", Start: ms(0.03), Took: ms(0.41)},
			{Name: "lease", Desc: "won", Start: ms(0.45), Took: ms(0.33)},
			{Name: "loader", Start: ms(0.8), Took: ms(3000)},
			{Name: "compute", Start: ms(0.9), Took: ms(143)},
			{Name: "delay", Start: ms(144), Took: ms(2857)},
			{Name: "fill", Start: ms(3001), Took: ms(0.37)},
		}
	case cifra.HitL1, cifra.HitL2, cifra.Stale, cifra.Bypass:
		prov.Took, prov.Saved = ms(0.31), ms(3003.7)
		v.Comparison.Kept, v.Comparison.KeptRuns = ms(0.31), 25
	}
	v.Answer = &cifra.Answer[cifra.Work]{Provenance: prov, Data: cifra.Work{
		Input: v.Input, Number: 1_048_231, Bits: 20, Delay: ms(2857),
		Hash: "00000c3fa2b4d1907be5a1f3c66d8e02914be0a7d35f8c216e9b07d44a1c58f3",
	}}
	v.Headers = []string{"Cache-Status: " + prov.CacheStatus(true), "Server-Timing: " + prov.ServerTiming(true), "X-Cache: HIT", "Age: 41"}
	v.Check = "printf '%s' 'ñandú/тест 🔢:1048231' | sha256sum"
	return v
}
