package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
)

// predictCommand reads picture files as the site would.
type predictCommand struct {
	Files   []string `arg:"" help:"Picture files." type:"path"`
	Model   string   `default:"v2" enum:"v1,v2" help:"v1 or v2."`
	Explain string   `help:"Write every step from the first file to what the model sees as one PNG." placeholder:"OUT.png" type:"path"`
}

// The sheet that --explain writes.
const (
	sheetColumns = 4
	sheetCell    = 280 // px
)

// fileReading is a line of cifra predict.
type fileReading struct {
	File          string       `json:"file"`
	Prediction    int          `json:"prediccion"`
	Probability   float64      `json:"probabilidad"`
	Probabilities [10]float64  `json:"probabilidades"`
	Sure          bool         `json:"segura"`
	Reason        cifra.Reason `json:"motivo,omitempty"`
	Model         string       `json:"modelo"`
	Steps         []string     `json:"pasos"`
}

// Run prints one JSON line a file. It fails, in the end, where a file could not be read.
func (cmd *predictCommand) Run(env *environment) error {
	model, err := digit.Embedded(cifra.API(cmd.Model))
	if err != nil {
		return err
	}
	preparer, err := newPreparer()
	if err != nil {
		return err
	}
	if cmd.Explain != "" {
		if err := explain(env, preparer, cmd.Files[0], cmd.Explain); err != nil {
			return err
		}
	}
	out := json.NewEncoder(env.out)
	failed := 0
	for _, name := range cmd.Files {
		line := fileReading{File: name}
		content, err := readPicture(name)
		if err == nil {
			var pic *cifra.Picture
			if pic, err = preparer.Prepare(env.ctx, content); err == nil {
				r := model.Read(pic)
				line = fileReading{name, r.Digit, r.Probability, r.Probabilities, r.Sure, r.Reason, r.Model, pic.Steps}
			}
		}
		if err != nil {
			failed++
			if err = out.Encode(map[string]string{"file": name, "error": inWords(err).Error()}); err != nil {
				return err
			}
			continue
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files could not be read", failed, len(cmd.Files))
	}
	return nil
}

// readPicture reads a file of at most the size that the site takes.
func readPicture(name string) (_ []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, prep.MaxBytes+1))
}

// explain writes every stage of a file's preparation as one picture.
func explain(env *environment, preparer *prep.Preparer, name, to string) (err error) {
	content, err := readPicture(name)
	if err != nil {
		return err
	}
	stages, _, err := preparer.Explain(env.ctx, content)
	if err != nil {
		return inWords(err)
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return png.Encode(f, prep.Sheet(stages, sheetColumns, sheetCell))
}
