package digit

import (
	"fmt"

	"cifra/digit/net"
)

// Blend makes a weights file of one and of those that were trained on from it with seeds of their own: share of the mean of
// those, the rest of before. What before knew better comes back, most of what they learnt stays, and what each of them
// learnt by chance goes (Wortsman and others, 2022, both). The temperature and the report's figures come from the
// validation set, as in [Train].
func Blend(before []byte, after [][]byte, share float64, o TrainOptions, report *TrainReport) ([]byte, error) {
	old, err := net.Decode(before, o.Kernel)
	if err != nil {
		return nil, fmt.Errorf("blend %s: %w", o.API, err)
	}
	var mean *net.Weights
	for i, file := range after {
		w, err := net.Decode(file, o.Kernel)
		if err == nil && i > 0 {
			w, err = mean.Mean(w, 1/float64(i+1))
		}
		if err != nil {
			return nil, fmt.Errorf("blend %s: %w", o.API, err)
		}
		mean = w
	}
	if mean == nil {
		return nil, fmt.Errorf("blend %s: %w: nothing was learnt", o.API, ErrModel)
	}
	if old, err = old.WithClasses(mean.Spec.Classes); err == nil {
		mean, err = old.Mean(mean, share)
	}
	if err != nil {
		return nil, fmt.Errorf("blend %s: %w", o.API, err)
	}
	return finish(mean, o, report)
}
