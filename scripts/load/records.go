package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// records is every request, by phase and kind.
type records struct {
	mu     sync.Mutex // guards the rest
	phases []string   // in the order of their first request
	all    map[string]map[string]*kind
	right  int // answers after the promotion from the promoted model
	stale  int // and from another one
}

// kind is the requests of one kind in one phase.
type kind struct {
	times    []time.Duration
	outcomes map[string]int // "200", "503", "no answer"

	firstBad, lastBad time.Time // when the first that failed began, and the last one ended
}

// outcome is what became of a request, in a word.
func outcome(status int, err error) string {
	if err != nil {
		return "no answer"
	}
	return strconv.Itoa(status)
}

// add notes a request by the phase in which it began. What was under way when a part was broken counts as that fault's.
func (r *records) add(phase, ended, what, outcome string, began time.Time) {
	now := time.Now()
	if !allowed(phase, outcome) && allowed(ended, outcome) {
		phase = ended
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[string]map[string]*kind{}
	}
	if r.all[phase] == nil {
		r.phases, r.all[phase] = append(r.phases, phase), map[string]*kind{}
	}
	k := r.all[phase][what]
	if k == nil {
		k = &kind{outcomes: map[string]int{}}
		r.all[phase][what] = k
	}
	k.times = append(k.times, now.Sub(began))
	k.outcomes[outcome]++
	if outcome[0] != '2' {
		if k.firstBad.IsZero() {
			k.firstBad = began
		}
		k.lastBad = now
	}
}

func (r *records) served(right bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if right {
		r.right++
	} else {
		r.stale++
	}
}

// allowed reports whether the promises allow an outcome in a phase: 503 where the database is gone, and no answer, or
// the balancer's 502, from an instance that was killed in the middle of one.
func allowed(phase, outcome string) bool {
	switch {
	case outcome[0] == '2':
		return true
	case phase == "postgres killed":
		return outcome == "503"
	case phase == "instance killed":
		return outcome == "502" || outcome == "no answer"
	}
	return false
}

func (t *traffic) print(w io.Writer) {
	r := &t.records
	r.mu.Lock()
	defer r.mu.Unlock()
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "phase\trequests\tof\tp50 ms\tp99 ms\toutcomes")
	for _, phase := range r.phases {
		for _, what := range slices.Sorted(maps.Keys(r.all[phase])) {
			k := r.all[phase][what]
			slices.Sort(k.times)
			at := func(q float64) float64 {
				return float64(k.times[min(len(k.times)-1, int(q*float64(len(k.times))))].Microseconds()) / 1000
			}
			var said []string
			for _, o := range slices.Sorted(maps.Keys(k.outcomes)) {
				mark := ""
				if !allowed(phase, o) {
					mark = " (!)"
				}
				said = append(said, fmt.Sprintf("%s × %d%s", o, k.outcomes[o], mark))
			}
			if !k.firstBad.IsZero() {
				said = append(said, fmt.Sprintf("the bad ones within %.1f s", k.lastBad.Sub(k.firstBad).Seconds()))
			}
			fmt.Fprintf(table, "%s\t%d\t%s\t%.1f\t%.1f\t%s\n", phase, len(k.times), what, at(.5), at(.99), strings.Join(said, ", "))
		}
	}
	_ = table.Flush()
	sent, acknowledged, lost, doubled := t.ledger.balance()
	fmt.Fprintf(w, "feedback: %d sent, %d acknowledged, %d lost, %d doubled\n", sent, acknowledged, lost, doubled)
	fmt.Fprintf(w, "answers later than %v after the promotion: %d from the promoted model, %d from another\n", followWithin, r.right, r.stale)
}

// verdict is an error where something happened that must not.
func (t *traffic) verdict() error {
	r := &t.records
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for phase, kinds := range r.all {
		for what, k := range kinds {
			for o, n := range k.outcomes {
				if !allowed(phase, o) {
					errs = append(errs, fmt.Errorf("%s, %s: %d × %s", phase, what, n, o))
				}
			}
		}
	}
	if _, _, lost, doubled := t.ledger.balance(); lost+doubled > 0 {
		errs = append(errs, fmt.Errorf("%d acknowledged pieces of feedback are lost, %d are there twice", lost, doubled))
	}
	if r.stale > 0 {
		errs = append(errs, fmt.Errorf("%d answers from a model that no longer serves", r.stale))
	}
	return errors.Join(errs...)
}
