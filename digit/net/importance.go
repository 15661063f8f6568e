package net

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
)

// Importance says of each number of a network how much its answers to some pictures depend on it: the diagonal of
// the Fisher information.
type Importance struct {
	Spec Spec
	Note string // of which weights and pictures it was measured, for people
	flat []float32
}

// ErrImportance says that a file of importances is refused.
var ErrImportance = errors.New("importance refused")

// Fits reports whether p is of w's shape. A nil p fits nothing.
func (p *Importance) Fits(w *Weights) bool {
	return p != nil && p.Spec.String() == w.Spec.String() && p.Spec.Classes == w.Spec.Classes
}

// MeasureImportance returns the importance of w's numbers for n pictures, each 784 bytes: the mean square of the
// gradient of the likelihood of an answer that w itself draws. The same seed gives the same values, for any number of workers.
func MeasureImportance(ctx context.Context, w *Weights, n int, picture func(i int) []byte, seed uint64, workers int, k Kernel) (*Importance, error) {
	workers = max(1, workers)
	trainers := make([]*Trainer, workers)
	for i := range trainers {
		t, err := NewTrainer(w.Spec, w, TrainerOptions{Chunk: 1, Kernel: k, Frozen: true, Seed: seed})
		if err != nil {
			return nil, err
		}
		trainers[i] = t
	}
	reader := New(w, k)
	sums := make([][]float64, shares)
	var wg sync.WaitGroup
	for at, t := range trainers {
		wg.Go(func() {
			r := &result{grad: make([]float32, t.layout.total), statistics: make([]float32, t.layout.statistics)}
			for s := at; s < shares; s += workers {
				sum := make([]float64, t.layout.total)
				for i := s; i < n && ctx.Err() == nil; i += shares {
					label := drawn(reader.Logits(nil, picture(i)), rand.New(rand.NewPCG(seed, uint64(i))))
					t.workers[0].chunk(0, 1, teachOne(picture(i), label), r)
					for j, g := range r.grad {
						sum[j] += float64(g) * float64(g)
					}
				}
				sums[s] = sum
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("measure importance: %w", err)
	}
	p := &Importance{Spec: w.Spec, flat: make([]float32, len(w.flat))}
	for j := range p.flat {
		total := 0.0
		for s := range sums {
			total += sums[s][j]
		}
		p.flat[j] = float32(total / float64(max(1, n)))
	}
	return p, nil
}

// shares is into how many parts the pictures are split: their sums are added in a fixed order.
const shares = 16

// drawn draws a class from a softmax.
func drawn(z []float32, rng *rand.Rand) int {
	probs := make([]float64, len(z))
	softmax(probs, z, 1)
	u := rng.Float64()
	for c, v := range probs {
		if u -= v; u < 0 {
			return c
		}
	}
	return len(z) - 1
}

func teachOne(picture []byte, label int) Teach {
	return func(_ int, _ *rand.Rand, dst *[Pixels]float32, want []float64) float64 {
		for i, v := range picture {
			dst[i] = float32(v) / 255
		}
		clear(want)
		want[label] = 1
		return 1
	}
}

// An importance file, all numbers little-endian:
//
//	8 bytes   "cifraimp"
//	2 bytes   length of the header
//	header    JSON: shape, note, the greatest value
//	numbers   one byte each, in the order of a weights file: 0 for nothing, else 1 to 255 in steps of a factor of
//	          2^(1/8), 255 the greatest
//	32 bytes  SHA-256 of everything before
const importanceMagic = "cifraimp"

const perOctave = 8

type importanceHeader struct {
	Spec Spec    `json:"spec"`
	Note string  `json:"note"`
	Max  float64 `json:"max"`
}

// Encode returns p as a file, a byte a number.
func (p *Importance) Encode() ([]byte, error) {
	h := importanceHeader{Spec: p.Spec, Note: p.Note}
	for _, v := range p.flat {
		h.Max = max(h.Max, float64(v))
	}
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("importance header: %w", err)
	}
	out := binary.LittleEndian.AppendUint16([]byte(importanceMagic), uint16(len(head)))
	out = append(out, head...)
	l := newLayout(p.Spec)
	for _, b := range l.blocks() {
		b.each(p.flat, func(v *float32) {
			level := 0.0
			if *v > 0 {
				level = max(0, math.Round(255+perOctave*math.Log2(float64(*v)/h.Max)))
			}
			out = append(out, byte(level))
		})
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

// DecodeImportance reads a file that Encode wrote.
func DecodeImportance(file []byte) (*Importance, error) {
	const fixed = len(importanceMagic) + 2
	if len(file) > maxFile || len(file) < fixed+sha256.Size || string(file[:len(importanceMagic)]) != importanceMagic {
		return nil, fmt.Errorf("%w: not an importance file", ErrImportance)
	}
	body := file[:len(file)-sha256.Size]
	if sha256.Sum256(body) != [sha256.Size]byte(file[len(body):]) {
		return nil, fmt.Errorf("%w: its SHA-256 doesn't match", ErrImportance)
	}
	n := int(binary.LittleEndian.Uint16(file[len(importanceMagic):]))
	if fixed+n > len(body) {
		return nil, fmt.Errorf("%w: header of %d bytes", ErrImportance, n)
	}
	var h importanceHeader
	if err := json.Unmarshal(body[fixed:fixed+n], &h); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrImportance, err)
	}
	if err := h.Spec.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrImportance, err)
	}
	if !(h.Max >= 0 && h.Max < 1e12) {
		return nil, fmt.Errorf("%w: a greatest value of %v", ErrImportance, h.Max)
	}
	p := &Importance{Spec: h.Spec, Note: h.Note}
	data := body[fixed+n:]
	if len(data) != h.Spec.Count() {
		return nil, fmt.Errorf("%w: %d numbers instead of %d", ErrImportance, len(data), h.Spec.Count())
	}
	l := newLayout(h.Spec)
	p.flat = make([]float32, l.total)
	for _, b := range l.blocks() {
		b.each(p.flat, func(v *float32) {
			if data[0] > 0 {
				*v = float32(h.Max * math.Exp2((float64(data[0])-255)/perOctave))
			}
			data = data[1:]
		})
	}
	return p, nil
}
