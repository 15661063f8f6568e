package cifra

import "time"

// WhatIfSpan is how long trouble lasts that a show makes on purpose; then everything is as before by itself.
const WhatIfSpan = time.Minute

// MaxLatency is the most by which Redis is slowed down on purpose.
const MaxLatency = 2 * time.Second

// Trouble is what a show breaks on purpose. The zero value is none.
type Trouble struct {
	Cut       bool `json:"redis_cut"`        // Redis can't be reached
	LatencyMS int  `json:"redis_latency_ms"` // or is that much slower
	Gone      bool `json:"upstream_gone"`    // the universities' service can't be reached
}

// Latency is how much slower Redis is.
func (t Trouble) Latency() time.Duration { return time.Duration(t.LatencyMS) * time.Millisecond }

// WhatIf is trouble that somebody made, on every instance: the data of [EventWhatIf].
type WhatIf struct {
	Trouble
	By string    `json:"by"`
	At time.Time `json:"timestamp"`
}

// CacheNews is something that happened to the cache, as it is told to those who watch it.
type CacheNews struct {
	Kind      string // "down", "up", "resynced", "pending", "load-failed", "fail-safe"
	Namespace string // "" where it concerns all
	Why       string
	Took      time.Duration // of an outage
	At        time.Time
}

// CacheHealth is how the cache's shared back end does.
type CacheHealth struct {
	Backend string // "memory" where there is none
	State   string // "up", "degraded", "down"
	Since   time.Time
	Pending int // invalidations that it hasn't heard of
	Hearing bool
	Err     string // what failed last, where it isn't up
}
