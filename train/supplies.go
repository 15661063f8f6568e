package train

import (
	"fmt"
	"os"
	"runtime"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
)

// Supplies are what the program itself adds to what people labelled.
type Supplies struct {
	MNIST string // folder with MNIST's training files, "" where there is none
	Part  int    // of the generated pictures one in Part is taken; 0: all of them. Tests take fewer
}

// supplies of one run.
type supplies struct {
	replay, regression idx.Set // generated
	learn, measure     idx.Set // MNIST's; empty where it isn't at hand
}

// heldMNIST is how many of MNIST's training pictures, the last ones, no model was ever trained on.
const heldMNIST = 5000

func workers() int { return runtime.GOMAXPROCS(0) }

func (s *Supplies) gather() (g supplies, err error) {
	if g.replay, err = digit.ReplayPictures(); err != nil {
		return g, err
	}
	if g.regression, err = digit.RegressionPictures(); err != nil {
		return g, err
	}
	g.replay, g.regression = some(g.replay, s.Part), some(g.regression, s.Part)
	if s.MNIST == "" {
		return g, nil
	}
	all, err := idx.Load(os.DirFS(s.MNIST), "train")
	if err != nil {
		return g, fmt.Errorf("MNIST in %s: %w", s.MNIST, err)
	}
	if all.Len() <= 2*heldMNIST || all.Side != cifra.Side {
		return g, fmt.Errorf("MNIST in %s: %d pictures of side %d", s.MNIST, all.Len(), all.Side)
	}
	n := all.Len() - heldMNIST
	g.learn, g.measure = all.Slice(0, n), all.Slice(n, all.Len())
	return g, nil
}

// some takes every part-th picture.
func some(set idx.Set, part int) idx.Set {
	if part <= 1 {
		return set
	}
	o := idx.Set{Side: set.Side}
	for i := 0; i < set.Len(); i += part {
		o.Images, o.Labels = append(o.Images, set.Image(i)...), append(o.Labels, set.Labels[i])
	}
	return o
}
