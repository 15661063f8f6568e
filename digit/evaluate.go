package digit

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cifra"
)

// Evaluation is how well a model read some items. Its JSON is that of "cifra evaluate".
type Evaluation struct {
	N         int           `json:"n"`
	Accuracy  float64       `json:"accuracy"`   // share of the items with digits whose digits are right, sure or not
	PerClass  [10]*float64  `json:"per_class"`  // the same by digit, of items with one; null where there are none
	Confusion [10][10]int   `json:"confusion"`  // items with one digit: by digit, by what was read
	ECE       float64       `json:"ece"`        // expected calibration error in 15 bins, of items with one digit
	SureRight float64       `json:"sure_right"` // share of N
	SureWrong float64       `json:"sure_wrong"` // share of N; a sure answer about a picture without a digit is wrong
	Unsure    float64       `json:"unsure"`     // share of N
	Times     EvaluateTimes `json:"ms"`
}

// EvaluateTimes are milliseconds for one item, with its preparation.
type EvaluateTimes struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// Wrong is an item that was read wrongly, or not at all.
type Wrong struct {
	Name, Label string
	Got         string // what was read; "" where Err is set
	Probability float64
	Sure        bool
	Reason      cifra.Reason
	Err         error // why the picture couldn't be prepared
}

// EvaluateOptions are an evaluation's means.
type EvaluateOptions struct {
	Workers int              // items at once; 0: one a core
	Now     func() time.Time // nil: no times are measured
	Wrong   func(Wrong)      // called in the items' order, once all are read; nil: nobody asks
}

// outcome is what became of one item.
type outcome struct {
	item    Item
	reading cifra.Reading
	err     error
	took    time.Duration
}

// Evaluate reads every item with m. A picture that can't be prepared counts as wrong and not sure; only an error of
// items itself, or the context's end, ends it early.
func Evaluate(ctx context.Context, m *Model, items iter.Seq2[Item, error], o EvaluateOptions) (*Evaluation, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Now == nil {
		o.Now = func() time.Time { return time.Time{} }
	}
	var outcomes []*outcome
	var wg sync.WaitGroup
	jobs := make(chan *outcome)
	for range o.Workers {
		wg.Go(func() {
			for job := range jobs {
				job.read(ctx, m, o.Now)
			}
		})
	}
	var broken error
	for item, err := range items {
		if broken = err; broken != nil || ctx.Err() != nil {
			break
		}
		job := &outcome{item: item}
		outcomes = append(outcomes, job)
		jobs <- job
	}
	close(jobs)
	wg.Wait()
	if broken != nil {
		return nil, broken
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	return summarise(outcomes, o.Wrong), nil
}

func (j *outcome) read(ctx context.Context, m *Model, now func() time.Time) {
	start := now()
	p, err := j.item.Open(ctx)
	if err != nil {
		j.err = err
	} else {
		j.reading = m.Read(p)
	}
	j.took = now().Sub(start)
}

// got returns what was read, in the form of a label: as many digits as the label or the reading has.
func (j *outcome) got() string {
	if j.err != nil {
		return ""
	}
	if len(j.item.Label) > 1 && j.item.Label != None && len(j.reading.Digits) > 1 {
		var b strings.Builder
		for _, d := range j.reading.Digits {
			b.WriteString(strconv.Itoa(d.Digit))
		}
		return b.String()
	}
	return strconv.Itoa(j.reading.Digit)
}

// isWrong reports whether the item belongs on a list of errors: digits that were read as others, or no digit that was
// sure to be one.
func (j *outcome) isWrong() bool {
	if j.err != nil {
		return true
	}
	if j.item.Label == None {
		return j.reading.Sure
	}
	return j.got() != j.item.Label
}

func summarise(outcomes []*outcome, wrong func(Wrong)) *Evaluation {
	e := &Evaluation{N: len(outcomes)}
	var c calibration
	var withDigits, right, sureRight, sureWrong int
	times := make([]time.Duration, 0, len(outcomes))
	for _, j := range outcomes {
		times = append(times, j.took)
		isWrong := j.isWrong()
		if isWrong && wrong != nil {
			wrong(Wrong{
				Name: j.item.Name, Label: j.item.Label, Got: j.got(), Probability: j.reading.Probability,
				Sure: j.reading.Sure, Reason: j.reading.Reason, Err: j.err,
			})
		}
		switch {
		case j.err != nil || !j.reading.Sure:
		case isWrong:
			sureWrong++
		default:
			sureRight++
		}
		if j.item.Label == None {
			continue
		}
		withDigits++
		if !isWrong {
			right++
		}
		if len(j.item.Label) == 1 && j.err == nil {
			e.Confusion[j.item.Label[0]-'0'][j.reading.Digit]++
			c.add(j.reading.Probability, !isWrong)
		}
	}
	share := func(n, of int) float64 { return float64(n) / float64(max(1, of)) }
	e.Accuracy = share(right, withDigits)
	e.SureRight, e.SureWrong = share(sureRight, e.N), share(sureWrong, e.N)
	e.Unsure = share(e.N-sureRight-sureWrong, e.N)
	e.ECE = c.error()
	for d, row := range e.Confusion {
		sum := 0
		for _, n := range row {
			sum += n
		}
		if sum > 0 {
			v := share(row[d], sum)
			e.PerClass[d] = &v
		}
	}
	slices.Sort(times)
	e.Times = EvaluateTimes{P50: percentile(times, 0.50), P99: percentile(times, 0.99)}
	return e
}

// percentile returns the nearest-rank percentile in milliseconds.
func percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := min(len(sorted)-1, int(p*float64(len(sorted))))
	return float64(sorted[i]) / float64(time.Millisecond)
}
