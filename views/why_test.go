package views

import (
	"testing"
	"time"

	"cifra"
	"cifra/i18n"
)

func TestWhyStaysTrueAsTimePasses(t *testing.T) {
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	p := Page{Words: bundle.Printer(i18n.English), Instance: "cifra-1"}
	tests := []struct {
		name    string
		outcome cifra.Outcome
		later   time.Duration
		want    string
	}{
		{"a hit tells its age and what is left", cifra.HitL1, 0, "First computed 41\u00a0s ago by this instance in 6.83\u00a0ms. Fresh for another 9\u00a0min."},
		{"the same page, opened later, counts on", cifra.HitL1, 5 * time.Minute, "First computed 5\u00a0min ago by this instance in 6.83\u00a0ms. Fresh for another 4\u00a0min."},
		{"and says nothing of what is over", cifra.HitL1, time.Hour, "First computed 60\u00a0min ago by this instance in 6.83\u00a0ms."},
		{"another instance has its name", cifra.HitL2, 0, "First computed 3\u00a0min ago by cifra-2 in 7.14\u00a0ms. Fresh for another 7\u00a0min."},
		{"a miss tells for how long it is remembered", cifra.Miss, 0, "Not in the cache: nobody had asked this before. Remembered now for 10\u00a0min."},
		{"and later only why it missed", cifra.Miss, time.Hour, "Not in the cache: nobody had asked this before."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p.Now = sampleNow.Add(test.later)
			if got := why(p, sampleProvenance(test.outcome)); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestEverySourceHasItsLook(t *testing.T) {
	tests := []struct {
		name string
		p    cifra.Provenance
		look look
		word string
	}{
		{"memory", cifra.Provenance{Source: cifra.SourceCache, Outcome: cifra.HitL1}, lookCache, "cache"},
		{"shared cache", cifra.Provenance{Source: cifra.SourceCache, Outcome: cifra.HitL2}, lookCache, "cache"},
		{"stale", cifra.Provenance{Source: cifra.SourceCache, Outcome: cifra.Stale}, lookStale, "stale"},
		{"another caller's run", cifra.Provenance{Source: cifra.SourceModel, Outcome: cifra.Coalesced}, lookShared, "shared"},
		{"a model", cifra.Provenance{Source: cifra.SourceModel, Outcome: cifra.Miss}, lookModel, "model"},
		{"a model beside the cache", cifra.Provenance{Source: cifra.SourceModel, Outcome: cifra.Bypass}, lookModel, "model"},
		{"another service", cifra.Provenance{Source: cifra.SourceUpstream, Outcome: cifra.Miss}, lookModel, "upstream"},
		{"the database", cifra.Provenance{Source: cifra.SourceDatabase, Outcome: cifra.Miss}, lookDatabase, "database"},
		{"a computation", cifra.Provenance{Source: cifra.SourceComputation, Outcome: cifra.Miss}, lookDatabase, "computation"},
	}
	for _, test := range tests {
		if l, word := lookOf(test.p); l != test.look || word != test.word {
			t.Errorf("%s: got %s, %s; want %s, %s", test.name, l, word, test.look, test.word)
		}
	}
}
