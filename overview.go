package cifra

import "time"

// Overview is how the site is doing just now, as the database knows it: of all instances.
type Overview struct {
	Rates     []Rate        // of the last hours, the first one first; times without answers are left out
	P95       time.Duration // that answers of the last minutes took; 0 where there was none
	Today     Tally         // what people said today, in UTC
	PoolInUse int           // of this instance's database connections
	PoolMax   int
	Promoted  []Reign // that began in the same hours
}

// Rate is how many answers were remembered in one step of time.
type Rate struct {
	At      time.Time // when it began
	Answers int64
	Cached  int64
}

// RateStep is how long one step of an [Overview] is, and RateSpan how far back it goes.
const (
	RateStep = 10 * time.Minute
	RateSpan = 6 * time.Hour
)
