package main

import (
	"bytes"
	"encoding/gob"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/idx"
	"cifra/digit/material"
	"cifra/digit/prep"
)

func keptPictures(t *testing.T, dir string, p trainingPictures) {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "seed-1-pictures.gob"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTrainingGoesOnFromWhatWasKept reads the pictures that a training left behind, with today's shares, and refuses those
// that today's sources wouldn't make.
func TestTrainingGoesOnFromWhatWasKept(t *testing.T) {
	set := idx.Set{Side: cifra.Side, Images: make([]byte, cifra.Pixels), Labels: []byte{3}}
	sources := []digit.Source{{Name: "mnist", Set: set, Share: 9}, {Name: string(material.Drawings), Set: set, Share: 9}}
	for _, tt := range []struct {
		name    string
		kept    trainingPictures
		refused bool
	}{
		{"today's", trainingPictures{Seed: 1, Preparation: prep.Version, Training: sources}, false},
		{"another seed's", trainingPictures{Seed: 2, Preparation: prep.Version, Training: sources}, true},
		{"another preparation's", trainingPictures{Seed: 1, Preparation: "p1", Training: sources}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			keptPictures(t, dir, tt.kept)
			cmd := trainCommand{Seed: 1, Keep: dir}
			got, err := cmd.material(&environment{ctx: t.Context()}, idx.Set{}, idx.Set{})
			if (err != nil) != tt.refused {
				t.Fatalf("got %v, want it refused: %v", err, tt.refused)
			}
			if tt.refused {
				return
			}
			if len(got.Training) != 2 || !slices.Equal(got.Training[1].Set.Labels, []byte{3}) {
				t.Fatalf("got %d sources, want those that were kept", len(got.Training))
			}
			known, drawn := got.Training[0], got.Training[1]
			if known.Share <= drawn.Share || known.Share >= 1 {
				t.Errorf("got shares %v of MNIST and %v of drawings, want today's", known.Share, drawn.Share)
			}
		})
	}
}
