package cache

import (
	"time"

	"cifra"
)

// Info says where one answer came from, and what that cost or saved.
type Info struct {
	Outcome  cifra.Outcome
	Tier     string        // what it was remembered in: "memory", "redis", …; "" for a miss
	Cause    *Cause        // why it was not given fresh from a tier; nil for a hit
	Age      time.Duration // since the value was made
	TTL      time.Duration // until it stops being fresh; negative when it has
	StaleFor time.Duration // until it stops being given at once
	Saved    time.Duration // what its loader took, less Took; 0 unless remembered
	Took     time.Duration // this answer; 0 for a hit in memory without a trace, which takes less than to measure it
	By       string        // the instance that made the value
	Waiters  int           // other callers in this process who waited for the same load
	Negative bool          // the answer is a remembered "not found"
	Key      string        // on the wire
	Gen      int64         // the generation that the value belongs to
	Degraded bool          // the back end can't be reached, or does not take writes
	Steps    []cifra.Step  // the request's waterfall so far, where [WithTrace] asked for it

	made int64
	cost int64
	ties *ties // of the entry in memory; a hit only copies the pointer: to look behind it takes as long as the hit itself
}

// Reason says in words why the answer was not given fresh from a tier; "" for a hit.
func (i Info) Reason() string {
	if i.Cause == nil {
		return ""
	}
	return i.Cause.String()
}

// Cost is what the loader took when it made the value.
func (i Info) Cost() time.Duration { return time.Duration(i.cost) }

// Provenance returns i as the application's noun. origin says where the loader gets what it makes.
func (i Info) Provenance(origin cifra.Source) cifra.Provenance {
	p := cifra.Provenance{
		Source: origin, Origin: origin, Outcome: i.Outcome, Reason: i.Reason(), Tier: i.Tier,
		Age: i.Age, TTL: i.TTL, Took: i.Took, Saved: i.Saved, By: i.By, Key: i.Key,
		Degraded: i.Degraded, Steps: i.Steps,
	}
	if i.Outcome.Cached() {
		p.Source = cifra.SourceCache
	}
	if i.made != 0 {
		p.ComputedAt = time.Unix(0, i.made).UTC()
		p.ExpiresAt = p.ComputedAt.Add(i.Age + i.TTL)
	}
	return p
}

// Form is what the value is written as, kept beside it in memory; nil where the value is not kept.
func (i *Info) Form() *cifra.Form {
	if i.ties == nil {
		return nil
	}
	return &i.ties.form
}
