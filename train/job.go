package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/net"
)

// Shares of the progress at which a step ends.
const (
	prepared = 0.15
	trained  = 0.85
)

// mostUploads is how many stored uploads the challenger is compared on.
const mostUploads = 2000

// job is one attempt at a run, by this process.
type job struct {
	*Runner
	run   *cifra.TrainingRun
	lease cifra.Lease
	told  time.Time

	champion *cifra.ModelVersion
	options  digit.AdaptOptions
	exam     examination
	mark     string // of all that the options hold; a checkpoint of another mark is of no use
}

func newJob(r *Runner, run *cifra.TrainingRun, l cifra.Lease) *job {
	own := *run
	own.Fence, own.Attempt, own.State = l.Fence, run.Attempt+1, cifra.TrainingPreparing
	return &job{Runner: r, run: &own, lease: l}
}

// errAttempts says that a run's trainers died too often.
var errAttempts = cifra.E(cifra.Impossible, "training.reason.attempts")

// do takes a run from its claim to its end, top to bottom: gather, learn, measure, decide.
func (j *job) do(ctx context.Context) error {
	if j.run.Attempt > attempts {
		return errAttempts
	}
	if err := j.prepare(ctx); err != nil {
		return err
	}
	if err := j.move(ctx, cifra.TrainingTraining, prepared); err != nil {
		return err
	}
	weights, report, err := j.learn(ctx)
	if err != nil {
		return err
	}
	if err := j.move(ctx, cifra.TrainingEvaluating, trained); err != nil {
		return err
	}
	challenger, err := j.keep(ctx, weights, report)
	if err != nil {
		return err
	}
	if err := j.examine(ctx, challenger); err != nil {
		return err
	}
	return j.decide(ctx)
}

// prepare gathers what the run learns from, and what it is measured on.
func (j *job) prepare(ctx context.Context) (err error) {
	if j.champion, err = j.Models.Champion(ctx, j.run.API); err != nil {
		return err
	}
	j.run.Parent = j.champion.ID
	if err := j.report(ctx, 0); err != nil {
		return err
	}
	own, err := j.Supplies.gather()
	if err != nil {
		return err
	}
	learnt, err := j.learnt(ctx)
	if err != nil {
		return err
	}
	all, err := j.Labels.Labelled(ctx, cifra.LabelledQuery{API: j.run.API, Batch: own.replay.Len()})
	if err != nil {
		return err
	}
	l := choose(all, learnt)
	uploads, err := j.Labels.StoredUploads(ctx, mostUploads)
	if err != nil {
		return err
	}
	j.options = j.adaptation(l, own)
	j.exam = examination{held: set(corrected(l.held)), uploads: uploads, regression: regression(l, own)}
	j.options.Check = j.check()
	j.options.Calibrate = j.options.Check[1].Set
	j.run.Data = cifra.TrainingData{
		New: len(l.fresh), Known: len(l.known), Held: len(l.held), Left: l.left, Generated: own.replay.Len(),
		MNIST: own.learn.Len(), Anchored: j.options.Hold != nil && j.options.Recipe.Hold > 0,
	}
	j.mark = mark(j.options)
	images := map[string]int{}
	for _, i := range l.fresh {
		images[i.Image] = i.Label
	}
	return j.Queue.SetTrainingImages(ctx, j.lease, images)
}

// learnt returns what the champion was taught by runs, its forebears included.
func (j *job) learnt(ctx context.Context) (map[string]int, error) {
	all := map[string]int{}
	seen := map[string]bool{}
	for v := j.champion; v != nil && !seen[v.ID]; {
		seen[v.ID] = true
		images, err := j.Labels.TrainingImages(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		for hash, label := range images {
			if _, later := all[hash]; !later {
				all[hash] = label
			}
		}
		if v.Parent == "" {
			break
		}
		parent, err := j.Models.Versions.Model(ctx, v.Parent)
		if err != nil && cifra.CodeOf(err) != cifra.NotFound && cifra.CodeOf(err) != cifra.Impossible {
			return nil, err
		}
		v = parent
	}
	return all, nil
}

func regression(l lessons, own supplies) []digit.Source {
	var parts []digit.Source
	if len(l.held) > 0 {
		parts = append(parts, digit.Source{Name: "held", Set: set(l.held)})
	}
	parts = append(parts, digit.Source{Name: "generated", Set: own.regression})
	if own.measure.Len() > 0 {
		parts = append(parts, digit.Source{Name: "mnist", Set: own.measure})
	}
	return parts
}

// adaptation is what the network is to learn.
func (j *job) adaptation(l lessons, own supplies) digit.AdaptOptions {
	mnist := own.learn
	known := []digit.Source{}
	if len(l.known) > 0 {
		known = append(known, digit.Source{Name: "known", Set: set(l.known), Share: float64(len(l.known))})
	}
	if mnist.Len() > 0 {
		known = append(known, digit.Source{Name: "mnist", Set: mnist, Share: float64(max(2*len(l.known), 1000))})
	}
	o := digit.AdaptOptions{
		From: j.champion.Weights, New: set(l.fresh), Known: known, Replay: own.replay,
		Seed: j.run.Seed, Workers: j.Workers, Kernel: net.Best(), Hold: digit.Memory(j.run.API),
		Recipe: digit.AdaptRecipeFor(j.run.API, len(l.fresh), mnist.Len() > 0),
	}
	if o.Workers == 0 {
		o.Workers = workers()
	}
	if mnist.Len() == 0 { // what was learnt before has its own share of the replay, and no more
		o.Recipe.Known = float64(len(l.known)) / float64(max(1, len(l.known)+own.replay.Len()))
	}
	return o
}

// check is what the curve shows: held-out corrections, and a part of the regression set that takes a moment only.
func (j *job) check() []digit.Source {
	part := idx.Set{Side: cifra.Side}
	for _, s := range j.exam.regression {
		some := s.Set.Slice(0, min(s.Set.Len(), 400))
		part.Images, part.Labels = append(part.Images, some.Images...), append(part.Labels, some.Labels...)
	}
	return []digit.Source{{Name: "held", Set: j.exam.held}, {Name: "regression", Set: part}}
}

// mark is a hash of all on which the weights depend.
func mark(o digit.AdaptOptions) string {
	h := sha256.New()
	h.Write(o.From)
	fmt.Fprintf(h, "\n%d %+v %t\n", o.Seed, o.Recipe, o.Hold != nil)
	for _, s := range append([]digit.Source{{Set: o.New}, {Set: o.Replay}}, o.Known...) {
		fmt.Fprintf(h, "%s %v %d\n", s.Name, s.Share, s.Set.Len())
		h.Write(s.Set.Images)
		h.Write(s.Set.Labels)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// saved is what a checkpoint keeps beside the trainer's state.
type saved struct {
	Mark  string             `json:"mark"`
	Curve []digit.AdaptPoint `json:"curve"`
}

// learn trains, from the checkpoint where there is one.
func (j *job) learn(ctx context.Context) ([]byte, *digit.AdaptReport, error) {
	var s saved
	epoch, state, err := j.Queue.Checkpoint(ctx, j.run.ID, &s)
	switch {
	case err == nil && s.Mark == j.mark:
		j.options.Resume = &digit.AdaptCheckpoint{Epoch: epoch, Curve: s.Curve, State: state}
		j.run.Curve = points(s.Curve)
		j.Log.InfoContext(ctx, "going on from a checkpoint", "run", j.run.ID, "epoch", epoch)
	case err != nil && cifra.CodeOf(err) != cifra.NotFound:
		return nil, nil, err
	}
	j.options.Progress = func(p digit.AdaptProgress) {
		j.run.Epoch, j.run.Epochs = p.Epoch, p.Epochs
		if p.Point != nil {
			j.run.Curve = append(j.run.Curve, points([]digit.AdaptPoint{*p.Point})...)
			j.told = time.Time{}
		}
		j.tell(ctx, prepared+(trained-prepared)*p.Share)
	}
	j.options.Save = func(c digit.AdaptCheckpoint) error {
		return j.Queue.SaveCheckpoint(ctx, j.lease, c.Epoch, saved{j.mark, c.Curve}, c.State)
	}
	weights, report, err := digit.Adapt(ctx, j.options)
	if errors.Is(err, net.ErrState) { // a checkpoint that was changed on the way: from the beginning, then
		j.Log.WarnContext(ctx, "the checkpoint is of no use", "run", j.run.ID, "err", err)
		j.options.Resume, j.run.Curve = nil, nil
		weights, report, err = digit.Adapt(ctx, j.options)
	}
	return weights, report, err
}

// points turns the engine's curve into the one that people see.
func points(curve []digit.AdaptPoint) []cifra.TrainingPoint {
	var ps []cifra.TrainingPoint
	for _, p := range curve {
		ps = append(ps, cifra.TrainingPoint{Epoch: p.Epoch, Loss: p.Loss, Held: p.Check[0], Regression: p.Check[1]})
	}
	return ps
}

// keep stores the challenger for good, and returns it as it comes back from there: checked, and its canary asked.
func (j *job) keep(ctx context.Context, weights []byte, report *digit.AdaptReport) (*digit.Model, error) {
	m, err := digit.Load(weights)
	if err != nil {
		return nil, err
	}
	err = j.Models.Versions.AddModel(ctx, &cifra.ModelVersion{
		ID: m.Version(), API: j.run.API, SHA256: m.SHA256(), Weights: weights, Parent: j.champion.ID, By: j.run.By,
		Note:    "model.note.retrained",
		Metrics: map[string]float64{"run": float64(j.run.ID), "temperature": report.Temperature, "new": float64(j.run.Data.New)},
	})
	if err != nil {
		return nil, err
	}
	v, err := j.Models.Versions.Model(ctx, m.Version())
	if err != nil {
		return nil, err
	}
	j.run.Model = v.ID
	return load(v)
}
