package main

import (
	"encoding/json"
	"fmt"
	"os"
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
	Epochs int    `help:"Passes over the pictures (default: the recipe's)."`
	Plain  bool   `help:"Learn MNIST alone."`
	Keep   string `help:"Keep the made pictures in this folder, and read them from there where they are: they serve both models." placeholder:"DIR" type:"existingdir"`
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

// Run trains on MNIST's training set but for its last 5,000 images, which it validates on, and on what people send.
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
	pictures := trainingPictures{
		Training:   []digit.Source{{Name: "mnist", Set: learnt, Share: 1}},
		Validation: []digit.Source{{Name: "mnist", Set: held}},
	}
	if !cmd.Plain {
		if pictures, err = cmd.material(env, learnt, held); err != nil {
			return err
		}
	}
	options := cmd.options(env)
	options.Sources, options.Validation = pictures.Training, material.Joined(pictures.Validation)
	if options.API == cifra.V1 { // no one temperature suits both: v1 misses more of the uploads than it can tell
		options.Calibrate = held
	}
	weights, report, err := digit.Train(env.ctx, options)
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
	for _, s := range pictures.Validation {
		t.Sets = append(t.Sets, trainedSet{s.Name, s.Set.Len(), digit.Accuracy(model, s.Set)})
	}
	out := json.NewEncoder(env.out)
	out.SetIndent("", "  ")
	return out.Encode(t)
}

func (cmd *trainCommand) options(env *environment) digit.TrainOptions {
	o := digit.TrainOptions{
		API: cifra.API(cmd.Model), Seed: cmd.Seed, Workers: runtime.GOMAXPROCS(0), Kernel: net.Best(), Progress: progress(env),
	}
	o.Recipe = digit.RecipeFor(o.API)
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
