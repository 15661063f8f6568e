package views

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"cifra"
	"cifra/i18n"
)

// RetrainView is the page on which retrainings are begun and looked back at.
type RetrainView struct {
	Refused string // why the one that was asked for didn't begin, said already; "" where nothing was refused
	Run     *RunView
	Runs    []cifra.TrainingRun
	First   bool   // this is the list's first page
	NextURL string // "" on the last page
}

// version names what is shown, for events to tell whether it is out of date.
func (v RetrainView) version() string {
	if len(v.Runs) == 0 {
		return ""
	}
	return runsVersion(&v.Runs[0])
}

// RunView is one retraining.
type RunView struct {
	Run      cifra.TrainingRun
	Drawings map[string][]byte // 784 bytes by the hash of an upload, of those on which the models differ
}

// ModelsView is the versions of the models.
type ModelsView struct {
	APIs    []ModelsOf
	Faults  []cifra.ModelFault
	Held    []string // versions that are held for comparison
	Share   float64  // of the pictures that they answer
	Refused string   // why a promotion or a rollback was refused, said already
}

// isHeld reports whether a version is held for comparison.
func (v ModelsView) isHeld(id string) bool { return slices.Contains(v.Held, id) }

// mayHold reports whether a version can be.
func (v ModelsView) mayHold(s cifra.Standing) bool {
	refused := s.Run != nil && s.Run.Gate != nil && s.Run.Gate.Verdict == cifra.VerdictRefuse
	return v.Share > 0 && !s.Champion && !refused && !v.isHeld(s.Version.ID)
}

// ModelsOf is the versions for one API.
type ModelsOf struct {
	API     cifra.API
	Serving string // the version that answers in this instance
	List    []cifra.Standing
}

func runURL(r *cifra.TrainingRun, rest string) string {
	return "/admin/retrain/" + strconv.FormatInt(r.ID, 10) + rest
}

func runName(w *i18n.Printer, r *cifra.TrainingRun) string {
	return w.T("retrain.run", "Number", strconv.FormatInt(r.ID, 10))
}

func stateName(w *i18n.Printer, s cifra.TrainingState) string {
	return w.T("training.state." + string(s))
}

// reasonText says a reason: the program's own is a message key, a person's is what they wrote.
func reasonText(w *i18n.Printer, r string) string {
	if strings.HasPrefix(r, "training.reason.") || strings.HasPrefix(r, "error.") || strings.HasPrefix(r, "model.reason.") || strings.HasPrefix(r, "model.note.") {
		return known(w, r, r)
	}
	return r
}

// stepOf says what a retraining does just now.
func stepOf(w *i18n.Printer, r *cifra.TrainingRun) string {
	if r.Cancel && r.State.Active() {
		return w.T("retrain.cancelling")
	}
	if r.State == cifra.TrainingTraining && r.Epochs > 0 {
		return w.T("retrain.epoch", "Epoch", max(1, r.Epoch), "Epochs", r.Epochs)
	}
	return w.T("training.step." + string(r.State))
}

// leftOf estimates how long a retraining will take yet, from how long it took so far; "" where that says nothing.
func leftOf(w *i18n.Printer, r *cifra.TrainingRun, now time.Time) string {
	took := now.Sub(r.StartedAt)
	if !r.State.Running() || r.StartedAt.IsZero() || r.Progress < 0.05 || took < time.Second {
		return ""
	}
	left := time.Duration(float64(took) * (1 - r.Progress) / r.Progress)
	return w.T("retrain.left", "Span", w.Span(max(time.Second, left)))
}

// tookOf is how long a finished retraining took.
func tookOf(w *i18n.Printer, r *cifra.TrainingRun) string {
	if r.StartedAt.IsZero() || r.FinishedAt.IsZero() {
		return ""
	}
	return w.T("retrain.took", "Span", w.Duration(r.FinishedAt.Sub(r.StartedAt)))
}

// percent writes a share with two decimals and no rounding up: differences of a tenth of a point count here.
func percent(w *i18n.Printer, share float64) string { return w.Percent(share, 2) }

// points writes a change in points of percent, with its sign.
func points(w *i18n.Printer, change float64) string {
	v := math.Round(change*1e4) / 100
	sign := "±"
	switch {
	case v > 0:
		sign = "+"
	case v < 0:
		sign = "−"
	}
	return sign + w.Decimal(math.Abs(v), 2)
}

// The chart's own coordinates.
const (
	chartW, chartH = 560, 168
	chartPad       = 10
)

// chart is a curve against the champion's line, in a chart's coordinates.
type chart struct {
	title            string
	path             string
	champion         float64 // y of its line
	x, y             float64 // of the last point
	low, high        float64 // shares at the bottom and the top
	first, last      float64 // shares of the champion and of the challenger
	isEmpty, isPoint bool
}

// chartOf lays out one curve of a run; value picks it.
func chartOf(r *cifra.TrainingRun, title string, value func(cifra.TrainingPoint) float64) chart {
	c := chart{title: title}
	if len(r.Curve) == 0 || value(r.Curve[0]) < 0 {
		c.isEmpty = true
		return c
	}
	c.low, c.high = 1, 0
	for _, p := range r.Curve {
		c.low, c.high = min(c.low, value(p)), max(c.high, value(p))
	}
	room := max(0.002, (c.high-c.low)*0.15)
	c.low, c.high = max(0, c.low-room), min(1, c.high+room)
	epochs := max(r.Epochs, r.Curve[len(r.Curve)-1].Epoch, 1)
	at := func(p cifra.TrainingPoint) (x, y float64) {
		x = chartPad + float64(p.Epoch)/float64(epochs)*(chartW-2*chartPad)
		y = chartH - chartPad - (value(p)-c.low)/(c.high-c.low)*(chartH-2*chartPad)
		return x, y
	}
	var path strings.Builder
	for i, p := range r.Curve {
		x, y := at(p)
		command := "L"
		if i == 0 {
			command = "M"
			c.champion, c.first = y, value(p)
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", command, x, y)
		c.x, c.y, c.last = x, y, value(p)
	}
	c.path, c.isPoint = path.String(), len(r.Curve) == 1
	return c
}

func chartsOf(w *i18n.Printer, r *cifra.TrainingRun) []chart {
	var shown []chart
	for _, c := range []chart{
		chartOf(r, w.T("retrain.curve.held"), func(p cifra.TrainingPoint) float64 { return p.Held }),
		chartOf(r, w.T("retrain.curve.regression"), func(p cifra.TrainingPoint) float64 { return p.Regression }),
	} {
		if !c.isEmpty {
			shown = append(shown, c)
		}
	}
	return shown
}

// viewURL is a drawing as a model saw it, "" where it is deleted.
func viewURL(view []byte) string { return sawURL(cifra.Picture{Views: view}) }

// canPromote reports whether the run's challenger can still become the champion.
func canPromote(r *cifra.TrainingRun) bool {
	return r.Model != "" && (r.State == cifra.TrainingAwaiting || r.State == cifra.TrainingRejected) && r.Model != r.Parent
}

// needsReason reports whether a promotion of it has to be explained.
func needsReason(r *cifra.TrainingRun) bool {
	return r.Gate == nil || r.Gate.Verdict != cifra.VerdictPass
}

// checkState says how a check of the gate ended.
func checkState(w *i18n.Printer, c cifra.GateCheck) string {
	switch {
	case c.Undecided:
		return w.T("gate.undecided")
	case c.Passed:
		return w.T("gate.passed")
	}
	return w.T("gate.failed")
}

// previous returns the version that a rollback would go back to, "" where none served before.
func (m ModelsOf) previous() string {
	var since time.Time
	id := ""
	for _, s := range m.List {
		for _, r := range s.Reigns {
			if !s.Champion && !r.Until.IsZero() && r.Since.After(since) {
				since, id = r.Since, s.Version.ID
			}
		}
	}
	return id
}

// coordinate writes a number of a chart.
func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
