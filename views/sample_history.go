package views

import (
	"time"

	"cifra"
)

// history is every state of the history's page.
func (g gallery) history() []State {
	at := g.at("/history")
	mine := at
	mine.Username = "ana"
	seven, one := 7, 1
	full := HistoryView{Said: sampleSaid(), Items: sampleHistory(), SignedIn: true, IsFirst: true, Older: "/history?after=x", Retention: 90 * 24 * time.Hour}
	filtered := full
	filtered.Items, filtered.Older, filtered.Filtered, filtered.Query = full.Items[:2], "", true, "digit=7&model=v2-9f3a1c2e"
	filtered.IsFirst = false
	filtered.Filter = cifra.HistoryFilter{Digit: &seven, Model: "v2-9f3a1c2e", From: sampleNow.AddDate(0, 0, -7), Until: sampleNow}
	deleted := full
	deleted.Deleted = &one
	guest := full
	guest.SignedIn, guest.Older = false, ""
	none := HistoryView{SignedIn: true, IsFirst: true, Filtered: true, Query: "digit=7", Filter: cifra.HistoryFilter{Digit: &seven}}
	return []State{
		{"history", History(mine, full)},
		{"history-filtered", History(mine, filtered)},
		{"history-deleted", History(mine, deleted)},
		{"history-guest", History(at, guest)},
		{"history-none", History(mine, none)},
		{"history-empty", History(mine, HistoryView{SignedIn: true, IsFirst: true})},
		{"history-empty-guest", History(at, HistoryView{IsFirst: true})},
	}
}

// sampleHistory is a drawing from each source, sure and not, of one digit and of several.
func sampleHistory() []cifra.Recognition {
	list := []ResultView{
		sampleResult(sampleProvenance(cifra.Miss)), sampleResult(sampleProvenance(cifra.HitL1)), sampleLine(),
		sampleUnsure(cifra.ReasonUnsure), sampleUnsure(cifra.ReasonBlank), sampleResult(sampleProvenance(cifra.HitL2)),
	}
	items := make([]cifra.Recognition, 0, len(list))
	for i, v := range list {
		r := v.Recognition
		r.CreatedAt = sampleNow.Add(-time.Duration(i) * 7 * time.Hour)
		r.Shared = i == 1
		r.ID = sampleID[:25] + string(rune('A'+i))
		switch i {
		case 0:
			r.FileName = ""
		case 5:
			r.FileName = "a-very-long-file-name-that-somebody-gave-to-a-scan-of-a-page-of-an-exercise-book.png"
		}
		items = append(items, r)
	}
	return items
}

// sampleSaid is what was said of some of them, and what became of it.
func sampleSaid() map[string]JudgeView {
	r := sampleReading()
	later := r
	later.Model, later.Digit = "v2-41d7e0b3", 1
	of := func(label int, f cifra.Feedback) JudgeView {
		f.Prediction, f.Label, f.Correct = 7, label, label == 7
		return JudgeView{Reading: r, Given: &f}
	}
	learnt := of(1, cifra.Feedback{State: cifra.FeedbackAccepted, Decided: 1, UsedBy: "14"})
	learnt.Later = &later
	return map[string]JudgeView{
		sampleID[:25] + "A": learnt,
		sampleID[:25] + "B": of(1, cifra.Feedback{State: cifra.FeedbackAccepted, Decided: 1}),
		sampleID[:25] + "F": of(7, cifra.Feedback{State: cifra.FeedbackNew}),
	}
}

// sampleShared is a shared answer as its owner sees it, or as somebody else does.
func sampleShared(mine bool) ResultView {
	v := sampleResult(sampleProvenance(cifra.Miss))
	v.Recognition.Shared = true
	v.CanShare, v.CanDelete = mine, mine
	v.Address = "https://cifra.example/r/" + sampleID
	if !mine {
		v.Recognition.FileName, v.Curl, v.Address = "", "", ""
	}
	return v
}
