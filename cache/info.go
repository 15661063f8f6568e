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
	Took     time.Duration // this answer; 0 for a hit in memory without a trace, which takes less than to measure it
	Waiters  int           // other callers in this process who waited for the same load
	Negative bool          // the answer is a remembered "not found"
	Degraded bool          // the back end can't be reached, or does not take writes
	Steps    []cifra.Step  // the request's waterfall so far, where [WithTrace] asked for it

	made int64
	ties *ties // what else is told, of the entry that was given; a hit doesn't look there, who asks does
}

// Reason says in words why the answer was not given fresh from a tier; "" for a hit.
func (i *Info) Reason() string {
	if i.Cause == nil {
		return ""
	}
	return i.Cause.String()
}

// told is what else is told of the value; empty where there is none.
func (i *Info) told() meta {
	if i.ties == nil {
		return meta{}
	}
	return i.ties.meta
}

// By is the instance that made the value.
func (i *Info) By() string { return i.told().by }

// Key is the key on the wire; "" where the cache wasn't asked.
func (i *Info) Key() string { return i.told().key }

// Gen is the generation that the value belongs to.
func (i *Info) Gen() int64 { return i.told().gen }

// Cost is what the loader took when it made the value.
func (i *Info) Cost() time.Duration { return time.Duration(i.told().cost) }

// Saved is what its loader took, less Took; 0 unless the value was remembered.
func (i *Info) Saved() time.Duration {
	if !i.Outcome.Cached() {
		return 0
	}
	return max(0, i.Cost()-i.Took)
}

// StaleFor is how long the value may be given at once from now on; 0 when it may not.
func (i *Info) StaleFor() time.Duration {
	return max(0, time.Duration(i.told().stale-i.made)-i.Age)
}

// Provenance returns i as the application's noun. origin says where the loader gets what it makes.
func (i *Info) Provenance(origin cifra.Source) cifra.Provenance {
	p := cifra.Provenance{
		Source: origin, Origin: origin, Outcome: i.Outcome, Reason: i.Reason(), Tier: i.Tier,
		Age: i.Age, TTL: i.TTL, Took: i.Took, Saved: i.Saved(), By: i.By(), Key: i.Key(),
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

// Form is what the value is written as, kept beside it for as long as it is; nil where there is no value.
func (i *Info) Form() *cifra.Form {
	if i.ties == nil {
		return nil
	}
	return &i.ties.form
}
