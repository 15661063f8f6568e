package digit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"cifra"
	"cifra/digit/idx"
	"cifra/digit/net"
)

// Source is material to train on.
type Source struct {
	Name  string
	Set   idx.Set // pictures of 28×28, prepared; labels 0 to 9, or 10 for "not a digit"
	Share float64 // of each epoch; the shares of all sources are brought to the sum 1
}

// TrainOptions say what a training does. Zero values take the recipe of the API's model; see [Recipe].
type TrainOptions struct {
	API        cifra.API
	Sources    []Source
	Validation idx.Set // the epochs' curves come from it; not trained on
	Calibrate  idx.Set // the temperature is fitted to it; where it is empty, to Validation
	Seed       uint64
	Recipe     Recipe              // where its Shape is empty, the API's own
	Workers    int                 // goroutines, 1 at least; the weights don't depend on it
	Kernel     net.Kernel          // Portable, the zero value, is meant for tests; give net.Best()
	Progress   func(TrainProgress) // called now and then, by the goroutine that called Train; nil: nobody asks
}

// TrainProgress is where a training stands.
type TrainProgress struct {
	Epoch, Epochs int     // Epoch counts from 1
	Share         float64 // of all steps, 0 to 1
	Loss          float64 // mean since the epoch began, of augmented pictures with dropout
	Point         *Point  // where an epoch just ended
}

// Point is one epoch on the curves.
type Point struct {
	Epoch       int     `json:"epoch"`
	Loss        float64 `json:"loss"`           // mean over the epoch's augmented pictures
	Train       float64 `json:"train"`          // accuracy on them, with dropout
	Validation  float64 `json:"validation"`     // accuracy of the averaged weights, 0 to 1
	Uncertainty float64 `json:"validationLoss"` // mean negative log-likelihood of the same
}

// TrainReport is what a training came to.
type TrainReport struct {
	Curve       []Point `json:"curve"`
	Temperature float64 `json:"temperature"`
	Accuracy    float64 `json:"accuracy"` // on the validation set, as the file answers
	ECE         float64 `json:"ece"`      // the same, after the temperature
	Half        bool    `json:"half"`     // the file's matrices are float16
	Steps       int     `json:"steps"`
}

// ErrTrainingData says that the options name no pictures, or ones that no model learns from.
var ErrTrainingData = errors.New("training data refused")

// progressEvery is how many steps lie between two calls of Progress: a step takes some 20 to 50 ms.
const progressEvery = 8

// Train makes the weights of an API's model, as a file that [Load] reads. The same options and data give the
// same bytes, whatever the number of workers (see package net for what is assumed of the processor).
// A context that ends stops it within one chunk of pictures.
func Train(ctx context.Context, o TrainOptions) ([]byte, *TrainReport, error) {
	if o.Recipe.Shape == "" {
		o.Recipe = RecipeFor(o.API)
	}
	d, err := newDeck(o)
	if err != nil {
		return nil, nil, err
	}
	spec, err := net.ParseSpec(o.Recipe.Shape, d.classes)
	if err != nil {
		return nil, nil, fmt.Errorf("train %s: %w", o.API, err)
	}
	t, err := net.NewTrainer(spec, nil, net.TrainerOptions{
		Seed: o.Seed, Workers: o.Workers, Chunk: o.Recipe.Chunk,
		Kernel: o.Kernel, Dropout: o.Recipe.Dropout, Smoothing: o.Recipe.Smoothing,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("train %s: %w", o.API, err)
	}
	report := &TrainReport{Half: true}
	for epoch := 1; epoch <= o.Recipe.Epochs; epoch++ {
		p, err := runEpoch(ctx, t, d, o, epoch, report)
		if err != nil {
			return nil, nil, fmt.Errorf("train %s, epoch %d: %w", o.API, epoch, err)
		}
		report.Curve = append(report.Curve, p)
		if o.Progress != nil {
			o.Progress(TrainProgress{
				Epoch: epoch, Epochs: o.Recipe.Epochs, Share: float64(epoch) / float64(o.Recipe.Epochs),
				Loss: p.Loss, Point: &p,
			})
		}
	}
	file, err := finish(t.Weights(), o, report)
	return file, report, err
}

// runEpoch trains on each picture of the deck once, and measures what came of it.
func runEpoch(ctx context.Context, t *net.Trainer, d *deck, o TrainOptions, epoch int, report *TrainReport) (Point, error) {
	order := d.deal(o.Seed, epoch)
	batch := o.Recipe.Batch
	steps := len(order) / batch // what doesn't fill a batch waits for another epoch's order
	total := steps * o.Recipe.Epochs
	var loss float64
	right := 0
	for i := range steps {
		cards := order[i*batch : (i+1)*batch]
		fill := func(j int, rng *rand.Rand, dst *[net.Pixels]float32) int {
			picture, label := d.at(cards[j])
			o.Recipe.Augment.Apply(picture, dst, rng)
			return label
		}
		s, err := t.Step(ctx, batch, fill, o.Recipe.rate(report.Steps, total), o.Recipe.Decay)
		if err != nil {
			return Point{}, err
		}
		report.Steps++
		loss += s.Loss
		right += s.Right
		if o.Progress != nil && i%progressEvery == progressEvery-1 {
			o.Progress(TrainProgress{
				Epoch: epoch, Epochs: o.Recipe.Epochs, Share: float64(report.Steps) / float64(total),
				Loss: loss / float64((i+1)*batch),
			})
		}
	}
	seen := float64(steps * batch)
	p := Point{Epoch: epoch, Loss: loss / seen, Train: float64(right) / seen}
	if o.Validation.Len() > 0 {
		w := t.Weights()
		logits := logitsOf(net.New(w, o.Kernel), o.Validation, max(1, o.Workers))
		p.Validation, p.Uncertainty = accuracy(logits, o.Validation.Labels), likelihood(logits, o.Validation.Labels, 1)
	}
	return p, nil
}

// finish rounds the weights, fits the temperature to them as they will be read, and writes the file.
func finish(w *net.Weights, o TrainOptions, report *TrainReport) ([]byte, error) {
	w.Temperature = 1
	if o.Validation.Len() > 0 {
		logits := logitsOf(net.New(w.Half(), o.Kernel), o.Validation, max(1, o.Workers))
		fitted, labels := logits, o.Validation.Labels
		if o.Calibrate.Len() > 0 {
			fitted, labels = logitsOf(net.New(w.Half(), o.Kernel), o.Calibrate, max(1, o.Workers)), o.Calibrate.Labels
		}
		w.Temperature = fitTemperature(fitted, labels)
		report.Accuracy = accuracy(logits, o.Validation.Labels)
		report.ECE = calibrationError(logits, o.Validation.Labels, w.Temperature)
	}
	report.Temperature = w.Temperature
	file, err := net.Encode(w, report.Half)
	if err != nil {
		return nil, fmt.Errorf("train %s: %w", o.API, err)
	}
	return file, nil
}
