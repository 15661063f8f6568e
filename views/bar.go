package views

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"cifra"
)

// barsOf returns the ten probabilities, the likeliest first; of equal ones the smaller digit.
func barsOf(r cifra.Reading) []Bar {
	bars := make([]Bar, len(r.Probabilities))
	for d, p := range r.Probabilities {
		bars[d] = Bar{Digit: d, Probability: p}
	}
	slices.SortStableFunc(bars, func(a, b Bar) int { return cmp.Compare(b.Probability, a.Probability) })
	return bars
}

// topBars is how many bars are shown at once; the others are on demand.
const topBars = 3

// share writes a part of a whole as an SVG length: at least least percent, so that something is seen of everything.
func share(part, least float64) string {
	return strconv.FormatFloat(100*max(least, min(1, part)), 'f', 2, 64) + "%"
}

// ratio is d as a part of total, 0 where there is no total.
func ratio(d, total time.Duration) float64 {
	if total <= 0 {
		return 0
	}
	return float64(d) / float64(total)
}

// span is the time that a waterfall covers: the answer's, or to the end of its last step.
func span(steps []cifra.Step, total time.Duration) time.Duration {
	for _, s := range steps {
		total = max(total, s.Start+s.Took)
	}
	return total
}
