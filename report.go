package cifra

import (
	"maps"
	"math"
	"slices"
)

// Tally is how often answers were said to be right and wrong.
type Tally struct {
	Total, Correct, Incorrect int64
}

// Accuracy is the share that was said to be right, in percent to two decimals, 0 where nothing was said.
func (t Tally) Accuracy() float64 {
	if t.Total == 0 {
		return 0
	}
	return math.Round(1e4*float64(t.Correct)/float64(t.Total)) / 100
}

func (t *Tally) add(c FeedbackCount) {
	t.Total += c.N
	if c.Correct {
		t.Correct += c.N
	} else {
		t.Incorrect += c.N
	}
}

// NamedTally is the tally of a model, or of a day.
type NamedTally struct {
	Name string // the model's version or the day; "" where no prediction was named
	Tally
}

// Report is what people say of the answers, counted.
type Report struct {
	Tally
	Models    []NamedTally  // by version
	Days      []NamedTally  // the first one first
	Digits    [10]Tally     // by the digit that was answered
	Confusion [10][10]int64 // by the digit that people say it is, then by the one that was answered
	Unnamed   int64         // said to be wrong by who didn't say which digit it is
}

// NewReport adds the counts up.
func NewReport(counts []FeedbackCount) Report {
	var r Report
	models, days := map[string]*Tally{}, map[string]*Tally{}
	of := func(m map[string]*Tally, name string) *Tally {
		if m[name] == nil {
			m[name] = &Tally{}
		}
		return m[name]
	}
	for _, c := range counts {
		r.add(c)
		of(models, c.Model).add(c)
		of(days, c.Day).add(c)
		if c.Said < 0 || c.Said > 9 {
			continue
		}
		r.Digits[c.Said].add(c)
		if c.Label >= 0 && c.Label <= 9 {
			r.Confusion[c.Label][c.Said] += c.N
		} else {
			r.Unnamed += c.N
		}
	}
	r.Models, r.Days = named(models), named(days)
	return r
}

func named(m map[string]*Tally) []NamedTally {
	list := make([]NamedTally, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, NamedTally{name, *m[name]})
	}
	return list
}
