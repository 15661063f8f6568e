package views

import (
	"strconv"
	"strings"
	"time"

	"cifra"
	"cifra/views/qr"
)

// PresentView is one step of the presenter's show.
type PresentView struct {
	Step     int // 0 is the title
	Question string
	Delay    time.Duration
	MayDo    bool
	Done     *cifra.ShowStep // nil before it was done
	Error    string          // what kept it from being done, said already
	Join     string          // the address by which the room joins, on the title
	Code     *qr.Code        // the same as a picture; nil where it is too long
}

func (v PresentView) key(end string) string { return "present." + strconv.Itoa(v.Step) + "." + end }

// next leads to the step after this one; "" at the end.
func (v PresentView) next() string {
	if v.Step >= cifra.ShowSteps {
		return ""
	}
	return presentURL(v.Step+1, v.Question)
}

// before leads to the step before this one; "" at the beginning.
func (v PresentView) before() string {
	if v.Step == 0 {
		return ""
	}
	return presentURL(v.Step-1, v.Question)
}

func presentURL(step int, question string) string {
	u := "/present?step=" + strconv.Itoa(step)
	if question != "" {
		u += "&q=" + queryEscape(question)
	}
	return u
}

// codePath draws the dark modules of a QR code, a row at a time, within a rim of four light ones.
func codePath(c *qr.Code) string {
	var b strings.Builder
	for y := range c.Size {
		for x := range c.Size {
			if c.Dark(x, y) {
				b.WriteString("M" + strconv.Itoa(x+4) + " " + strconv.Itoa(y+4) + "h1v1h-1z")
			}
		}
	}
	return b.String()
}

func codeBox(c *qr.Code) string {
	n := strconv.Itoa(c.Size + 8)
	return "0 0 " + n + " " + n
}

// longest is the longest answer of a step: all bars are on its scale.
func longestOf(list []cifra.ShowAnswer) time.Duration {
	var most time.Duration
	for _, a := range list {
		_, nanos := cost(a.Provenance)
		most = max(most, a.Provenance.Took, time.Duration(nanos))
	}
	return most
}
