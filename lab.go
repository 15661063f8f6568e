package cifra

import "time"

// Work is what the heavy operation finds: the smallest number that, written after the input and a colon, gives a
// SHA-256 that begins with Bits zero bits. There is no way to it but to try one number after the other, and anybody can
// check it:
//
//	printf '%s' 'input:number' | sha256sum
type Work struct {
	Input  string
	Number int64
	Hash   string // in hexadecimal
	Bits   int
	Delay  time.Duration // the part of its time that was no work but a delay, which the operator sets
}

// Comparison is one question asked twice: what it takes to make the answer, and what to remember it.
// Both are medians; 0 where there was no such run.
type Comparison struct {
	Made     time.Duration
	MadeRuns int
	Kept     time.Duration
	KeptRuns int
}

// Factor is how many times quicker it is to remember; 0 where there is nothing to compare.
func (c Comparison) Factor() float64 {
	if c.Made <= 0 || c.Kept <= 0 {
		return 0
	}
	return float64(c.Made) / float64(c.Kept)
}
