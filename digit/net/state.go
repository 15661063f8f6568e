package net

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrState says that a training cannot go on from a saved state.
var ErrState = errors.New("training state refused")

const stateMagic = "cifrastp"

// State returns all that a trainer of the same options needs to go on as if nothing had happened: the weights, Adam's
// moments, the averages, the number of steps. It holds its own SHA-256.
func (t *Trainer) State() []byte {
	parts := t.parts()
	size := len(stateMagic) + 12 + sha256.Size
	for _, p := range parts {
		size += 4 * len(p)
	}
	out := append(make([]byte, 0, size), stateMagic...)
	out = binary.LittleEndian.AppendUint64(out, uint64(t.steps))
	out = binary.LittleEndian.AppendUint32(out, uint32(t.layout.total))
	for _, p := range parts {
		for _, v := range p {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// Restore makes t go on from a state of a trainer with the same shape and options.
func (t *Trainer) Restore(state []byte) error {
	parts := t.parts()
	want := len(stateMagic) + 12 + sha256.Size
	for _, p := range parts {
		want += 4 * len(p)
	}
	if len(state) != want || string(state[:len(stateMagic)]) != stateMagic {
		return fmt.Errorf("%w: %d bytes instead of %d", ErrState, len(state), want)
	}
	body := state[:len(state)-sha256.Size]
	if sha256.Sum256(body) != [sha256.Size]byte(state[len(body):]) {
		return fmt.Errorf("%w: its SHA-256 doesn't match", ErrState)
	}
	data := body[len(stateMagic):]
	if n := binary.LittleEndian.Uint32(data[8:]); int(n) != t.layout.total {
		return fmt.Errorf("%w: of a network of %d numbers", ErrState, n)
	}
	t.steps = int(binary.LittleEndian.Uint64(data))
	data = data[12:]
	for _, p := range parts {
		for i := range p {
			p[i] = math.Float32frombits(binary.LittleEndian.Uint32(data))
			data = data[4:]
		}
	}
	return nil
}

func (t *Trainer) parts() [][]float32 {
	return [][]float32{t.flat, t.m, t.v, t.running, t.ema, t.emaRun}
}
