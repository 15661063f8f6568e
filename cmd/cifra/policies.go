package main

import (
	"time"

	"cifra/cache"
)

// policies is how every namespace of the cache remembers, in one place. docs/cache.md says how to choose.
func policies() []cache.Policy {
	return []cache.Policy{predictPolicy, sessionPolicy, heavyPolicy}
}

var (
	// predictPolicy: an answer about an image never changes while its model and preparation stay, and both are in the
	// key; ten minutes bound how long a picture that nobody keeps is remembered. A remembered picture is some 4 kB.
	predictPolicy = cache.Policy{Namespace: "predict", TTL: 10 * time.Minute, Entries: 10_000, HardTimeout: 15 * time.Second}

	// sessionPolicy bounds for how long an instance believes a session that another one has ended. The database is
	// asked anew after that; where it is away, the last answer stays good for a quarter of an hour.
	sessionPolicy = cache.Policy{Namespace: "session", TTL: 2 * time.Second, StaleIfError: 15 * time.Minute, Entries: 20_000, Local: true}

	// heavyPolicy: a pure function of its input never changes; ten minutes are a lesson's length between two askings.
	heavyPolicy = cache.Policy{Namespace: "heavy", TTL: 10 * time.Minute, Entries: 10_000}
)
