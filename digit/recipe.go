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
	Augment   net.Augment
}

// RecipeFor returns the recipe of an API's embedded model, which learns MNIST and what people send (package material) at
// once: to go on from MNIST alone cost some of what was known, and came to less in more time. Shapes, rates and
// augmentation come from trials on the validation set; the published recipes for MNIST are near (AdamW and a cosine,
// affine and elastic changes).
func RecipeFor(api cifra.API) Recipe {
	move := net.Augment{Rotate: 0.18, Scale: 0.135, Shear: 0.18, Shift: 1.8, Elastic: 0.7, Stroke: 0.3}
	if api == cifra.V1 {
		return Recipe{
			Shape: "d128", Epochs: 30, Size: 80_000, Batch: 64, Chunk: 32, Rate: 3e-3, Warm: 300, Decay: 0.01,
			Augment: move.Times(0.5),
		}
	}
	return Recipe{
		Shape: "32p,32,64p,96p,d128", Epochs: 16, Size: 80_000, Batch: 64, Chunk: 32, Rate: 3e-3, Warm: 300, Decay: 0.02,
		Dropout: 0.3, Augment: move,
	}
}

// rate returns the learning rate of a step: a linear start, then half a cosine (Loshchilov and Hutter, 2017).
func (r Recipe) rate(step, total int) float64 {
	warm := 1.0
	if r.Warm > 0 {
		warm = min(1, float64(step+1)/float64(r.Warm))
	}
	return r.Rate * warm * 0.5 * (1 + math.Cos(math.Pi*float64(step)/float64(total)))
}
