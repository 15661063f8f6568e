package views

import (
	"fmt"
	"strings"
	"time"

	"cifra"
)

// NowView is how the site is doing.
type NowView struct {
	Overview    cifra.Overview
	Corrections []cifra.Feedback   // the latest ones
	Job         *cifra.TrainingRun // the newest retraining; nil where there was none
}

// hitRate is the share of remembered answers of the latest step that had any, "–" where there was none.
func (v NowView) hitRate(p Page) string {
	rates := v.Overview.Rates
	if len(rates) == 0 {
		return "–"
	}
	var answers, cached int64
	for _, r := range rates[max(0, len(rates)-6):] {
		answers, cached = answers+r.Answers, cached+r.Cached
	}
	return p.Words.Percent(float64(cached)/float64(answers), 1)
}

func (v NowView) p95(p Page) string {
	if v.Overview.P95 == 0 {
		return "–"
	}
	return p.Words.Duration(v.Overview.P95)
}

// The chart's size, in its own units.
const (
	chartWidth  = 600
	chartHeight = 120
)

// chartX is where a moment lies: the right edge is now.
func (v NowView) chartX(p Page, at time.Time) float64 {
	return chartWidth * (1 - float64(p.Now.Sub(at))/float64(cifra.RateSpan))
}

// chartLines are the hit rates as lines through the points, broken where a step had no answers.
func (v NowView) chartLines(p Page) []string {
	var lines []string
	var b strings.Builder
	var last time.Time
	for _, r := range v.Overview.Rates {
		if r.Answers == 0 {
			continue
		}
		if b.Len() > 0 && r.At.Sub(last) > cifra.RateStep {
			lines = append(lines, b.String())
			b.Reset()
		}
		y := chartHeight - chartHeight*float64(r.Cached)/float64(r.Answers)
		fmt.Fprintf(&b, "%.1f,%.1f ", max(0, v.chartX(p, r.At.Add(cifra.RateStep/2))), min(chartHeight-2, max(2, y)))
		last = r.At
	}
	if b.Len() > 0 {
		lines = append(lines, b.String())
	}
	return lines
}

// chartMark is where a promotion lies.
func (v NowView) chartMark(p Page, r cifra.Reign) string {
	return fmt.Sprintf("%.1f", min(chartWidth-1, max(1, v.chartX(p, r.Since))))
}

// point splits a line of one point, which a line doesn't show.
func point(line string) (x, y string, single bool) {
	fields := strings.Fields(line)
	if len(fields) != 1 {
		return "", "", false
	}
	x, y, _ = strings.Cut(fields[0], ",")
	return x, y, true
}
