package net

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// A weights file, all numbers little-endian:
//
//	8 bytes   "cifranet"
//	2 bytes   format, 1
//	2 bytes   length of the header, at most 4096
//	header    JSON: shape, temperature, precision, canary
//	numbers   layer by layer: convolution [9·in][out], scale, shift; dense [in][out], bias.
//	          Scales, shifts and biases are float32, the rest float32 or, with "half", float16
//	32 bytes  SHA-256 of everything before
const (
	magic     = "cifranet"
	format    = 1
	maxHeader = 4096
	maxFile   = 8 << 20
)

// ErrChecksum says that a file isn't what was written: a byte was changed, or lost.
var ErrChecksum = errors.New("weights file is damaged: its SHA-256 doesn't match")

// ErrCanary says that this engine, on this processor, doesn't answer as the one that wrote the file.
var ErrCanary = errors.New("weights file's canary picture is answered differently here")

type header struct {
	Spec        Spec      `json:"spec"`
	Temperature float64   `json:"temperature"`
	Half        bool      `json:"half,omitempty"`
	Canary      []float64 `json:"canary"` // logits of the picture that canary draws
}

// Encode returns w as a file, with half precision for the matrices where half is set.
// The file's canary holds what the encoded numbers, not w's, answer.
func Encode(w *Weights, half bool) ([]byte, error) {
	rounded := w
	if half {
		rounded = w.Half()
	}
	if err := rounded.validate(); err != nil {
		return nil, err
	}
	h := header{Spec: w.Spec, Temperature: w.Temperature, Half: half}
	for _, v := range New(rounded, Best()).Logits(nil, canary()) {
		h.Canary = append(h.Canary, math.Round(float64(v)*1e5)/1e5)
	}
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("weights header: %w", err)
	}
	out := append([]byte(magic), format, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(head)))
	out = append(out, head...)
	l := newLayout(w.Spec)
	for _, b := range l.blocks() {
		b.each(rounded.flat, func(v *float32) {
			if half && b.half {
				out = binary.LittleEndian.AppendUint16(out, toHalf(*v))
			} else {
				out = binary.LittleEndian.AppendUint32(out, math.Float32bits(*v))
			}
		})
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

// Half returns w with its matrices rounded to float16, as a half-precision file keeps them.
func (w *Weights) Half() *Weights {
	c := w.Clone()
	l := newLayout(w.Spec)
	for _, b := range l.blocks() {
		if b.half {
			b.each(c.flat, func(v *float32) { *v = fromHalf(toHalf(*v)) })
		}
	}
	return c
}

// Decode reads a file that [Encode] wrote. It checks the SHA-256, the shape, the length and the values before
// it allocates for them, and the canary with kernel k afterwards.
func Decode(file []byte, k Kernel) (*Weights, error) {
	const fixed = len(magic) + 4
	if len(file) > maxFile {
		return nil, fmt.Errorf("%w: %d bytes, more than %d", ErrWeights, len(file), maxFile)
	}
	if len(file) < fixed+sha256.Size || string(file[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: not a weights file", ErrWeights)
	}
	body := file[:len(file)-sha256.Size]
	if sha256.Sum256(body) != [sha256.Size]byte(file[len(body):]) {
		return nil, ErrChecksum
	}
	if v := binary.LittleEndian.Uint16(file[len(magic):]); v != format {
		return nil, fmt.Errorf("%w: format %d, not %d", ErrWeights, v, format)
	}
	n := int(binary.LittleEndian.Uint16(file[len(magic)+2:]))
	if n > maxHeader || fixed+n > len(body) {
		return nil, fmt.Errorf("%w: header of %d bytes", ErrWeights, n)
	}
	h, err := decodeHeader(body[fixed : fixed+n])
	if err != nil {
		return nil, err
	}
	w := &Weights{Spec: h.Spec, Temperature: h.Temperature}
	if err := w.fill(body[fixed+n:], h.Half); err != nil {
		return nil, err
	}
	if err := w.validate(); err != nil {
		return nil, err
	}
	for i, v := range New(w, k).Logits(nil, canary()) {
		if len(h.Canary) != w.Spec.Classes || !(math.Abs(float64(v)-h.Canary[i]) < 2e-3*(1+math.Abs(h.Canary[i]))) {
			return nil, fmt.Errorf("%w (kernel %v, class %d)", ErrCanary, k, i)
		}
	}
	return w, nil
}

func decodeHeader(b []byte) (header, error) {
	var h header
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return h, fmt.Errorf("%w: header: %w", ErrWeights, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return h, fmt.Errorf("%w: header with something behind it", ErrWeights)
	}
	return h, h.Spec.Validate()
}

// fill reads the numbers, once their length is known to be right.
func (w *Weights) fill(data []byte, half bool) error {
	l := newLayout(w.Spec)
	want := 0
	for _, b := range l.blocks() {
		want += b.bytes(half)
	}
	if len(data) != want {
		return fmt.Errorf("%w: %d bytes of numbers instead of %d", ErrWeights, len(data), want)
	}
	w.flat = make([]float32, l.total)
	for _, b := range l.blocks() {
		b.each(w.flat, func(v *float32) {
			if half && b.half {
				*v = fromHalf(binary.LittleEndian.Uint16(data))
				data = data[2:]
			} else {
				*v = math.Float32frombits(binary.LittleEndian.Uint32(data))
				data = data[4:]
			}
		})
	}
	return nil
}

// canary draws a picture that every build draws alike: a slanted stroke with a bar, something of a 7.
func canary() []byte {
	img := make([]byte, Pixels)
	for y := 5; y < 23; y++ {
		for x := 6; x < 22; x++ {
			bar, stroke := y < 8, 2*x+y-39
			if bar || (stroke > -5 && stroke < 5) {
				img[y*Side+x] = byte(120 + 5*y)
			}
		}
	}
	return img
}
