package cifra

import "time"

// MyStats is what one user has done here, in numbers.
type MyStats struct {
	Drawings int64     // answers that were kept for them
	ByDigit  [10]int64 // of those, by what was read
	ByAPI    map[API]int64
	Sure     int64 // of those, the model was sure of
	Cached   int64 // of those, given from the cache
	Judged   int64 // answers of which they said whether they are right
	Right    int64 // of those, right
	Since    time.Time
}
