package digit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"cifra"
	"cifra/digit/net"
)

// AdaptCheckpoint is all that an adaptation needs to go on after an epoch as if nothing had happened.
type AdaptCheckpoint struct {
	Epoch int
	Curve []AdaptPoint
	State []byte // of the trainer, 16 bytes a weight; it holds its own SHA-256
}

// AdaptReport is what an adaptation came to.
type AdaptReport struct {
	Curve       []AdaptPoint
	Temperature float64
	Blend       float64 // share of what was learnt that was kept
	Steps       int
}

// ErrNothingNew says that there is nothing to learn from, neither new pictures nor old ones.
var ErrNothingNew = errors.New("no pictures to learn from")

// Adapt trains a model on from its weights, so that it learns the new pictures and forgets as little as possible of
// the rest. The same options give the same bytes, whatever the number of workers, and whether or not it was resumed.
// A context that ends stops it within one chunk of 16 pictures.
func Adapt(ctx context.Context, o AdaptOptions) ([]byte, *AdaptReport, error) {
	a, err := newAdaptation(o)
	if err != nil {
		return nil, nil, fmt.Errorf("adapt: %w", err)
	}
	if err := a.prepare(ctx); err != nil {
		return nil, nil, fmt.Errorf("adapt: %w", err)
	}
	for epoch := len(a.report.Curve); epoch <= a.o.Recipe.Epochs; epoch++ {
		if err := a.epoch(ctx, epoch); err != nil {
			return nil, nil, fmt.Errorf("adapt, epoch %d: %w", epoch, err)
		}
	}
	file, err := a.finish(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("adapt: %w", err)
	}
	return file, &a.report, nil
}

// adaptation is one call of Adapt.
type adaptation struct {
	o       AdaptOptions
	from    *net.Weights
	trainer *net.Trainer
	known   *deck       // of Known; nil without any
	answers [][]float64 // From's, to the pictures of Replay
	each    int         // steps an epoch
	report  AdaptReport
}

func newAdaptation(o AdaptOptions) (*adaptation, error) {
	from, err := net.Decode(o.From, o.Kernel)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if o.Recipe.Batch == 0 {
		api := cifra.V2
		if len(from.Spec.Convs) == 0 {
			api = cifra.V1
		}
		o.Recipe = AdaptRecipeFor(api, o.New.Len(), len(o.Known) > 0)
	}
	o.Workers = max(1, o.Workers)
	a := &adaptation{o: o, from: from}
	for _, s := range append([]Source{{Set: o.New}, {Set: o.Replay}}, append(o.Known, o.Check...)...) {
		for _, label := range s.Set.Labels {
			if int(label) >= from.Spec.Classes {
				return nil, fmt.Errorf("%w: label %d for a model of %d classes", ErrTrainingData, label, from.Spec.Classes)
			}
		}
		if s.Set.Len() > 0 && (s.Set.Side != cifra.Side || len(s.Set.Images) != s.Set.Len()*cifra.Pixels) {
			return nil, fmt.Errorf("%w: pictures of side %d", ErrTrainingData, s.Set.Side)
		}
	}
	if a.known, err = knownDeck(o.Known); err != nil {
		return nil, err
	}
	old := o.Replay.Len()
	if a.known != nil {
		old += len(o.Known)
	}
	switch {
	case o.New.Len() == 0 && old == 0:
		return nil, ErrNothingNew
	case o.New.Len() == 0:
		a.o.Recipe.New, a.each = 0, 20
	case old == 0:
		a.o.Recipe.Batch = a.o.Recipe.New
	}
	if n := a.o.Recipe.New; n > 0 {
		a.each = (o.New.Len() + n - 1) / n
	}
	options := net.TrainerOptions{Seed: o.Seed, Workers: o.Workers, Chunk: adaptChunk, Frozen: true, Kernel: o.Kernel}
	if o.Hold.Fits(from) && a.o.Recipe.Hold > 0 {
		options.Anchor = &net.Anchor{Importance: o.Hold, Strength: a.o.Recipe.Hold}
	}
	a.trainer, err = net.NewTrainer(from.Spec, from, options)
	return a, err
}

// adaptChunk is how many pictures lie between two looks at the context: some 20 ms of v2.
const adaptChunk = 16

func knownDeck(sources []Source) (*deck, error) {
	if len(sources) == 0 {
		return nil, nil //nolint:nilnil // nothing known is no error
	}
	return newDeck(TrainOptions{Sources: sources, Recipe: Recipe{Batch: 1}})
}

// prepare asks From for its answers, and measures it, or goes back to a checkpoint.
func (a *adaptation) prepare(ctx context.Context) error {
	reader := net.New(a.from, a.o.Kernel)
	logits, err := logitsUntil(ctx, reader, a.o.Replay, a.o.Workers)
	if err != nil {
		return err
	}
	a.answers = make([][]float64, len(logits))
	for i, z := range logits {
		a.answers[i] = softmax(z)
	}
	if c := a.o.Resume; c != nil {
		if c.Epoch != len(c.Curve)-1 {
			return fmt.Errorf("%w: a checkpoint of epoch %d with %d points", ErrTrainingData, c.Epoch, len(c.Curve))
		}
		a.report.Curve = append(a.report.Curve, c.Curve...)
		a.report.Steps = c.Epoch * a.each
		return a.trainer.Restore(c.State)
	}
	p, err := a.measure(ctx, a.from, 0, 0)
	if err != nil {
		return err
	}
	a.report.Curve = append(a.report.Curve, p)
	a.tell(AdaptProgress{Point: &p})
	return nil
}

// epoch teaches each new picture once.
func (a *adaptation) epoch(ctx context.Context, epoch int) error {
	r := a.o.Recipe
	total := a.each * r.Epochs
	order := deal(a.o.New.Len(), a.each*r.New, a.o.Seed, uint64(epoch))
	old := a.each * (r.Batch - r.New)
	replayed := deal(a.o.Replay.Len(), old, a.o.Seed, uint64(epoch)<<8|1)
	var cards []card
	if a.known != nil {
		cards = a.known.deal(a.o.Seed, epoch)
	}
	rate := Recipe{Rate: r.Rate, Warm: r.Warm}
	loss := 0.0
	for i := range a.each {
		teach := func(j int, rng *rand.Rand, dst *[net.Pixels]float32, want []float64) float64 {
			if j < r.New {
				at := order[i*r.New+j]
				r.Augment.Apply(a.o.New.Image(at), dst, rng)
				return one(want, a.o.New.Labels[at])
			}
			j += i*(r.Batch-r.New) - r.New
			if a.known != nil && (len(replayed) == 0 || rng.Float64() < r.Known) {
				picture, label := a.known.at(cards[j%len(cards)])
				r.Augment.Apply(picture, dst, rng)
				return one(want, byte(label))
			}
			at := replayed[j]
			for q, v := range a.o.Replay.Image(at) {
				dst[q] = float32(v) / 255
			}
			copy(want, a.answers[at])
			return 1
		}
		s, err := a.trainer.Teach(ctx, r.Batch, teach, rate.rate(a.report.Steps, total), 0)
		if err != nil {
			return err
		}
		a.report.Steps++
		loss += s.Loss
		a.tell(AdaptProgress{
			Epoch: epoch, Epochs: r.Epochs, Share: float64(a.report.Steps) / float64(total), Loss: loss / float64((i+1)*r.Batch),
		})
	}
	p, err := a.measure(ctx, a.trainer.Weights(), epoch, loss/float64(a.each*r.Batch))
	if err != nil {
		return err
	}
	a.report.Curve = append(a.report.Curve, p)
	a.tell(AdaptProgress{Epoch: epoch, Epochs: r.Epochs, Share: float64(epoch) / float64(r.Epochs), Loss: p.Loss, Point: &p})
	if a.o.Save == nil {
		return nil
	}
	return a.o.Save(AdaptCheckpoint{Epoch: epoch, Curve: a.report.Curve, State: a.trainer.State()})
}

func (a *adaptation) tell(p AdaptProgress) {
	if a.o.Progress != nil {
		p.Epochs = a.o.Recipe.Epochs
		a.o.Progress(p)
	}
}

// measure reads the sets of Check.
func (a *adaptation) measure(ctx context.Context, w *net.Weights, epoch int, loss float64) (AdaptPoint, error) {
	p := AdaptPoint{Epoch: epoch, Loss: loss}
	reader := net.New(w, a.o.Kernel)
	for _, s := range a.o.Check {
		if s.Set.Len() == 0 {
			p.Check = append(p.Check, -1)
			continue
		}
		logits, err := logitsUntil(ctx, reader, s.Set, a.o.Workers)
		if err != nil {
			return p, err
		}
		p.Check = append(p.Check, accuracy(logits, s.Set.Labels))
	}
	return p, nil
}

// finish takes the mean with what it began from, refits the temperature, and writes the file.
func (a *adaptation) finish(ctx context.Context) ([]byte, error) {
	w, err := a.from.Mean(a.trainer.Weights(), a.o.Recipe.Blend)
	if err != nil {
		return nil, err
	}
	a.report.Blend = a.o.Recipe.Blend
	if w.Temperature, err = a.temperature(ctx, w); err != nil {
		return nil, err
	}
	a.report.Temperature = w.Temperature
	return net.Encode(w, true)
}

// temperature carries From's over: what is at hand here isn't what From's was fitted to, so that only the ratio of the
// temperatures that both networks would have here counts.
func (a *adaptation) temperature(ctx context.Context, w *net.Weights) (float64, error) {
	set := a.o.Calibrate
	if set.Len() == 0 {
		return a.from.Temperature, nil
	}
	var fitted [2]float64
	for i, v := range []*net.Weights{a.from, w.Half()} {
		logits, err := logitsUntil(ctx, net.New(v, a.o.Kernel), set, a.o.Workers)
		if err != nil {
			return 0, err
		}
		fitted[i] = fitTemperature(logits, set.Labels)
	}
	return min(max(a.from.Temperature*fitted[1]/fitted[0], 0.25), 4), nil
}

// deal returns want numbers below n, each as often as any other, shuffled.
func deal(n, want int, seed, stream uint64) []int {
	if n == 0 {
		return nil
	}
	rng := rand.New(rand.NewPCG(seed, 3<<32+stream))
	order := make([]int, 0, want+n)
	for len(order) < want {
		order = append(order, rng.Perm(n)...)
	}
	return order[:want]
}

func one(want []float64, label byte) float64 {
	clear(want)
	want[label] = 1
	return 1
}
