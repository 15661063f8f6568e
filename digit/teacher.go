package digit

import (
	"math/rand/v2"

	"cifra/digit/net"
)

// teacher says what is wanted of each picture of a training: its label, and of pictures that the weights it began from
// knew, in part what those answer to the very picture, changed as it is (Li and Hoiem, "Learning without Forgetting", 2016).
type teacher struct {
	deck   *deck
	recipe Recipe
	old    *net.Net // nil: labels alone
}

// from teaches a batch of cards.
func (t *teacher) from(cards []card) net.Teach {
	return func(i int, rng *rand.Rand, dst *[net.Pixels]float32, want []float64) float64 {
		picture, label := t.deck.at(cards[i])
		t.recipe.Augment.Apply(picture, dst, rng)
		clear(want)
		hold := 0.
		if t.old != nil && t.recipe.Hold > 0 && t.deck.sources[cards[i].source].Known {
			hold = t.recipe.Hold
			t.old.ProbabilitiesOf(want, dst)
		}
		smooth := t.recipe.Smoothing / float64(len(want))
		for c := range want {
			want[c] = hold*want[c] + (1-hold)*smooth
		}
		want[label] += (1 - hold) * (1 - t.recipe.Smoothing)
		return 1
	}
}
