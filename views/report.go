package views

import (
	"cmp"
	"slices"
	"strconv"

	"cifra"
)

// ReportView is what people say of the answers, counted.
type ReportView struct {
	Report   cifra.Report
	Compared []cifra.Contest // of versions that are held beside the champions
}

// compared says how a challenger does beside its champion, or that it is too early to say.
func compared(p Page, c cifra.Contest) string {
	change, margin, ok := c.Difference()
	if !ok {
		return p.Words.T("report.compared.early")
	}
	said := "report.compared.same"
	switch {
	case change > margin:
		said = "report.compared.better"
	case change < -margin:
		said = "report.compared.worse"
	}
	return p.Words.T(said, "Points", points(p.Words, change/100), "Margin", p.Words.Decimal(margin, 2))
}

func (v ReportView) accuracy(p Page) string { return percentOf(p, v.Report.Tally) }

// percentOf is the share that was said to be right, "–" where nothing was said.
func percentOf(p Page, t cifra.Tally) string {
	if t.Total == 0 {
		return "–"
	}
	return p.Words.Percent(float64(t.Correct)/float64(t.Total), 1)
}

// digits are the tallies of the ten digits that were answered.
func (v ReportView) digits() []cifra.NamedTally {
	var list []cifra.NamedTally
	for d, t := range v.Report.Digits {
		list = append(list, cifra.NamedTally{Name: strconv.Itoa(d), Tally: t})
	}
	return list
}

// daysShown is how many days the page shows; the export has all.
const daysShown = 31

// days are the latest days, the last one first.
func (v ReportView) days() []cifra.NamedTally {
	days := slices.Clone(v.Report.Days)
	slices.Reverse(days)
	return days[:min(len(days), daysShown)]
}

// tint is the class of a cell: right or wrong, in one of four strengths by how many there are of the row's.
func (v ReportView) tint(label, said int) string {
	n := v.Report.Confusion[label][said]
	if n == 0 {
		return ""
	}
	var most int64 = 1
	for s, other := range v.Report.Confusion[label] {
		if (s == label) == (said == label) {
			most = max(most, other)
		}
	}
	kind := "wrong-"
	if label == said {
		kind = "right-"
	}
	return kind + strconv.FormatInt(1+3*n/most, 10)
}

// mistake is a digit that was answered for another one, and how often.
type mistake struct {
	label, said int
	n           int64
}

// mistakesShown is how many mistakes stand beside the matrix.
const mistakesShown = 7

// mistakes are the commonest ones, the most common first.
func (v ReportView) mistakes() []mistake {
	var all []mistake
	for label, row := range v.Report.Confusion {
		for said, n := range row {
			if said != label && n > 0 {
				all = append(all, mistake{label, said, n})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b mistake) int { return cmp.Compare(b.n, a.n) })
	return all[:min(len(all), mistakesShown)]
}

func cellURL(label, said int) string {
	return "/admin/feedback?show=all&said=" + strconv.Itoa(said) + "&label=" + strconv.Itoa(label)
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
