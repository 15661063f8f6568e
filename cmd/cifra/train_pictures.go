package main

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/material"
	"cifra/digit/prep"
)

// trainingPictures are what a seed's training material is, with MNIST's own pictures.
type trainingPictures struct {
	Seed                 uint64
	Preparation          string // prep.Version: others are of no use
	Training, Validation []digit.Source
}

// material makes the pictures, or reads those that were kept.
func (cmd *trainCommand) material(env *environment, learnt, held idx.Set) (trainingPictures, error) {
	var file string
	if cmd.Keep != "" {
		file = filepath.Join(cmd.Keep, fmt.Sprintf("seed-%d-pictures.gob", cmd.Seed))
		kept, err := cmd.read(file)
		if !errors.Is(err, fs.ErrNotExist) {
			return kept, err
		}
	}
	o := material.Options{Seed: cmd.Seed, Workers: runtime.GOMAXPROCS(0), Progress: making(env)}
	made := trainingPictures{Seed: cmd.Seed, Preparation: prep.Version}
	var err error
	if made.Validation, err = material.Validation(env.ctx, held, o); err != nil {
		return made, err
	}
	if made.Training, err = material.Training(env.ctx, learnt, o); err != nil || file == "" {
		return made, err
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(made); err != nil {
		return made, err
	}
	return made, os.WriteFile(file, b.Bytes(), 0o600)
}

func (cmd *trainCommand) read(file string) (p trainingPictures, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return p, err
	}
	if err := gob.NewDecoder(bytes.NewReader(content)).Decode(&p); err != nil {
		return p, fmt.Errorf("%s: %w", file, err)
	}
	if p.Seed != cmd.Seed || p.Preparation != prep.Version {
		return p, fmt.Errorf("%s holds pictures of seed %d and preparation %q, not of %d and %q",
			file, p.Seed, p.Preparation, cmd.Seed, prep.Version)
	}
	material.Weigh(p.Training)
	return p, nil
}

// making tells how many pictures are made, at every tenth of them.
func making(env *environment) func(done, total int) {
	told := -1
	return func(done, total int) {
		if tenth := 10 * done / total; tenth != told {
			told = tenth
			_, _ = fmt.Fprintf(env.err, "material %3d%% of %d pictures\n", 10*tenth, total) // the weights count without it
		}
	}
}
