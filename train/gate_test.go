package train

import (
	"testing"

	"cifra"
	"cifra/digit"
)

// filled is a tally of n pictures, the same number of each digit, of which the models read so many of each wrongly.
func filled(each int, wrong [2][10]int) tally {
	var t tally
	for d := range 10 {
		t.of[d] = each
		t.n += each
		for m := range wrong {
			t.good[m][d] = each - wrong[m][d]
		}
	}
	return t
}

func TestChecks(t *testing.T) {
	same := [10]int{}
	for _, tt := range []struct {
		name  string
		check cifra.GateCheck
		want  cifra.GateCheck // Passed, Undecided and Digit count
	}{
		{"better on 20 corrections", heldCheck(filled(2, [2][10]int{{1, 1}, {1}})), cifra.GateCheck{Passed: true}},
		{"as good on 20 corrections", heldCheck(filled(2, [2][10]int{{1}, {0, 1}})), cifra.GateCheck{}},
		{"19 corrections are too few", heldCheck(tally{n: 19}), cifra.GateCheck{Undecided: true}},
		{"no worse at all", regressionCheck(filled(100, [2][10]int{same, same})), cifra.GateCheck{Passed: true}},
		{"worse by exactly 0.1 points", regressionCheck(filled(100, [2][10]int{same, {1}})), cifra.GateCheck{Passed: true}},
		{"worse by 0.2 points", regressionCheck(filled(100, [2][10]int{same, {1, 1}})), cifra.GateCheck{}},
		{"nothing to measure on", regressionCheck(tally{}), cifra.GateCheck{}},
		{"one digit loses exactly half a point", digitsCheck(filled(200, [2][10]int{same, {3: 1}})), cifra.GateCheck{Passed: true, Digit: 3}},
		{"one digit loses a point, another gains two", digitsCheck(filled(200, [2][10]int{{5: 4}, {7: 2}})), cifra.GateCheck{Digit: 7}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.check
			if c.Passed != tt.want.Passed || c.Undecided != tt.want.Undecided || c.Digit != tt.want.Digit {
				t.Errorf("got passed %v, undecided %v, digit %d (%+v), want %v, %v, %d",
					c.Passed, c.Undecided, c.Digit, c, tt.want.Passed, tt.want.Undecided, tt.want.Digit)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	checks := func(held, regression, digits, agreement string) []cifra.GateCheck {
		of := func(name, how string) cifra.GateCheck {
			return cifra.GateCheck{Name: name, Passed: how == "yes", Undecided: how == "few"}
		}
		return []cifra.GateCheck{
			of(cifra.CheckHeld, held), of(cifra.CheckRegression, regression), of(cifra.CheckDigits, digits), of(cifra.CheckAgreement, agreement),
		}
	}
	for _, tt := range []struct {
		name   string
		checks []cifra.GateCheck
		want   cifra.Verdict
	}{
		{"all of them pass", checks("yes", "yes", "yes", "yes"), cifra.VerdictPass},
		{"too few corrections were held out", checks("few", "yes", "yes", "yes"), cifra.VerdictWait},
		{"only the agreement fails", checks("yes", "yes", "yes", "no"), cifra.VerdictWait},
		{"no better on corrections", checks("no", "yes", "yes", "yes"), cifra.VerdictRefuse},
		{"worse on the rest", checks("yes", "no", "yes", "yes"), cifra.VerdictRefuse},
		{"worse on the rest, with too few corrections", checks("few", "no", "yes", "yes"), cifra.VerdictRefuse},
		{"one digit loses, and the agreement fails", checks("yes", "yes", "no", "no"), cifra.VerdictRefuse},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := verdict(tt.checks); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestTheChampionAgainstItself: nothing differs, so everything passes but that it isn't better.
func TestTheChampionAgainstItself(t *testing.T) {
	m, err := digit.Embedded(cifra.V1)
	if err != nil {
		t.Fatal(err)
	}
	pictures, err := digit.RegressionPictures()
	if err != nil {
		t.Fatal(err)
	}
	few := some(pictures, 20)
	e := examination{held: few, regression: []digit.Source{{Name: "generated", Set: few}}}
	for i := range 30 {
		u := cifra.StoredUpload{Picture: *digit.PictureOf(few.Image(i)), Label: cifra.NoLabel}
		u.Picture.Ink.Contrast = 200
		e.uploads = append(e.uploads, u)
	}
	g, err := examine(t.Context(), m, m, e, func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	if g.Verdict != cifra.VerdictRefuse || g.Checks[0].Passed || !g.Checks[1].Passed || !g.Checks[2].Passed || !g.Checks[3].Passed || g.Different != 0 || g.Compared != 30 {
		t.Errorf("got %+v, want everything as before, and so no better", g)
	}
}
