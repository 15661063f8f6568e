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
	"cifra/digit/net"
)

// trainCommand makes the weights that are embedded.
type trainCommand struct {
	MNIST  string `name:"mnist" help:"Folder with MNIST's training set." placeholder:"DIR" type:"existingdir" required:""`
	Model  string `default:"v2" enum:"v1,v2" help:"v1 or v2."`
	Seed   uint64 `default:"1" help:"The same seed and data give the same bytes."`
	Epochs int    `help:"Passes over the data (default: the recipe's)."`
	Out    string `help:"Where to write the weights." placeholder:"FILE" type:"path" required:""`
}

// trained is what cifra train prints in the end.
type trained struct {
	Version string  `json:"version"`
	Bytes   int     `json:"bytes"`
	Seconds float64 `json:"seconds"`
	*digit.TrainReport
}

// Run trains on MNIST's training set but for its last 5,000 images, which it validates on.
func (cmd *trainCommand) Run(env *environment) error {
	set, err := idx.Load(os.DirFS(cmd.MNIST), "train")
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.MNIST, err)
	}
	if set.Len() <= validation {
		return fmt.Errorf("%s: %d images are too few to hold out %d", cmd.MNIST, set.Len(), validation)
	}
	api := cifra.API(cmd.Model)
	options := digit.TrainOptions{
		API: api, Seed: cmd.Seed, Recipe: digit.RecipeFor(api), Workers: runtime.GOMAXPROCS(0), Kernel: net.Best(),
		Sources:    []digit.Source{{Name: "mnist", Set: set.Slice(0, set.Len()-validation), Share: 1}},
		Validation: set.Slice(set.Len()-validation, set.Len()),
		Progress:   progress(env),
	}
	if cmd.Epochs > 0 {
		options.Recipe.Epochs = cmd.Epochs
	}
	start := time.Now()
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
	out := json.NewEncoder(env.out)
	out.SetIndent("", "  ")
	return out.Encode(trained{model.Version(), len(weights), time.Since(start).Seconds(), report})
}

// progress tells where a training stands: one line that moves on a terminal, else a plain line for each epoch.
func progress(env *environment) func(digit.TrainProgress) {
	f, ok := env.err.(*os.File)
	moving := ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a file descriptor fits
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
