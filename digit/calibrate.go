package digit

import (
	"context"
	"fmt"
	"math"
	"sync"

	"cifra/digit/idx"
	"cifra/digit/net"
)

// logitsOf reads every picture of a set.
func logitsOf(n *net.Net, set idx.Set, workers int) [][]float32 {
	out := make([][]float32, set.Len())
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(out); i += workers {
				out[i] = n.Logits(nil, set.Image(i))
			}
		})
	}
	wg.Wait()
	return out
}

func highest(z []float32) int {
	best := 0
	for i, v := range z {
		if v > z[best] {
			best = i
		}
	}
	return best
}

// accuracy is the share of pictures whose highest logit is their label's.
func accuracy(logits [][]float32, labels []byte) float64 {
	right := 0
	for i, z := range logits {
		if highest(z) == int(labels[i]) {
			right++
		}
	}
	return float64(right) / float64(len(logits))
}

// Accuracy is the share of a set's pictures whose likeliest class is their label, "not a digit" among the classes.
func Accuracy(m *Model, set idx.Set) float64 {
	return accuracy(logitsOf(m.net, set, 1), set.Labels)
}

// logProbability returns the logarithm of what a softmax at temperature t gives class c.
func logProbability(z []float32, c int, t float64) float64 {
	top := float64(z[highest(z)])
	sum := 0.0
	for _, v := range z {
		sum += math.Exp((float64(v) - top) / t)
	}
	return (float64(z[c])-top)/t - math.Log(sum)
}

// likelihood is the mean negative log-likelihood of the labels at temperature t.
func likelihood(logits [][]float32, labels []byte, t float64) float64 {
	sum := 0.0
	for i, z := range logits {
		sum -= logProbability(z, int(labels[i]), t)
	}
	return sum / float64(len(logits))
}

// fitTemperature returns the temperature with the least negative log-likelihood (Guo and others, 2017), by
// golden section between 0.25 and 4: the likelihood has one minimum over the inverse of the temperature.
func fitTemperature(logits [][]float32, labels []byte) float64 {
	const ratio = 0.6180339887498949
	f := func(x float64) float64 { return likelihood(logits, labels, math.Exp(x)) }
	low, high := math.Log(0.25), math.Log(4)
	a, b := high-ratio*(high-low), low+ratio*(high-low)
	fa, fb := f(a), f(b)
	for high-low > 1e-4 {
		if fa < fb {
			high, b, fb = b, a, fa
			a = high - ratio*(high-low)
			fa = f(a)
		} else {
			low, a, fa = a, b, fb
			b = low + ratio*(high-low)
			fb = f(b)
		}
	}
	return math.Round(math.Exp((low+high)/2)*1e4) / 1e4
}

// calibrationError is the expected calibration error of the likeliest class at temperature t.
func calibrationError(logits [][]float32, labels []byte, t float64) float64 {
	var c calibration
	for i, z := range logits {
		best := highest(z)
		c.add(math.Exp(logProbability(z, best, t)), best == int(labels[i]))
	}
	return c.error()
}

// bins is how many equal bins from 0 to 1 the calibration error uses, as is usual.
const bins = 15

// calibration gathers how sure the answers were and how often they were right.
type calibration struct {
	n, right [bins]int
	sum      [bins]float64
}

func (c *calibration) add(probability float64, right bool) {
	b := min(int(probability*bins), bins-1)
	c.n[b]++
	c.sum[b] += probability
	if right {
		c.right[b]++
	}
}

// error returns the mean distance between probability and accuracy, weighted by the bins' sizes (ECE).
func (c *calibration) error() float64 {
	total, sum := 0, 0.0
	for b, n := range c.n {
		total += n
		sum += math.Abs(c.sum[b] - float64(c.right[b]))
	}
	if total == 0 {
		return 0
	}
	return sum / float64(total)
}

// logitsUntil is logitsOf for a context that may end: it looks at it after every few pictures.
func logitsUntil(ctx context.Context, n *net.Net, set idx.Set, workers int) ([][]float32, error) {
	out := make([][]float32, set.Len())
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(out) && ctx.Err() == nil; i += workers {
				out[i] = n.Logits(nil, set.Image(i))
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read pictures: %w", err)
	}
	return out, nil
}

// softmax returns the probabilities of logits, uncalibrated.
func softmax(z []float32) []float64 {
	p := make([]float64, len(z))
	for c := range z {
		p[c] = math.Exp(logProbability(z, c, 1))
	}
	return p
}
