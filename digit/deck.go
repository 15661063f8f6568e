package digit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"cifra"
)

// deck is the material of a training: cards are numbered through all sources.
type deck struct {
	sources []Source
	counts  []int // cards of each source in an epoch
	classes int
}

type card struct{ source, index int }

func newDeck(o TrainOptions) (*deck, error) {
	d := &deck{sources: o.Sources, classes: 10}
	total, share := 0, 0.0
	for _, s := range o.Sources {
		if s.Set.Len() == 0 || s.Set.Side != cifra.Side || !(s.Share > 0) {
			return nil, fmt.Errorf("%w: source %q has %d pictures of side %d, share %v",
				ErrTrainingData, s.Name, s.Set.Len(), s.Set.Side, s.Share)
		}
		if top := slices.Max(s.Set.Labels); top > NotDigit {
			return nil, fmt.Errorf("%w: source %q: label %d, more than %d", ErrTrainingData, s.Name, top, NotDigit)
		} else if top == NotDigit {
			d.classes = NotDigit + 1
		}
		total += s.Set.Len()
		share += s.Share
	}
	if total == 0 {
		return nil, ErrTrainingData
	}
	if o.Recipe.Size > 0 {
		total = o.Recipe.Size
	}
	for _, s := range o.Sources {
		d.counts = append(d.counts, int(math.Round(float64(total)*s.Share/share)))
	}
	if got := len(d.deal(o.Seed, 1)); got < o.Recipe.Batch {
		return nil, fmt.Errorf("%w: %d, less than one batch of %d", ErrTrainingData, got, o.Recipe.Batch)
	}
	return d, nil
}

// deal returns an epoch's cards, shuffled. A source that has fewer pictures than its share repeats them.
func (d *deck) deal(seed uint64, epoch int) []card {
	rng := rand.New(rand.NewPCG(seed, 1<<32+uint64(epoch)))
	var cards []card
	for s, n := range d.counts {
		order := rng.Perm(d.sources[s].Set.Len())
		for i := range n {
			cards = append(cards, card{s, order[i%len(order)]})
		}
	}
	rng.Shuffle(len(cards), func(i, j int) { cards[i], cards[j] = cards[j], cards[i] })
	return cards
}

func (d *deck) at(c card) (picture []byte, label int) {
	s := &d.sources[c.source].Set
	return s.Image(c.index), int(s.Labels[c.index])
}
