package views

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"cifra"
)

// retraining is every state of the pages of retraining and of the models.
func (g gallery) retraining() []State {
	page, one := g.asAdmin("/admin/retrain"), g.asAdmin("/admin/retrain/14")
	at := sampleRun
	view := func(r cifra.TrainingRun) RunView { return RunView{Run: r, Drawings: sampleDrawings()} }
	runs := []cifra.TrainingRun{at(cifra.TrainingPromoted), at(cifra.TrainingRejected), at(cifra.TrainingCancelled), at(cifra.TrainingFailed)}
	for i := range runs {
		runs[i].ID = int64(14 - i)
	}
	running, waiting, cancelling := at(cifra.TrainingTraining), at(cifra.TrainingQueued), at(cifra.TrainingTraining)
	cancelling.Cancel = true
	shown := func(r cifra.TrainingRun) *RunView { v := view(r); return &v }
	refused := g.page.Words.T("error.training.running")
	states := []State{
		{"retrain", Retrain(page, RetrainView{First: true, Run: shown(runs[0]), Runs: runs})},
		{"retrain-none", Retrain(page, RetrainView{First: true})},
		{"retrain-running", Retrain(page, RetrainView{First: true, Run: shown(running), Runs: append([]cifra.TrainingRun{running}, runs[1:]...)})},
		{"retrain-refused", Retrain(page, RetrainView{First: true, Refused: refused, Run: shown(waiting), Runs: []cifra.TrainingRun{waiting}})},
		{"retrain-cancelling", RetrainRun(one, view(cancelling))},
	}
	for _, s := range []cifra.TrainingState{
		cifra.TrainingPreparing, cifra.TrainingEvaluating, cifra.TrainingAwaiting, cifra.TrainingPromoted, cifra.TrainingRejected,
		cifra.TrainingCancelled, cifra.TrainingFailed,
	} {
		states = append(states, State{"retrain-" + string(s), RetrainRun(one, view(at(s)))})
	}
	models := g.asAdmin("/admin/models")
	fault := cifra.ModelFault{
		API: cifra.V2, Model: "v2-9f3a1c2e", Serving: "v2-41d7e0b3", Since: sampleNow,
		Err: cifra.E(cifra.Impossible, "error.model.damaged", "Model", "v2-9f3a1c2e"),
	}
	return append(states,
		State{"models", Models(models, sampleModels())},
		State{"models-refused", Models(models, ModelsView{APIs: sampleModels().APIs, Refused: g.page.Words.T("error.reason.missing")})},
		State{"models-compared", Models(models, ModelsView{APIs: sampleModels().APIs, Share: 0.1, Held: []string{"v2-c07b55d1"}})},
		State{"models-damaged", Models(models, ModelsView{APIs: sampleModels().APIs, Faults: []cifra.ModelFault{fault}})},
	)
}

// sampleRun is a retraining in a state, with all that it has by then.
func sampleRun(s cifra.TrainingState) cifra.TrainingRun {
	r := cifra.TrainingRun{
		ID: 14, API: cifra.V2, State: s, Promote: true, By: "ana", Attempt: 1, CreatedAt: sampleNow.Add(-42 * time.Second),
	}
	if s == cifra.TrainingQueued {
		return r
	}
	r.StartedAt, r.Parent, r.Progress = sampleNow.Add(-9*time.Second), "v2-41d7e0b3", 0.04
	if s == cifra.TrainingPreparing {
		r.Attempt = 2
		return r
	}
	r.Data = cifra.TrainingData{New: 1240, Known: 310, Held: 388, Left: 12, Generated: 2800, MNIST: 55000}
	r.Epochs, r.Epoch, r.Progress = 10, 5, 0.52
	held := []float64{0.851, 0.902, 0.931, 0.944, 0.956, 0.962, 0.964, 0.967, 0.9691, 0.9691, 0.97}
	rest := []float64{0.9962, 0.9951, 0.9955, 0.9957, 0.996, 0.9958, 0.9961, 0.996, 0.9962, 0.9961, 0.9961}
	epochs := 5
	if s != cifra.TrainingTraining {
		epochs = 10
	}
	for i, share := range held[:epochs+1] {
		r.Curve = append(r.Curve, cifra.TrainingPoint{Epoch: i, Loss: 0.4 / float64(i+1), Held: share, Regression: rest[i]})
	}
	if s.Running() {
		if s == cifra.TrainingEvaluating {
			r.Progress = 0.91
		}
		return r
	}
	r.FinishedAt = sampleNow.Add(-2 * time.Second)
	switch s {
	case cifra.TrainingCancelled:
		r.Reason, r.Curve = "training.reason.cancelled", r.Curve[:4]
	case cifra.TrainingFailed:
		r.Reason, r.Curve = "training.reason.attempts", nil
	default:
		r.Model, r.Gate = "v2-9f3a1c2e", sampleGate(s)
		r.Reason = "training.reason." + map[cifra.Verdict]string{
			cifra.VerdictWait: "wait", cifra.VerdictPass: "passed", cifra.VerdictRefuse: "gate",
		}[r.Gate.Verdict]
	}
	return r
}

func sampleGate(s cifra.TrainingState) *cifra.Gate {
	g := &cifra.Gate{
		Verdict: cifra.VerdictPass, Compared: 1870, Different: 11,
		Champion:   cifra.GateModel{Model: "v2-41d7e0b3", Temperature: 1.2041, ECE: 0.0042},
		Challenger: cifra.GateModel{Model: "v2-9f3a1c2e", Temperature: 1.1873, ECE: 0.0047},
		Checks: []cifra.GateCheck{
			{Name: cifra.CheckHeld, Passed: true, N: 388, Champion: 0.8505, Challenger: 0.9691},
			{Name: cifra.CheckRegression, Passed: true, N: 7588, Champion: 0.9962, Challenger: 0.9961, Limit: -0.001},
			{Name: cifra.CheckDigits, Passed: true, N: 712, Champion: 0.9958, Challenger: 0.9944, Limit: -0.005, Digit: 5},
			{Name: cifra.CheckAgreement, Passed: true, N: 1602, Champion: 1, Challenger: 0.9969, Limit: 0.995},
		},
		Sets: []cifra.GateSet{
			{Name: "held", N: 388, Champion: 0.9201, Challenger: 0.9794},
			{Name: "generated", N: 2200, Champion: 0.9982, Challenger: 0.9982},
			{Name: "mnist", N: 5000, Champion: 0.996, Challenger: 0.9958},
		},
	}
	for d := range 10 {
		change := []float64{0, 0.0014, 0, -0.0014, 0.0028, -0.0014, 0, 0.0014, 0, -0.0013}[d]
		g.Digits = append(g.Digits, cifra.GateDigit{N: 712, Champion: 0.9958, Challenger: 0.9958 + change})
	}
	for i, hash := range []string{"a", "b", "c", "d", "gone"} {
		g.Differ = append(g.Differ, cifra.GateDifferent{Image: hash, Champion: i, Challenger: 9 - i, ChampionP: 0.9, ChallengerP: 0.8, Label: []int{9, -1, 7, -1, -1}[i]})
	}
	switch s { //nolint:exhaustive // the others passed
	case cifra.TrainingAwaiting:
		g.Verdict = cifra.VerdictWait
		g.Checks[0] = cifra.GateCheck{Name: cifra.CheckHeld, Undecided: true, N: 7, Champion: 0.4286, Challenger: 0.8571}
		g.Checks[3].Passed, g.Checks[3].Challenger = false, 0.9913
	case cifra.TrainingRejected:
		g.Verdict = cifra.VerdictRefuse
		g.Checks[1].Passed, g.Checks[1].Challenger = false, 0.9913
	}
	return g
}

func sampleDrawings() map[string][]byte {
	view := func() []byte { return sampleResult(sampleProvenance(cifra.Miss)).Recognition.Picture.Views }
	return map[string][]byte{"a": view(), "b": view(), "c": view(), "d": view()}
}

func sampleModels() ModelsView {
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	run := sampleRun(cifra.TrainingPromoted)
	awaiting := sampleRun(cifra.TrainingAwaiting)
	awaiting.ID, awaiting.Model = 15, "v2-c07b55d1"
	started := sampleNow.Add(-30 * time.Hour)
	v2 := ModelsOf{API: cifra.V2, Serving: "v2-9f3a1c2e", List: []cifra.Standing{
		{
			Version:  cifra.ModelVersion{ID: "v2-9f3a1c2e", API: cifra.V2, SHA256: sum("a"), Parent: "v2-41d7e0b3", Note: "model.note.retrained", By: "ana", CreatedAt: sampleNow.Add(-time.Hour)},
			Champion: true, Run: &run, Reigns: []cifra.Reign{{Model: "v2-9f3a1c2e", Since: sampleNow.Add(-time.Hour), By: "ana", Reason: "training.reason.passed"}},
		},
		{
			Version: cifra.ModelVersion{ID: "v2-c07b55d1", API: cifra.V2, SHA256: sum("b"), Parent: "v2-9f3a1c2e", Note: "model.note.retrained", By: "schedule", CreatedAt: sampleNow.Add(-time.Minute)},
			Run:     &awaiting,
		},
		{
			Version: cifra.ModelVersion{ID: "v2-41d7e0b3", API: cifra.V2, SHA256: sum("c"), Note: "model.note.embedded", By: "embedded", CreatedAt: started},
			Reigns:  []cifra.Reign{{Model: "v2-41d7e0b3", Since: started, Until: sampleNow.Add(-time.Hour), By: "embedded", Reason: "model.reason.embedded"}},
		},
	}}
	v1 := ModelsOf{API: cifra.V1, Serving: "v1-0af30c18", List: []cifra.Standing{{
		Version:  cifra.ModelVersion{ID: "v1-0af30c18", API: cifra.V1, SHA256: sum("d"), Note: "model.note.embedded", By: "embedded", CreatedAt: started},
		Champion: true,
	}}}
	return ModelsView{APIs: []ModelsOf{v2, v1}}
}
