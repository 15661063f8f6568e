package views

import (
	"strconv"
	"time"

	"cifra"
)

// SystemView is how the program is doing.
type SystemView struct {
	System cifra.System
}

// busy are the routes that the page lists: the busiest.
func (v SystemView) busy() []cifra.RouteTimes { return v.System.Routes[:min(len(v.System.Routes), 40)] }

// kindOf is the message of what a process does.
func kindOf(i cifra.Instance) string {
	if i.Worker {
		return "system.kind.worker"
	}
	return "system.kind.site"
}

// orDash is n, or a dash where it is not known.
func orDash(p Page, n int) string {
	if n == 0 {
		return "–"
	}
	return p.Words.Number(int64(n))
}

// sinceOf is how long ago something was.
func sinceOf(p Page, t time.Time) string { return p.Words.Ago(p.Now.Sub(t)) }

// isSilent reports whether a process has missed two of its turns to say that it is there.
func isSilent(p Page, i cifra.Instance) bool { return p.Now.Sub(i.Seen) > 75*time.Second }

func statusText(status int) string { return strconv.Itoa(status) }
