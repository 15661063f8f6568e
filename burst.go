package cifra

import "time"

// Burst is what became of many calls for one thing that nobody had asked for before.
type Burst struct {
	SingleFlight bool      // whether one loads for all who ask meanwhile
	Outcomes     []Outcome // of each call, in the order in which they began
	Loads        int       // how often it was made
	Took         time.Duration
	Delay        time.Duration // the part of making it that is no work but a delay
}

// Count returns how many calls ended so.
func (b Burst) Count(o Outcome) int {
	n := 0
	for _, have := range b.Outcomes {
		if have == o {
			n++
		}
	}
	return n
}
