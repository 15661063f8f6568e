package views

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"cifra"
)

// retrainFact is the data of an event about a retraining.
type retrainFact struct {
	ID       int64               `json:"id,string"`
	API      cifra.API           `json:"model"`
	State    cifra.TrainingState `json:"state"`
	Progress float64             `json:"progress"`
	Epoch    int                 `json:"epoch"`
	Epochs   int                 `json:"epochs"`
	Points   int                 `json:"points"`
	Attempt  int                 `json:"attempt"`
	Cancel   bool                `json:"cancelling"`
	By       string              `json:"by"`
	Model    string              `json:"challenger"`
	Reason   string              `json:"reason"`
	Created  time.Time           `json:"created_at"`
	Started  *time.Time          `json:"started_at"`
	At       time.Time           `json:"timestamp"`
}

// run is what the event tells of the retraining. The points of its curve are only as many as there are.
func (f retrainFact) run() cifra.TrainingRun {
	r := cifra.TrainingRun{
		ID: f.ID, API: f.API, State: f.State, Progress: f.Progress, Epoch: f.Epoch, Epochs: f.Epochs, Attempt: f.Attempt,
		Cancel: f.Cancel, By: f.By, Model: f.Model, Reason: f.Reason, CreatedAt: f.Created, UpdatedAt: f.At,
		Curve: make([]cifra.TrainingPoint, max(0, f.Points)),
	}
	if f.Started != nil {
		r.StartedAt = *f.Started
	}
	if !r.State.Active() {
		r.FinishedAt = f.At
	}
	return r
}

// showRetraining moves the bar of a retraining wherever it is shown, and has pages that show more of it load that anew
// when there is more: another state, or another point of its curve.
func showRetraining(p Page, data json.RawMessage) (templ.Component, string, error) {
	var f retrainFact
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, "", err
	}
	r, said := f.run(), ""
	if !r.State.Active() {
		said = runName(p.Words, &r) + ": " + stateName(p.Words, r.State)
	}
	parts := []templ.Component{
		stale("#now-job", runsVersion(&r), "/admin"),
		stale(fmt.Sprintf(`#retrain-state[data-run="%d"]`, r.ID), runVersion(&r), runURL(&r, "/state")),
		stale("#retrain-all", runsVersion(&r), "/admin/retrain"),
	}
	if r.State.Active() {
		parts = append(parts, runProgress(p, progressID(&r), r), runProgress(p, nowProgressID(&r), r))
	}
	if r.Model != "" {
		parts = append(parts, stale("#models-all", "", "/admin/models"))
	}
	return templ.Join(parts...), said, nil
}

// showPromoted has pages that tell which version serves load that anew.
func showPromoted(p Page, data json.RawMessage) (templ.Component, string, error) {
	var f struct {
		Model string `json:"model"`
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, "", err
	}
	return templ.Join(
		stale("#models-all", "", "/admin/models"),
		stale("#now-numbers", "", "/admin?part=numbers"),
	), p.Words.T("models.serves", "Model", f.Model), nil
}

// runVersion names what is shown of a retraining beside its bar.
func runVersion(r *cifra.TrainingRun) string {
	return string(r.State) + "-" + strconv.Itoa(len(r.Curve)) + "-" + strconv.FormatBool(r.Cancel)
}

// runsVersion names what is shown of all of them: the newest one, and where it stands.
func runsVersion(r *cifra.TrainingRun) string {
	return strconv.FormatInt(r.ID, 10) + "-" + string(r.State)
}

// jobVersion is runsVersion, "" where there was none.
func jobVersion(r *cifra.TrainingRun) string {
	if r == nil {
		return ""
	}
	return runsVersion(r)
}

// progressID and nowProgressID name the bar of a retraining on its own page, and on the admin's first one.
func progressID(r *cifra.TrainingRun) string { return "run-progress-" + strconv.FormatInt(r.ID, 10) }

func nowProgressID(r *cifra.TrainingRun) string { return "now-progress-" + strconv.FormatInt(r.ID, 10) }
