package cifra

import "time"

// Source says where an answer came from.
type Source string

// The sources.
const (
	SourceModel       Source = "model"       // a network ran for this answer
	SourceDatabase    Source = "database"    // read from the database
	SourceComputation Source = "computation" // computed
	SourceUpstream    Source = "upstream"    // asked of another service
	SourceCache       Source = "cache"       // remembered
)

// Outcome says how the cache dealt with one question.
type Outcome string

// The outcomes. docs/cache.md defines each.
const (
	HitL1     Outcome = "hit-l1"    // fresh, from this instance's memory
	HitL2     Outcome = "hit-l2"    // fresh, from the shared back end
	Stale     Outcome = "stale"     // past its time to live, given at once while one refresh runs
	Miss      Outcome = "miss"      // this call ran the loader
	Coalesced Outcome = "coalesced" // this call waited for another one's loader
	Bypass    Outcome = "bypass"    // the cache was told to stay out, or has no back end
)

// Cached reports whether an answer with this outcome was remembered, not made for a question now under way.
func (o Outcome) Cached() bool { return o == HitL1 || o == HitL2 || o == Stale }

// Provenance is where one answer came from, and what that cost or saved. Every page shows it,
// every JSON answer carries it, and the headers Cache-Status, Age and Server-Timing are written from it.
type Provenance struct {
	Source     Source // where the answer came from: SourceCache when it was remembered
	Origin     Source // where its loader got it, remembered or not
	Outcome    Outcome
	Reason     string        // why it missed, or why it is stale: "cold", "expired", "flushed by ana 14:03:11"
	Tier       string        // "memory", "redis", "memcached", "file"; "" on a miss
	Age        time.Duration // since the value was made
	TTL        time.Duration // time left before it is stale; negative when it already is
	Took       time.Duration // this answer
	Saved      time.Duration // what the loader took when it made the value, less Took; 0 on a miss
	By         string        // the instance that made the value
	ComputedAt time.Time
	ExpiresAt  time.Time
	Key        string // on the wire; shown to admins and in demo mode
	Degraded   bool   // the shared back end cannot be reached just now
	Steps      []Step // the waterfall, where the request asked for it
}

// Cached reports whether the answer was remembered.
func (p Provenance) Cached() bool { return p.Outcome.Cached() }

// Step is one bar of a request's waterfall.
type Step struct {
	Name  string        // "l1", "l2", "lease", "loader", "fill", "decode", "model", "store", …
	Desc  string        // "miss", "hit", "won", …; "" when the name says it all
	Start time.Duration // since the request began
	Took  time.Duration
}

// Answer is data together with where it came from.
type Answer[T any] struct {
	Data       T
	Provenance Provenance
	Form       *Form // of the data; nil where they are not remembered
}
