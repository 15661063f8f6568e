package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"strconv"
	"time"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
)

// evaluateCommand measures a model on labelled images.
type evaluateCommand struct {
	MNIST  string `name:"mnist" help:"Folder with MNIST's files, as they come." placeholder:"DIR" type:"existingdir" xor:"data" required:""`
	Images string `help:"Folder with labels.csv (path,label) and the pictures that it names." placeholder:"DIR" type:"existingdir" xor:"data" required:""`
	Split  string `default:"test" enum:"test,train,validation" help:"Of MNIST: test, train, or the last 5,000 of train (validation)."`
	Model  string `default:"v2" enum:"v1,v2" help:"v1 or v2."`
	Errors string `help:"Write the wrong ones to this file." placeholder:"FILE" type:"path"`
}

// validation is how many images at the end of MNIST's training set no training sees.
const validation = 5000

// Run prints the figures as JSON.
func (cmd *evaluateCommand) Run(env *environment) (err error) {
	model, err := digit.Embedded(cifra.API(cmd.Model))
	if err != nil {
		return err
	}
	items, err := cmd.items()
	if err != nil {
		return err
	}
	options := digit.EvaluateOptions{Now: time.Now}
	if cmd.Errors != "" {
		f, err := os.Create(cmd.Errors)
		if err != nil {
			return err
		}
		w := csv.NewWriter(f)
		if err := w.Write([]string{"path", "label", "got", "probability", "sure", "reason", "error"}); err != nil {
			return errors.Join(err, f.Close())
		}
		options.Wrong = func(x digit.Wrong) { _ = w.Write(wrongLine(x)) } // what fails is told by w.Error
		defer func() {
			w.Flush()
			err = errors.Join(err, w.Error(), f.Close())
		}()
	}
	figures, err := digit.Evaluate(env.ctx, model, items, options)
	if err != nil {
		return err
	}
	out := json.NewEncoder(env.out)
	out.SetIndent("", "  ")
	return out.Encode(figures)
}

// items are the images to judge by.
func (cmd *evaluateCommand) items() (iter.Seq2[digit.Item, error], error) {
	if cmd.Images != "" {
		p, err := newPreparer()
		if err != nil {
			return nil, err
		}
		return digit.Folder(os.DirFS(cmd.Images), func(ctx context.Context, content []byte) (*cifra.Picture, error) {
			return p.Prepare(ctx, content)
		}), nil
	}
	name := "train"
	if cmd.Split == "test" {
		name = "t10k"
	}
	set, err := idx.Load(os.DirFS(cmd.MNIST), name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.MNIST, err)
	}
	if cmd.Split == "validation" {
		if set.Len() <= validation {
			return nil, fmt.Errorf("%s: %d images are too few to hold out %d", cmd.MNIST, set.Len(), validation)
		}
		set = set.Slice(set.Len()-validation, set.Len())
	}
	return digit.Pictures(set), nil
}

func wrongLine(x digit.Wrong) []string {
	said := ""
	if x.Err != nil {
		said = inWords(x.Err).Error()
	}
	return []string{x.Name, x.Label, x.Got, strconv.FormatFloat(x.Probability, 'f', 4, 64), strconv.FormatBool(x.Sure), string(x.Reason), said}
}
