package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/material"
	"cifra/digit/net"
)

// memoryCommand makes what retraining holds on to where MNIST isn't at hand: what matters to the embedded weights, and
// generated pictures. It is run after the embedded weights, or the preparation, have changed.
type memoryCommand struct {
	MNIST      string `name:"mnist" help:"Folder with MNIST's training set." placeholder:"DIR" type:"existingdir" required:""`
	N          int    `default:"3000" help:"Pictures of MNIST to measure on."`
	Replay     int    `default:"2800" help:"Pictures to replay."`
	Regression int    `default:"2000" help:"Pictures of digits to compare on."`
	Out        string `default:"digit/memory" help:"Folder to write to." type:"existingdir"`
}

// Run measures both models on pictures that they were trained on, and makes the pictures.
func (cmd *memoryCommand) Run(env *environment) error {
	set, err := idx.Load(os.DirFS(cmd.MNIST), "train")
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.MNIST, err)
	}
	n := min(cmd.N, set.Len()-validation)
	if n < 1 {
		return fmt.Errorf("%s: %d images are too few", cmd.MNIST, set.Len())
	}
	for _, api := range []cifra.API{cifra.V1, cifra.V2} {
		model, err := digit.Embedded(api)
		if err != nil {
			return err
		}
		p, err := net.MeasureImportance(env.ctx, model.Net().Weights(), n, set.Image, 1, runtime.GOMAXPROCS(0), net.Best())
		if err != nil {
			return err
		}
		p.Note = fmt.Sprintf("%s on %d pictures of MNIST", model.Version(), n)
		file, err := p.Encode()
		if err != nil {
			return err
		}
		if err := cmd.write(env, string(api)+".fisher", file); err != nil {
			return err
		}
	}
	o := material.Options{Seed: 1, Workers: runtime.GOMAXPROCS(0)}
	replay, err := material.Replay(env.ctx, cmd.Replay, o)
	if err != nil {
		return err
	}
	regression, err := material.Regression(env.ctx, cmd.Regression, o)
	if err != nil {
		return err
	}
	for name, pictures := range map[string]idx.Set{"replay": replay, "regression": regression} {
		if err := cmd.pictures(env, name, pictures); err != nil {
			return err
		}
	}
	return nil
}

// pictures writes a set as two compressed IDX files.
func (cmd *memoryCommand) pictures(env *environment, name string, set idx.Set) error {
	images := []byte{0, 0, 8, 3}
	for _, v := range []int{set.Len(), set.Side, set.Side} {
		images = binary.BigEndian.AppendUint32(images, uint32(v)) //nolint:gosec // a few thousand
	}
	labels := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(set.Len())) //nolint:gosec // a few thousand
	for file, content := range map[string][]byte{
		"-images-idx3-ubyte.gz": append(images, set.Images...),
		"-labels-idx1-ubyte.gz": append(labels, set.Labels...),
	} {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(content); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		if err := cmd.write(env, name+file, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (cmd *memoryCommand) write(env *environment, name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(cmd.Out, name), content, 0o644); err != nil { //nolint:gosec // no secret
		return err
	}
	_, err := fmt.Fprintf(env.out, "%s: %d bytes\n", name, len(content))
	return err
}
