package cifra

import (
	"math"
	"time"
)

// Challenger is a version that is held beside the champion of its API, and answers a share of the pictures.
type Challenger struct {
	API   API
	Model string // the version's id
	Since time.Time
	By    string // who holds it
}

// Faring is how the answers of one version went.
type Faring struct {
	Model   string
	Answers int64 // to what was asked, kept ones only
	Sure    int64 // of them
	Said    Tally // what people said of them
}

// Contest is how champion and challenger fared since the challenger was held.
type Contest struct {
	API        API
	Since      time.Time
	Champion   Faring
	Challenger Faring
}

// enough is how many judged answers of each are needed to say anything.
const enough = 30

// Difference returns how much larger the share of answers that people called right is for the challenger, in points, and
// how far that may be off by chance (19 times of 20; the normal approximation of two proportions). ok is false where too
// few were judged.
func (c Contest) Difference() (points, margin float64, ok bool) {
	a, b := c.Champion.Said, c.Challenger.Said
	if a.Total < enough || b.Total < enough {
		return 0, 0, false
	}
	p, q := float64(a.Correct)/float64(a.Total), float64(b.Correct)/float64(b.Total)
	spread := math.Sqrt(p*(1-p)/float64(a.Total) + q*(1-q)/float64(b.Total))
	return 100 * (q - p), 100 * 1.96 * spread, true
}
