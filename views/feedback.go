package views

import (
	"strconv"
	"time"

	"cifra"
)

// JudgeView asks whether an answer is right, or tells what was said and what became of it.
type JudgeView struct {
	PredictionID string
	Reading      cifra.Reading
	Key          string          // names this very question, so that two taps are one
	Given        *cifra.Feedback // what was said; nil before
	UndoFor      time.Duration   // it can be taken back for so long; 0: not any more
	Later        *cifra.Reading  // how the model that serves now reads it; nil where there is nothing to tell
	Error        string          // said already
}

// choices are the digits to offer: the likeliest first, without the one that was answered where one was.
func (v JudgeView) choices() []string {
	var list []string
	for _, b := range barsOf(v.Reading) {
		if b.Digit != v.Reading.Digit || !readable(v.Reading) {
			list = append(list, digits[b.Digit])
		}
	}
	return list
}

// isLine reports whether several digits were found: then there is no one digit to name.
func (v JudgeView) isLine() bool { return len(v.Reading.Digits) > 1 }

// given says what was said.
func (v JudgeView) given(p Page) string {
	f := v.Given
	switch {
	case f.Correct:
		return p.Words.T("judge.said.right")
	case f.Label == cifra.NoLabel:
		return p.Words.T("judge.said.wrong")
	}
	return p.Words.T("judge.said.label", "Digit", f.Label)
}

// you says in a word what was said.
func (v JudgeView) you(p Page) string {
	f := v.Given
	switch {
	case f.Correct:
		return p.Words.T("judge.you.right")
	case f.Label == cifra.NoLabel:
		return p.Words.T("judge.you.wrong")
	}
	return p.Words.T("judge.you.label", "Digit", f.Label)
}

// fate says what became of it, "" where there is nothing to tell yet.
func (v JudgeView) fate(p Page) string {
	f := v.Given
	switch {
	case f.UsedBy != "":
		return p.Words.T("judge.fate.used")
	case f.State == cifra.FeedbackAccepted && f.Decided != f.Label:
		return p.Words.T("judge.fate.relabelled", "Digit", f.Decided)
	case f.State == cifra.FeedbackAccepted:
		return p.Words.T("judge.fate.accepted")
	case f.State == cifra.FeedbackRejected:
		return p.Words.T("judge.fate.rejected")
	}
	return ""
}

// later says how the model of now reads it, where that is another one.
func (v JudgeView) later(p Page) string {
	if v.Later == nil {
		return ""
	}
	digit, model := v.Later.Digit, v.Later.Model
	if v.Given != nil && !v.Given.Correct && v.Given.Label != cifra.NoLabel {
		if digit == v.Given.Label {
			return p.Words.T("judge.later.right", "Model", model, "Digit", digit)
		}
		return p.Words.T("judge.later.still", "Model", model, "Digit", digit)
	}
	return p.Words.T("judge.later.other", "Model", model, "Digit", digit)
}

// seconds is a duration in whole seconds, for the page's script.
func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds() + 0.999)) }
