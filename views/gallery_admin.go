package views

import (
	"time"

	"cifra"
)

// asAdmin is a page of the admin's side.
func (g gallery) asAdmin(path string) Page {
	p := g.at(path)
	p.Username, p.Admin = "ana", true
	return p
}

func (g gallery) audit() []State {
	p := g.asAdmin("/admin/audit")
	at := func(back time.Duration) time.Time { return sampleNow.Add(-back) }
	lines := []cifra.Audit{
		{ID: 9, Username: "ana", Action: cifra.ActionPromote, Details: "v2-9f3a1c2e instead of v2-41d7e0b3: reads crossed sevens", At: at(0)},
		{ID: 8, Username: "guest-004711000815123", Action: cifra.ActionPredictV2, Details: "id=" + sampleID + " digit=7 source=model model=v2-9f3a1c2e", At: at(41 * time.Second)},
		{ID: 7, Username: "-", Action: cifra.ActionLoginFailed, Details: "name=<script>alert(1)</script>", At: at(9 * time.Minute)},
		{ID: 6, Username: "maria-dolores.de-la-fuente_y-santiago-de-compostela-1234567890ab", Action: cifra.ActionLogin, At: at(3 * time.Hour)},
		{ID: 5, Username: "iván", Action: "something_new", Details: "of a later version", At: at(30 * time.Hour)},
	}
	return []State{
		{"audit", Audit(p, AuditView{Lines: lines, First: true, NextURL: "/admin/audit?after=5", FirstURL: "/admin/audit", ExportURL: "/admin/audit/export"})},
		{"audit-filtered", Audit(p, AuditView{
			Username: "ana", Action: cifra.ActionPromote, From: "2026-03-01", Until: "2026-03-14", Filtered: true,
			Lines: lines[:1], FirstURL: "/admin/audit?username=ana", ExportURL: "/admin/audit/export?username=ana",
		})},
		{"audit-none", Audit(p, AuditView{First: true, Username: "eva", Filtered: true, ExportURL: "/admin/audit/export?username=eva"})},
	}
}

func (g gallery) feedback() []State {
	at := func(back time.Duration) time.Time { return sampleNow.Add(-back) }
	result := func(name string, v JudgeView) State {
		r := sampleResult(sampleProvenance(cifra.Miss))
		v.PredictionID, v.Key = sampleID, "KX4Q7LRB2N5TZ6VW3YPA2CDEFG"
		if v.Reading.Model == "" {
			v.Reading = r.Recognition.Reading
		}
		r.Judge = &v
		return State{"judge-" + name, Result(g.at("/r/"+sampleID), r)}
	}
	said := func(label int, state cifra.FeedbackState, decided int) *cifra.Feedback {
		return &cifra.Feedback{
			ID: 12, PredictionID: sampleID, Username: "ana", API: cifra.V2, Model: "v2-9f3a1c2e", Prediction: 7, Correct: label == 7,
			Label: label, State: state, Decided: decided, DecidedBy: "eva", CreatedAt: sampleNow,
		}
	}
	later := sampleReading()
	later.Model, later.Digit = "v2-41d7e0b3", 1
	rows := []cifra.Feedback{
		*said(1, cifra.FeedbackNew, cifra.NoLabel), *said(2, cifra.FeedbackAccepted, 2), *said(cifra.NoLabel, cifra.FeedbackRejected, cifra.NoLabel),
		*said(4, cifra.FeedbackWithdrawn, cifra.NoLabel),
	}
	for i := range rows {
		rows[i].ID, rows[i].CreatedAt, rows[i].PredictionID = int64(12-i), at(time.Duration(i)*time.Minute), ""
	}
	rows[1].Username = "maria-dolores.de-la-fuente_y-santiago-de-compostela-1234567890ab"
	rows[1].Comment = "<script>alert(1)</script> It is a 2, and " + rows[1].Username + " always writes it like this, with a loop below."
	seven, one := 7, 1
	counts := []cifra.FeedbackCount{
		{Day: "2026-03-13", API: cifra.V2, Model: "v2-41d7e0b3", Said: 7, Label: 7, Correct: true, N: 1240},
		{Day: "2026-03-14", API: cifra.V2, Model: "v2-9f3a1c2e", Said: 7, Label: 1, N: 31},
		{Day: "2026-03-14", API: cifra.V2, Model: "v2-9f3a1c2e", Said: 4, Label: 9, N: 4},
		{Day: "2026-03-14", API: cifra.V1, Model: "v1-41d7e0b3", Said: 3, Label: 3, Correct: true, N: 7},
		{Day: "2026-03-14", Said: 5, Label: cifra.NoLabel, N: 2},
	}
	overview := cifra.Overview{P95: 18 * time.Millisecond, Today: cifra.Tally{Total: 148, Correct: 135, Incorrect: 13}, PoolInUse: 3, PoolMax: 30}
	for i := range 30 {
		if i == 9 {
			continue
		}
		overview.Rates = append(overview.Rates, cifra.Rate{
			At: sampleNow.Add(-cifra.RateSpan + time.Duration(i+4)*cifra.RateStep).Truncate(cifra.RateStep), Answers: 100, Cached: int64(30 + (i*37)%60),
		})
	}
	overview.Promoted = []cifra.Reign{{API: cifra.V2, Model: "v2-9f3a1c2e", Since: at(2 * time.Hour)}}
	promoted, running := sampleRun(cifra.TrainingPromoted), sampleRun(cifra.TrainingTraining)
	return []State{
		result("ask", JudgeView{}),
		result("unreadable", JudgeView{Reading: sampleUnsure(cifra.ReasonNotDigit).Recognition.Reading}),
		result("line", JudgeView{Reading: sampleLine().Recognition.Reading}),
		result("right", JudgeView{Given: said(7, cifra.FeedbackNew, cifra.NoLabel), UndoFor: 9 * time.Second}),
		result("wrong", JudgeView{Given: said(1, cifra.FeedbackNew, cifra.NoLabel)}),
		result("accepted", JudgeView{Given: said(1, cifra.FeedbackAccepted, 1), Later: &later}),
		result("rejected", JudgeView{Given: said(cifra.NoLabel, cifra.FeedbackRejected, cifra.NoLabel)}),
		result("error", JudgeView{Error: g.page.Words.T("error.feedback.late")}),
		{"feedback", Feedback(g.asAdmin("/admin/feedback"), FeedbackView{Show: ShowWrong, Items: rows, First: true, NextURL: "/admin/feedback?after=9"})},
		{"feedback-cell", Feedback(g.asAdmin("/admin/feedback?show=all&said=7&label=1"), FeedbackView{Show: ShowAll, Said: &seven, Label: &one, Items: rows[:1], First: true})},
		{"feedback-none", Feedback(g.asAdmin("/admin/feedback"), FeedbackView{Show: ShowWrong, First: true})},
		{"report", Report(g.asAdmin("/admin/report"), ReportView{Report: cifra.NewReport(counts)})},
		{"report-compared", Report(g.asAdmin("/admin/report"), ReportView{Report: cifra.NewReport(counts), Compared: sampleCompared()})},
		{"report-none", Report(g.asAdmin("/admin/report"), ReportView{Report: cifra.NewReport(nil)})},
		{"now", Now(g.asAdmin("/admin"), NowView{Overview: overview, Corrections: rows[:2], Job: &promoted})},
		{"now-retraining", Now(g.asAdmin("/admin"), NowView{Overview: overview, Corrections: rows[:2], Job: &running})},
		{"now-none", Now(g.asAdmin("/admin"), NowView{Overview: cifra.Overview{PoolMax: 30}})},
	}
}

// sampleCompared is a challenger of which there is something to say, and one of which it is too early.
func sampleCompared() []cifra.Contest {
	fared := func(model string, answers, sure, total, correct int64) cifra.Faring {
		return cifra.Faring{Model: model, Answers: answers, Sure: sure, Said: cifra.Tally{Total: total, Correct: correct, Incorrect: total - correct}}
	}
	return []cifra.Contest{
		{API: cifra.V2, Since: sampleNow.Add(-50 * time.Hour), Champion: fared("v2-41d7e0b3", 4210, 4098, 1120, 1046), Challenger: fared("v2-9f3a1c2e", 471, 466, 131, 130)},
		{API: cifra.V1, Since: sampleNow.Add(-time.Hour), Champion: fared("v1-0af30c18", 12, 11, 3, 3), Challenger: fared("v1-7c21d9aa", 1, 1, 0, 0)},
	}
}
