package main

import (
	"time"

	"cifra/cache"
)

// policies is how every namespace of the cache remembers, in one place. docs/cache.md says how to choose. One
// that names no time of its own has CIFRA_CACHE_TTL, or CACHE_DEFAULT_TIMEOUT: five minutes.
func policies() []cache.Policy {
	return []cache.Policy{predictPolicy, sessionPolicy, heavyPolicy, personPolicy, universitiesPolicy, productsPolicy, productPolicy, salesPolicy, burstPolicy, myStatsPolicy}
}

var (
	// predictPolicy: an answer about an image never changes while its model and preparation stay, and both are in the
	// key; ten minutes bound how long a picture that nobody keeps is remembered. A remembered picture is some 4 kB.
	predictPolicy = cache.Policy{Namespace: "predict", TTL: 10 * time.Minute, Entries: 10_000, HardTimeout: 15 * time.Second}

	// sessionPolicy bounds for how long an instance believes a session that another one has ended. The database is
	// asked anew after that; where it is away, the last answer stays good for a quarter of an hour.
	sessionPolicy = cache.Policy{Namespace: "session", TTL: 2 * time.Second, StaleIfError: 15 * time.Minute, Entries: 20_000, Local: true}

	// heavyPolicy: a pure function of its input never changes; ten minutes are a lesson's length between two askings.
	heavyPolicy = cache.Policy{Namespace: "heavy", TTL: 10 * time.Minute, Entries: 10_000, Pure: true}

	// burstPolicy: each burst has a key of its own, which nobody asks for again.
	burstPolicy = cache.Policy{Namespace: "burst", TTL: time.Minute, Entries: 100, Pure: true}

	// personPolicy: a record changes only through the directory, which forgets it then; the default time bounds what
	// somebody else's hand in the database costs. That nobody has a number is remembered for ten seconds.
	personPolicy = cache.Policy{Namespace: "people", NegativeTTL: 10 * time.Second, Entries: 10_000}

	// universitiesPolicy: another service, asked again after half a minute (CIFRA_UNIVERSITIES_TTL). Where it fails, or needs
	// more than half a second, what it said within the last day is better than nothing.
	universitiesPolicy = cache.Policy{
		Namespace: "universities", TTL: 30 * time.Second, StaleIfError: 24 * time.Hour, SoftTimeout: 500 * time.Millisecond,
		HardTimeout: 3 * time.Second, Entries: 1_000,
	}

	// productsPolicy and productPolicy: the catalogue forgets by itself what a change outdates.
	productsPolicy = cache.Policy{Namespace: "products", TTL: 5 * time.Minute, Entries: 2_000}
	productPolicy  = cache.Policy{Namespace: "product", TTL: 5 * time.Minute, NegativeTTL: 10 * time.Second, Entries: 10_000}

	// salesPolicy: a sale forgets its person's statistics; the periods end now, so they must not be much older either.
	salesPolicy = cache.Policy{Namespace: "sales", NegativeTTL: 10 * time.Second, Entries: 10_000}

	// myStatsPolicy: whole answers, by user. What somebody does outdates their own at once; a minute bounds what others do
	// to it, such as an admin who deletes one of their drawings.
	myStatsPolicy = cache.Policy{Namespace: "http.mystats", TTL: time.Minute, Entries: 5_000}
)
