package cifra_test

import (
	"math"
	"testing"

	"cifra"
)

func TestHowAChallengerDoes(t *testing.T) {
	for _, tt := range []struct {
		name                         string
		ofChampion, right, of, ofhim int64
		ok                           bool
		points                       float64
	}{
		{"nobody judged anything", 0, 0, 0, 0, false, 0},
		{"29 of the challenger's", 1000, 900, 29, 29, false, 0},
		{"30 of each", 30, 27, 30, 30, true, 10},
		{"as good", 1000, 900, 100, 90, true, 0},
		{"worse", 1000, 900, 200, 160, true, -10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := cifra.Contest{
				Champion:   cifra.Faring{Said: cifra.Tally{Total: tt.ofChampion, Correct: tt.right}},
				Challenger: cifra.Faring{Said: cifra.Tally{Total: tt.of, Correct: tt.ofhim}},
			}
			points, margin, ok := c.Difference()
			if ok != tt.ok || math.Abs(points-tt.points) > 1e-9 || ok && (margin <= 0 || margin > 20) {
				t.Errorf("got %v points ±%v, %v; want %v, %v", points, margin, ok, tt.points, tt.ok)
			}
		})
	}
	// The margin by hand: 900 of 1,000 and 160 of 200.
	c := cifra.Contest{
		Champion:   cifra.Faring{Said: cifra.Tally{Total: 1000, Correct: 900}},
		Challenger: cifra.Faring{Said: cifra.Tally{Total: 200, Correct: 160}},
	}
	if _, margin, _ := c.Difference(); math.Abs(margin-100*1.96*math.Sqrt(.09/1000+.16/200)) > 1e-9 {
		t.Errorf("got a margin of %v", margin)
	}
}
