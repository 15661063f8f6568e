package digit

import (
	"math"

	"cifra"
	"cifra/digit/net"
)

// NotDigit is the class behind the ten digits: something that is none.
const NotDigit = 10

// Recipe is how a model is trained. docs/model-card.md has the figures that it comes to.
type Recipe struct {
	Shape     string // as net.ParseSpec reads it
	Epochs    int
	Size      int // pictures an epoch; 0: as many as the sources have
	Batch     int
	Chunk     int     // pictures that share a batch norm
	Rate      float64 // AdamW's at its peak; a cosine brings it to 0
	Warm      int     // steps until the peak
	Decay     float64 // decoupled weight decay, of matrices alone
	Dropout   float64 // of hidden dense units
	Smoothing float64 // of labels
	Hold      float64 // share of the old weights' answers in what is wanted of known pictures; see [Source]
	Runs      int     // trainings with seeds of their own, whose weights' mean counts; see [Blend]
	Blend     float64 // share of what was learnt, in the mean with the weights that it began from
	Augment   net.Augment
}

// RecipeFor returns the recipe of an API's embedded model. Shapes, rates and augmentation come from trials on
// the validation set; the published recipes for MNIST are near (AdamW and a cosine, affine and elastic changes).
func RecipeFor(api cifra.API) Recipe {
	move := net.Augment{Rotate: 0.18, Scale: 0.135, Shear: 0.18, Shift: 1.8, Elastic: 0.7, Stroke: 0.3}
	if api == cifra.V1 {
		return Recipe{
			Shape: "d128", Epochs: 20, Batch: 64, Chunk: 32, Rate: 3e-3, Warm: 300, Decay: 0.01,
			Augment: move.Times(0.5),
		}
	}
	return Recipe{
		Shape: "32p,32,64p,96p,d128", Epochs: 17, Batch: 64, Chunk: 32, Rate: 3e-3, Warm: 300, Decay: 0.02,
		Dropout: 0.3, Augment: move,
	}
}

// MixedRecipeFor returns how an API's model goes on from weights, what [RecipeFor] made of MNIST alone or the model before
// it, to learn what people send as well (package material). Beginning there, instead of anew, costs a third of the time.
// Going on costs some of what the old weights knew. Hold keeps it, and Blend gives back what is lost all the same; the mean
// of several runs is better than each of them, on what is known and on what is new.
func MixedRecipeFor(api cifra.API) Recipe {
	r := RecipeFor(api)
	r.Epochs, r.Size, r.Rate, r.Warm, r.Hold, r.Runs, r.Blend = 6, 52_000, 1e-3, 200, 0.6, 2, 0.9
	if api == cifra.V1 {
		r.Epochs, r.Size, r.Rate, r.Runs, r.Blend = 16, 64_000, 1.5e-3, 1, 0.8
	}
	return r
}

// rate returns the learning rate of a step: a linear start, then half a cosine (Loshchilov and Hutter, 2017).
func (r Recipe) rate(step, total int) float64 {
	warm := 1.0
	if r.Warm > 0 {
		warm = min(1, float64(step+1)/float64(r.Warm))
	}
	return r.Rate * warm * 0.5 * (1 + math.Cos(math.Pi*float64(step)/float64(total)))
}
