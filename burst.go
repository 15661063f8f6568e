package cifra

import "time"

// Burst is what became of many calls for one thing that nobody had asked for before.
type Burst struct {
	SingleFlight bool         // whether one loads for all who ask meanwhile
	Outcomes     []Outcome    // of each call, the instances' one after the other
	Loads        int          // how often it was made
	Parts        []BurstShare // by instance, the one that was asked first
	Missing      int          // calls of which an instance did not tell in time
	Degraded     int          // calls that the shared cache didn't answer in time: each instance loads for its own
	Took         time.Duration
	Delay        time.Duration // the part of making it that is no work but a delay
}

// BurstShare is one instance's part in a burst.
type BurstShare struct {
	Instance string
	Calls    int
	Loads    int
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

// BurstPart is what one instance is asked to do of a burst.
type BurstPart struct {
	Key          string `json:"key"`
	Calls        int    `json:"calls"`
	SingleFlight bool   `json:"single_flight"`
}

// BurstDone is what became of it.
type BurstDone struct {
	Instance string    `json:"instance"`
	Loads    int       `json:"loads"`
	Degraded int       `json:"degraded"`
	Outcomes []Outcome `json:"outcomes"`
}
