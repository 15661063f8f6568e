package digit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"cifra"
	"cifra/digit/net"
)

// ErrModel says that weights are refused; the cause behind it says why.
var ErrModel = errors.New("model refused")

// Model is one set of weights, ready to read. It is immutable and safe for concurrent use.
type Model struct {
	api     cifra.API
	version string
	sha256  string
	net     *net.Net
}

// Load returns the model of a weights file, as [Train] writes them. It checks the file's SHA-256, its shape, its
// values, and that a canary picture is answered here as it was where the file was written. Dense networks are
// models of v1, convolutional ones of v2.
func Load(weights []byte) (*Model, error) {
	w, err := net.Decode(weights, net.Best())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if c := w.Spec.Classes; c != NotDigit && c != NotDigit+1 {
		return nil, fmt.Errorf("%w: %d classes", ErrModel, c)
	}
	m := &Model{api: cifra.V2, net: net.New(w, net.Best())}
	if len(w.Spec.Convs) == 0 {
		m.api = cifra.V1
	}
	sum := sha256.Sum256(weights)
	m.sha256 = hex.EncodeToString(sum[:])
	m.version = string(m.api) + "-" + m.sha256[:8]
	return m, nil
}

// API returns which API's model this is.
func (m *Model) API() cifra.API { return m.api }

// Version returns the API and the first 8 hex digits of SHA256, such as "v2-0123abcd".
func (m *Model) Version() string { return m.version }

// SHA256 returns the hex SHA-256 of the whole weights file.
func (m *Model) SHA256() string { return m.sha256 }

// Net returns the network behind the model.
func (m *Model) Net() *net.Net { return m.net }

// Read says which digit a picture holds, how probable each is, and whether that is sure.
//
// Where p has one view for each of several boxes, or the same number of views for each of them, the views are taken
// box by box and every digit is read; the single-digit fields hold the first. Otherwise all views show one digit, and
// their probabilities are averaged. Digits that touch are cut apart where p has parts for it. A blank picture reads as 0 with ten equal probabilities, not sure.
func (m *Model) Read(p *cifra.Picture) cifra.Reading {
	r := cifra.Reading{Model: m.version, Digits: []cifra.ReadDigit{}}
	views := len(p.Views) / cifra.Pixels
	if isBlank(p, views) {
		for d := range r.Probabilities {
			r.Probabilities[d] = 0.1
		}
		r.Probability, r.Reason = 0.1, cifra.ReasonBlank
		return r
	}
	digits := m.line(p)
	first := &digits[0]
	r.Probabilities, r.Digit = first.probabilities, first.digit()
	r.Probability = r.Probabilities[r.Digit]
	for i := range digits {
		r.Digits = append(r.Digits, digits[i].read())
	}
	several := len(digits) > 1 || views%len(p.Boxes) != 0 // more boxes than there are views to read them by
	r.Reason = judge(p, several, r.Digit, r.Probability, first.none)
	r.Sure = r.Reason == cifra.ReasonNone
	return r
}

// Likely returns the digit that a view of [cifra.Pixels] bytes shows most likely, and how likely it is that it shows that
// one and nothing else, 0 to 1.
func (m *Model) Likely(view []byte) (digit int, likely float64) {
	var f found
	f.probabilities, f.none = m.mean(view[:cifra.Pixels])
	return f.digit(), f.likely()
}

// mean returns the mean over views of the ten digits' probabilities, brought to the sum 1, and of "not a digit".
func (m *Model) mean(views []byte) (probabilities [NotDigit]float64, notDigit float64) {
	var one [NotDigit + 1]float64
	n := float64(len(views) / cifra.Pixels)
	for len(views) > 0 {
		m.net.Probabilities(one[:], views[:cifra.Pixels])
		views = views[cifra.Pixels:]
		for d := range probabilities {
			probabilities[d] += one[d] / n
		}
		notDigit += one[NotDigit] / n
	}
	sum := 0.0
	for _, v := range probabilities {
		sum += v
	}
	for d := range probabilities {
		if sum > 0 {
			probabilities[d] /= sum
		} else { // all of it is "not a digit", beyond what a float64 tells apart
			probabilities[d] = 1. / NotDigit
		}
	}
	return probabilities, notDigit
}

func top(probabilities *[NotDigit]float64) int {
	best := 0
	for d, v := range probabilities {
		if v > probabilities[best] {
			best = d
		}
	}
	return best
}
