package i18n

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// noBreak keeps a number and its unit on one line.
const noBreak = "\u00a0"

// Decimal writes v with the given number of decimals, as the language does: 6.8 in English, 6,8 in Spanish and Russian.
func (p *Printer) Decimal(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if p.lang != English {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// Number writes a whole number with its thousands apart: 9,690 in English, 9 690 in Russian; Spanish leaves four
// digits together (9690, 12 345).
func (p *Printer) Number(n int64) string {
	s, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	if p.lang == Spanish && len(s) <= 4 {
		return sign + s
	}
	separator := noBreak
	if p.lang == English {
		separator = ","
	}
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return sign + strings.Join(append([]string{s}, parts...), separator)
}

// Percent writes a share (0 to 1) in percent. It never rounds what is not certain up to 100 %, nor what is possible
// down to 0 %.
func (p *Printer) Percent(share float64, decimals int) string {
	v, step := share*100, math.Pow(10, -float64(decimals))
	switch {
	case share > 0 && v < step/2:
		return "<" + p.percent(step, decimals)
	case share < 1 && v > 100-step/2:
		return ">" + p.percent(100-step, decimals)
	}
	return p.percent(v, decimals)
}

func (p *Printer) percent(v float64, decimals int) string {
	if p.lang == English {
		return p.Decimal(v, decimals) + "%"
	}
	return p.Decimal(v, decimals) + noBreak + "%"
}

// Duration writes a time span in the unit that suits it, to two or three digits: 0.31 ms, 6.8 ms, 3.00 s, and longer
// ones as [Printer.Span] does.
func (p *Printer) Duration(d time.Duration) string {
	if d < 0 {
		return "−" + p.Duration(-d)
	}
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 10:
		return p.Decimal(ms, 2) + noBreak + p.T("unit.ms")
	case ms < 100:
		return p.Decimal(ms, 1) + noBreak + p.T("unit.ms")
	case ms < 1000:
		return p.Decimal(ms, 0) + noBreak + p.T("unit.ms")
	case d < 10*time.Second:
		return p.Decimal(d.Seconds(), 2) + noBreak + p.T("unit.s")
	}
	return p.Span(d)
}

// Span writes a time span in whole units: 41 s, 9 min, 3 h, 90 days.
func (p *Printer) Span(d time.Duration) string {
	const day = 24 * time.Hour
	d = d.Round(time.Second)
	switch {
	case d < 2*time.Minute:
		return strconv.Itoa(int(d.Seconds())) + noBreak + p.T("unit.s")
	case d < 2*time.Hour:
		return strconv.Itoa(int(d.Minutes())) + noBreak + p.T("unit.min")
	case d < 2*day:
		return strconv.Itoa(int(d.Hours())) + noBreak + p.T("unit.h")
	default:
		return p.N("unit.days", int(d/day))
	}
}

// Ago writes how long ago something was: "41 s ago".
func (p *Printer) Ago(d time.Duration) string {
	if d < time.Second {
		return p.T("ago.now")
	}
	return p.T("ago.span", "Span", p.Span(d))
}

// DateTime writes a moment, in the time's own zone.
func (p *Printer) DateTime(t time.Time) string {
	if p.lang == English {
		return t.Format("2 Jan 2006, 15:04:05 MST")
	}
	return fmt.Sprintf("%02d.%02d.%d, %s", t.Day(), int(t.Month()), t.Year(), p.Clock(t))
}

// Clock writes the time of day, in the time's own zone.
func (p *Printer) Clock(t time.Time) string { return t.Format("15:04:05 MST") }
