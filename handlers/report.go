package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// ReportNumbers is what people say of the answers, counted. [cifra/store.DB] is one.
type ReportNumbers interface {
	// FeedbackCounts returns how often each thing was said of each model's answers on each day.
	FeedbackCounts(ctx context.Context) ([]cifra.FeedbackCount, error)
}

// tallyJSON has the field names of the system that this one replaces.
type tallyJSON struct {
	Total     int64   `json:"total_feedback"`
	Correct   int64   `json:"correct_feedback"`
	Incorrect int64   `json:"incorrect_feedback"`
	Accuracy  float64 `json:"accuracy_percentage"`
}

func wireTally(t cifra.Tally) tallyJSON {
	return tallyJSON{t.Total, t.Correct, t.Incorrect, t.Accuracy()}
}

type modelTallyJSON struct {
	Model string `json:"modelo"`
	tallyJSON
}

type digitTallyJSON struct {
	Digit int `json:"digito"`
	tallyJSON
}

type dayTallyJSON struct {
	Day string `json:"day"`
	tallyJSON
}

type reportJSON struct {
	tallyJSON
	Msg       string           `json:"msg"`
	Models    []modelTallyJSON `json:"by_model"`
	Digits    []digitTallyJSON `json:"by_digit"`
	Days      []dayTallyJSON   `json:"by_day"`
	Confusion [10][10]int64    `json:"confusion"` // by the digit that people say it is, then by the one that was answered
	Compared  []comparisonJSON `json:"comparisons"`
}

// faringJSON is how the answers of one version went.
type faringJSON struct {
	Model   string `json:"modelo"`
	Answers int64  `json:"answers"`
	Sure    int64  `json:"sure"`
	tallyJSON
}

// comparisonJSON is a challenger beside the champion. Points and Margin are null where too few answers were judged.
type comparisonJSON struct {
	Version    cifra.API  `json:"version"`
	Since      string     `json:"since"`
	Champion   faringJSON `json:"champion"`
	Challenger faringJSON `json:"challenger"`
	Points     *float64   `json:"points"`
	Margin     *float64   `json:"margin"`
}

func wireComparison(c cifra.Contest) comparisonJSON {
	faring := func(f cifra.Faring) faringJSON { return faringJSON{f.Model, f.Answers, f.Sure, wireTally(f.Said)} }
	j := comparisonJSON{Version: c.API, Since: wireTime(c.Since), Champion: faring(c.Champion), Challenger: faring(c.Challenger)}
	if points, margin, ok := c.Difference(); ok {
		j.Points, j.Margin = &points, &margin
	}
	return j
}

// GetReport shows what people say of the answers, counted: a page, or JSON.
func (s *Site) GetReport(c echo.Context) error {
	counts, err := s.Report.FeedbackCounts(c.Request().Context())
	if err != nil {
		return err
	}
	compared, err := s.Models.Comparisons(c.Request().Context())
	if err != nil {
		return err
	}
	r := cifra.NewReport(counts)
	if wantsHTML(c) {
		return render(c, http.StatusOK, views.Report(s.page(c), views.ReportView{Report: r, Compared: compared}))
	}
	out := reportJSON{
		tallyJSON: wireTally(r.Tally), Compared: []comparisonJSON{}, Confusion: r.Confusion, Models: []modelTallyJSON{}, Digits: []digitTallyJSON{}, Days: []dayTallyJSON{},
		Msg: words(c).T("report.summary", "Total", words(c).Number(r.Total), "Accuracy", words(c).Decimal(r.Accuracy(), 2)),
	}
	if r.Total == 0 {
		out.Msg = words(c).T("report.none")
	}
	for _, each := range compared {
		out.Compared = append(out.Compared, wireComparison(each))
	}
	for _, m := range r.Models {
		out.Models = append(out.Models, modelTallyJSON{m.Name, wireTally(m.Tally)})
	}
	for d, t := range r.Digits {
		out.Digits = append(out.Digits, digitTallyJSON{d, wireTally(t)})
	}
	for _, d := range r.Days {
		out.Days = append(out.Days, dayTallyJSON{d.Name, wireTally(d.Tally)})
	}
	return answerTagged(c, out)
}

// GetReportExport gives the counts as CSV.
func (s *Site) GetReportExport(c echo.Context) error {
	counts, err := s.Report.FeedbackCounts(c.Request().Context())
	if err != nil {
		return err
	}
	w := startCSV(c, "report.csv")
	if err := w.Write([]string{"day", "version", "model", "said", "label", "correct", "n"}); err != nil {
		return err
	}
	for _, n := range counts {
		label := ""
		if n.Label != cifra.NoLabel {
			label = strconv.Itoa(n.Label)
		}
		err := w.Write(cells(n.Day, string(n.API), n.Model, strconv.Itoa(n.Said), label, strconv.FormatBool(n.Correct), strconv.FormatInt(n.N, 10)))
		if err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
