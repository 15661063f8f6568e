package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/term"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/material"
	"cifra/digit/net"
)

// trainCommand makes the weights that are embedded.
type trainCommand struct {
	MNIST  string `name:"mnist" help:"Folder with MNIST's training set." placeholder:"DIR" type:"existingdir" required:""`
	Model  string `default:"v2" enum:"v1,v2" help:"v1 or v2."`
	Seed   uint64 `default:"1" help:"The same seed and data give the same bytes."`
	Epochs int    `help:"Passes over MNIST, and then over the mixed material (default: the recipes')."`
	From   string `help:"Weights to go on from with the mixed material (default: first train on MNIST alone)." placeholder:"FILE" type:"existingfile"`
	Plain  bool   `help:"Stop after MNIST alone: weights that --from takes."`
	Keep   string `help:"Keep what the steps make in this folder, and go on from there: MNIST's weights, and the pictures, which are the same for both models." placeholder:"DIR" type:"existingdir"`
	Out    string `help:"Where to write the weights." placeholder:"FILE" type:"path" required:""`
}

// trained is what cifra train prints in the end.
type trained struct {
	Version string  `json:"version"`
	Bytes   int     `json:"bytes"`
	Seconds float64 `json:"seconds"`
	*digit.TrainReport
	Sets []trainedSet `json:"sets"` // what the validation pictures are, and how each sort of them fares
}

type trainedSet struct {
	Name     string  `json:"name"`
	N        int     `json:"n"`
	Accuracy float64 `json:"accuracy"` // of all classes, "not a digit" among them
}

// Run trains on MNIST's training set but for its last 5,000 images, which it validates on, and then on what people
// send as well.
func (cmd *trainCommand) Run(env *environment) error {
	set, err := idx.Load(os.DirFS(cmd.MNIST), "train")
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.MNIST, err)
	}
	if set.Len() <= validation {
		return fmt.Errorf("%s: %d images are too few to hold out %d", cmd.MNIST, set.Len(), validation)
	}
	start := time.Now()
	learnt, held := set.Slice(0, set.Len()-validation), set.Slice(set.Len()-validation, set.Len())
	sets := []digit.Source{{Name: "mnist", Set: held}}
	weights, report, err := cmd.base(env, learnt, held)
	if err == nil && !cmd.Plain {
		weights, report, sets, err = cmd.mixed(env, weights, learnt, held)
	}
	if err != nil {
		return err
	}
	model, err := digit.Load(weights)
	if err != nil {
		return fmt.Errorf("the new weights cannot be loaded: %w", err)
	}
	if err := os.WriteFile(cmd.Out, weights, 0o644); err != nil { //nolint:gosec // weights are no secret
		return err
	}
	t := trained{Version: model.Version(), Bytes: len(weights), Seconds: time.Since(start).Seconds(), TrainReport: report}
	for _, s := range sets {
		t.Sets = append(t.Sets, trainedSet{s.Name, s.Set.Len(), digit.Accuracy(model, s.Set)})
	}
	out := json.NewEncoder(env.out)
	out.SetIndent("", "  ")
	return out.Encode(t)
}

// base trains on MNIST alone, or reads what did.
func (cmd *trainCommand) base(env *environment, learnt, held idx.Set) ([]byte, *digit.TrainReport, error) {
	from, kept := cmd.From, cmd.kept(cmd.Model+".bin")
	if cmd.Epochs > 0 { // fewer than the recipe's are no start for another training
		kept = ""
	}
	if from == "" && kept != "" {
		if _, err := os.Stat(kept); err == nil {
			from = kept
		}
	}
	if from != "" {
		weights, err := os.ReadFile(from)
		return weights, &digit.TrainReport{}, err
	}
	options := cmd.options(env)
	options.Recipe = digit.RecipeFor(options.API)
	options.Sources = []digit.Source{{Name: "mnist", Set: learnt, Share: 1}}
	options.Validation = held
	weights, report, err := digit.Train(env.ctx, cmd.shortened(options))
	if err != nil || kept == "" {
		return weights, report, err
	}
	return weights, report, os.WriteFile(kept, weights, 0o600)
}

// mixed goes on from weights with the material that people's uploads resemble.
func (cmd *trainCommand) mixed(env *environment, weights []byte, learnt, held idx.Set) ([]byte, *digit.TrainReport, []digit.Source, error) {
	o := material.Options{Seed: cmd.Seed, Workers: runtime.GOMAXPROCS(0), Progress: making(env)}
	made, err := cmd.material(env, learnt, held, o)
	if err != nil {
		return nil, nil, nil, err
	}
	sets, options := made.Validation, cmd.options(env)
	options.Sources = made.Training
	options.Recipe, options.From = digit.MixedRecipeFor(options.API), weights
	options.Validation = material.Joined(sets)
	options = cmd.shortened(options)
	var runs [][]byte
	report := &digit.TrainReport{}
	for range max(1, options.Recipe.Runs) {
		after, r, err := digit.Train(env.ctx, options)
		if err != nil {
			return nil, nil, nil, err
		}
		r.Curve, r.Steps = append(report.Curve, r.Curve...), r.Steps+report.Steps
		runs, report = append(runs, after), r
		options.Seed++
	}
	weights, err = digit.Blend(weights, runs, options.Recipe.Blend, options, report)
	return weights, report, sets, err
}

// kept returns where what a step made is kept, "" where nothing is.
func (cmd *trainCommand) kept(name string) string {
	if cmd.Keep == "" {
		return ""
	}
	return filepath.Join(cmd.Keep, fmt.Sprintf("seed-%d-%s", cmd.Seed, name))
}
func (cmd *trainCommand) options(env *environment) digit.TrainOptions {
	return digit.TrainOptions{
		API: cifra.API(cmd.Model), Seed: cmd.Seed, Workers: runtime.GOMAXPROCS(0), Kernel: net.Best(), Progress: progress(env),
	}
}

func (cmd *trainCommand) shortened(o digit.TrainOptions) digit.TrainOptions {
	if cmd.Epochs > 0 {
		o.Recipe.Epochs = cmd.Epochs
	}
	return o
}

// progress tells where a training stands: one line that moves on a terminal, else a plain line for each epoch.
func progress(env *environment) func(digit.TrainProgress) {
	f, ok := env.err.(*os.File)
	moving := ok && term.IsTerminal(int(f.Fd()))
	start := time.Now()
	return func(p digit.TrainProgress) {
		var err error
		switch {
		case p.Point != nil:
			if moving {
				_, err = fmt.Fprint(env.err, "\r\x1b[K")
			}
			if err == nil {
				_, err = fmt.Fprintf(env.err, "epoch %2d/%d  loss %.4f  validation %.2f%%  %s\n", p.Epoch, p.Epochs,
					p.Point.Loss, 100*p.Point.Validation, time.Since(start).Round(time.Second))
			}
		case moving:
			_, err = fmt.Fprintf(env.err, "\repoch %2d/%d  loss %.4f  %3.0f%%\x1b[K", p.Epoch, p.Epochs, p.Loss, 100*p.Share)
		}
		if err != nil {
			moving = false // the terminal is gone; the weights still count
		}
	}
}
