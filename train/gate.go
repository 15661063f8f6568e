package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
)

// The gate's limits, as docs/training.md states them.
const (
	leastHeld       = 20    // held-out corrections, else an admin decides
	mostRegression  = 0.001 // loss on the regression set
	mostDigit       = 0.005 // loss of one digit on it
	leastAgreement  = 0.995 // with what the champion is sure of and nobody corrected
	maxDifferent    = 60    // drawings that are kept to be looked at
	gateFloatMargin = 1e-9  // so that a loss of exactly the limit passes
)

// examination is what a challenger is measured on.
type examination struct {
	held       idx.Set              // held-out corrections
	regression []digit.Source       // parts of the regression set
	uploads    []cifra.StoredUpload // stored uploads, latest first
}

// examine holds a challenger against the champion. tell gets a share from 0 to 1.
func examine(ctx context.Context, champion, challenger *digit.Model, e examination, tell func(float64)) (*cifra.Gate, error) {
	g := &cifra.Gate{
		Differ:     []cifra.GateDifferent{},
		Champion:   cifra.GateModel{Model: champion.Version(), Temperature: champion.Net().Weights().Temperature},
		Challenger: cifra.GateModel{Model: challenger.Version(), Temperature: challenger.Net().Weights().Temperature},
	}
	models := [2]*digit.Model{champion, challenger}
	total, done := e.held.Len()+len(e.uploads), 0
	for _, s := range e.regression {
		total += s.Set.Len()
	}
	more := func(n int) { done += n; tell(float64(done) / float64(max(1, total))) }
	held, err := count(ctx, models, e.held, more)
	if err != nil {
		return nil, err
	}
	var all tally
	for _, s := range e.regression {
		part, err := count(ctx, models, s.Set, more)
		if err != nil {
			return nil, err
		}
		all.add(&part)
		g.Sets = append(g.Sets, cifra.GateSet{Name: s.Name, N: part.n, Champion: part.share(0), Challenger: part.share(1)})
	}
	for m, model := range []*cifra.GateModel{&g.Champion, &g.Challenger} {
		model.ECE = all.sure[m].Error()
	}
	for d := range 10 {
		g.Digits = append(g.Digits, cifra.GateDigit{N: all.of[d], Champion: all.digit(d, 0), Challenger: all.digit(d, 1)})
	}
	agreement, err := compare(ctx, models, e.uploads, g, more)
	if err != nil {
		return nil, err
	}
	g.Checks = []cifra.GateCheck{heldCheck(held), regressionCheck(all), digitsCheck(all), agreement}
	g.Verdict = verdict(g.Checks)
	return g, nil
}

func heldCheck(t tally) cifra.GateCheck {
	return cifra.GateCheck{
		Name: cifra.CheckHeld, N: t.n, Champion: t.share(0), Challenger: t.share(1),
		Passed: t.right(1) > t.right(0), Undecided: t.n < leastHeld,
	}
}

func regressionCheck(t tally) cifra.GateCheck {
	return cifra.GateCheck{
		Name: cifra.CheckRegression, N: t.n, Champion: t.share(0), Challenger: t.share(1), Limit: -mostRegression,
		Passed: t.n > 0 && t.share(1)-t.share(0) >= -mostRegression-gateFloatMargin,
	}
}

// digitsCheck names the digit that lost most.
func digitsCheck(t tally) cifra.GateCheck {
	c := cifra.GateCheck{Name: cifra.CheckDigits, Limit: -mostDigit, Passed: true}
	worst := math.Inf(1)
	for d := range 10 {
		if t.of[d] == 0 {
			continue
		}
		change := t.digit(d, 1) - t.digit(d, 0)
		if change < worst {
			worst = change
			c.Digit, c.N, c.Champion, c.Challenger = d, t.of[d], t.digit(d, 0), t.digit(d, 1)
		}
		if change < -mostDigit-gateFloatMargin {
			c.Passed = false
		}
	}
	return c
}

// verdict is what follows from the checks: whatever makes the challenger worse refuses it; where the only doubt is how
// many corrections were held out, or answers that would change, an admin decides.
func verdict(checks []cifra.GateCheck) cifra.Verdict {
	v := cifra.VerdictPass
	for _, c := range checks {
		switch {
		case c.Undecided, !c.Passed && c.Name == cifra.CheckAgreement:
			v = cifra.VerdictWait
		case !c.Passed:
			return cifra.VerdictRefuse
		}
	}
	return v
}

// tally counts what two models read rightly.
type tally struct {
	n    int
	of   [digit.NotDigit + 1]int    // pictures by label
	good [2][digit.NotDigit + 1]int // by model, by label
	sure [2]digit.Calibration       // by model
}

func (t *tally) add(o *tally) {
	t.n += o.n
	for d := range t.of {
		t.of[d] += o.of[d]
		for m := range t.good {
			t.good[m][d] += o.good[m][d]
		}
	}
	for m := range t.sure {
		t.sure[m].Join(&o.sure[m])
	}
}

func (t *tally) right(model int) int {
	n := 0
	for _, v := range t.good[model] {
		n += v
	}
	return n
}

func (t *tally) share(model int) float64 { return float64(t.right(model)) / float64(max(1, t.n)) }

func (t *tally) digit(d, model int) float64 {
	return float64(t.good[model][d]) / float64(max(1, t.of[d]))
}

// atOnce is how many pictures are read between two reports of progress: some 50 ms of v2.
const atOnce = 200

// count reads a set with both models, and tells of how many pictures more.
func count(ctx context.Context, models [2]*digit.Model, s idx.Set, more func(int)) (tally, error) {
	var t tally
	for i := 0; i < s.Len(); i += atOnce {
		part := s.Slice(i, min(i+atOnce, s.Len()))
		for m, model := range models {
			answers, err := digit.Classes(ctx, model, part, workers())
			if err != nil {
				return t, fmt.Errorf("gate: %w", err)
			}
			for j, a := range answers {
				right := a.Class == int(part.Labels[j])
				if right {
					t.good[m][a.Class]++
				}
				t.sure[m].Add(a.Probability, right)
			}
		}
		more(part.Len())
	}
	t.n = s.Len()
	for _, l := range s.Labels {
		t.of[l]++
	}
	return t, nil
}

// compare reads the stored uploads with both models, and lists those on which they differ.
func compare(ctx context.Context, models [2]*digit.Model, uploads []cifra.StoredUpload, g *cifra.Gate, more func(int)) (cifra.GateCheck, error) {
	c := cifra.GateCheck{Name: cifra.CheckAgreement, Champion: 1, Challenger: 1, Limit: leastAgreement, Passed: true}
	type different struct {
		cifra.GateDifferent
		by float64
	}
	var differ []different
	agree := 0
	for i := range uploads {
		if err := ctx.Err(); err != nil {
			return c, fmt.Errorf("gate: %w", err)
		}
		if i > 0 && i%atOnce == 0 {
			more(atOnce)
		}
		u := &uploads[i]
		was, is := models[0].Read(&u.Picture), models[1].Read(&u.Picture)
		if was.Sure && !u.Corrected {
			c.N++
			if was.Digit == is.Digit {
				agree++
			}
		}
		if was.Digit == is.Digit {
			continue
		}
		by := 0.0
		for d := range was.Probabilities {
			by += math.Abs(was.Probabilities[d]-is.Probabilities[d]) / 2
		}
		differ = append(differ, different{cifra.GateDifferent{
			Image: u.Picture.Hash, Prepared: u.Picture.Preparation, Label: u.Label,
			Champion: was.Digit, ChampionP: was.Probability, Challenger: is.Digit, ChallengerP: is.Probability,
		}, by})
	}
	more(len(uploads) - max(0, len(uploads)-1)/atOnce*atOnce)
	g.Compared, g.Different = len(uploads), len(differ)
	slices.SortStableFunc(differ, func(a, b different) int { return cmp.Compare(b.by, a.by) })
	for _, d := range differ[:min(len(differ), maxDifferent)] {
		g.Differ = append(g.Differ, d.GateDifferent)
	}
	if c.N > 0 {
		c.Challenger = float64(agree) / float64(c.N)
		c.Passed = c.Challenger >= leastAgreement-gateFloatMargin
	}
	return c, nil
}
