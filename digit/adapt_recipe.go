package digit

import (
	"cifra"
	"cifra/digit/idx"
	"cifra/digit/net"
)

// AdaptOptions say what a model learns beside what it knows. Only From and New are required.
type AdaptOptions struct {
	From      []byte          // the weights file that it goes on from
	New       idx.Set         // pictures to learn, with their labels
	Known     []Source        // pictures whose labels it must keep, such as MNIST or what it was taught before
	Replay    idx.Set         // pictures on which it must go on answering as From does; their labels don't count
	Check     []Source        // pictures to measure on after each epoch, and to choose by; not learnt from
	Calibrate idx.Set         // pictures that From reads well, to refit the temperature on; without any it stays
	Hold      *net.Importance // holds what matters near From, where it fits; see [Memory]
	Seed      uint64
	Recipe    AdaptRecipe                 // where its Batch is 0, [AdaptRecipeFor] is asked
	Workers   int                         // goroutines, 1 at least; the weights don't depend on it
	Kernel    net.Kernel                  // Portable, the zero value, is meant for tests; give net.Best()
	Resume    *AdaptCheckpoint            // of the same options; nil: from the beginning
	Progress  func(AdaptProgress)         // called after every step, by the goroutine that called Adapt; nil: nobody asks
	Save      func(AdaptCheckpoint) error // called after every epoch; its error ends the training; nil: nothing is saved
}

// AdaptRecipe is how a model learns more.
type AdaptRecipe struct {
	Epochs  int     // passes over the new pictures
	Batch   int     // pictures a step, new and old ones
	New     int     // new ones among them
	Rate    float64 // AdamW's at its peak; a cosine brings it to 0
	Warm    int     // steps until the peak
	Hold    float64 // strength of the anchor
	Known   float64 // share of the labelled ones among the old pictures, where there are both kinds
	Blend   float64 // share of what was learnt in the mean with From; see [Blend]
	Augment net.Augment
}

// AdaptProgress is where an adaptation stands.
type AdaptProgress struct {
	Epoch, Epochs int     // Epoch counts from 1
	Share         float64 // of all steps, 0 to 1
	Loss          float64 // mean since the epoch began
	Point         *AdaptPoint
}

// AdaptPoint is one epoch on the curves. Epoch 0 is the model that it goes on from.
type AdaptPoint struct {
	Epoch int       `json:"epoch"`
	Loss  float64   `json:"loss"`  // mean over the epoch's pictures
	Check []float64 `json:"check"` // accuracy on each set of Check, 0 to 1; -1 for an empty one
}

// AdaptRecipeFor returns the recipe for n new pictures. docs/training.md has the figures that it comes to.
func AdaptRecipeFor(api cifra.API, n int, known bool) AdaptRecipe {
	r := AdaptRecipe{
		Epochs: 7, Batch: 56, New: 28, Rate: 3e-3, Warm: 20, Hold: 1000, Known: 0.75, Blend: 0.8,
		Augment: net.Augment{Rotate: 0.09, Scale: 0.07, Shear: 0.09, Shift: 0.9, Elastic: 0.35, Stroke: 0.15},
	}
	switch {
	case api == cifra.V1: // cheap, and quick to forget: more to replay, more slowly
		r.Epochs, r.Batch, r.Rate, r.Hold, r.Blend, r.Augment = 20, 112, 1e-3, 10_000, 0.7, r.Augment.Times(0.5)
		if known {
			r.Batch, r.New, r.Hold, r.Known = 300, 20, 1000, 0.95
		}
	case known: // more of it in each batch
		r.Epochs, r.Batch, r.New, r.Rate, r.Known, r.Blend = 5, 120, 20, 2e-3, 0.9, 0.7
	}
	if n > 2000 { // as many steps as 2,000 pictures take: more of them say more each
		r.Epochs = max(3, r.Epochs*2000/n)
	}
	return r
}
