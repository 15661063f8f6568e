package net_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"cifra/digit/net"
)

func encode(t testing.TB, w *net.Weights, half bool) []byte {
	t.Helper()
	file, err := net.Encode(w, half)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFileKeepsEverything(t *testing.T) {
	for _, shape := range []string{small, "d32"} {
		w := trained(t, shape, net.TrainerOptions{Kernel: net.Best()}, 3)
		w.Temperature = 1.25
		for _, half := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s half %v", shape, half), func(t *testing.T) {
				file := encode(t, w, half)
				for _, k := range net.Kernels() {
					got, err := net.Decode(file, k)
					if err != nil {
						t.Fatal(err)
					}
					if got.Temperature != 1.25 || got.Spec.String() != shape {
						t.Errorf("got temperature %v and shape %v, want 1.25 and %v", got.Temperature, got.Spec, shape)
					}
					if !bytes.Equal(encode(t, got, half), file) {
						t.Error("got another file when writing it again, want the same")
					}
				}
			})
		}
	}
}

func TestDecodeRefusesEveryFlippedByte(t *testing.T) {
	file := encode(t, trained(t, "d16", net.TrainerOptions{Kernel: net.Best()}, 1), true)
	for i := range file {
		if i > 300 && i < len(file)-40 && i%97 != 0 {
			continue // numbers are all alike
		}
		damaged := bytes.Clone(file)
		damaged[i] ^= 1 << (i % 8)
		if _, err := net.Decode(damaged, net.Best()); err == nil {
			t.Fatalf("byte %d of %d flipped: got no error", i, len(file))
		} else if i >= 8 && !errors.Is(err, net.ErrChecksum) {
			t.Fatalf("byte %d of %d flipped: got %v, want %v", i, len(file), err, net.ErrChecksum)
		}
	}
	for _, n := range []int{0, 7, 30, len(file) / 2, len(file) - 1} {
		if _, err := net.Decode(file[:n], net.Best()); err == nil {
			t.Errorf("cut off at %d: got no error", n)
		}
	}
}

func forged(file []byte, change func(header map[string]any)) []byte {
	n := int(file[10]) | int(file[11])<<8
	var h map[string]any
	if err := json.Unmarshal(file[12:12+n], &h); err != nil {
		panic(err)
	}
	change(h)
	head, err := json.Marshal(h)
	if err != nil {
		panic(err)
	}
	out := append(bytes.Clone(file[:10]), byte(len(head)), byte(len(head)>>8))
	out = append(append(out, head...), file[12+n:len(file)-sha256.Size]...)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

func TestDecodeRefusesForgedHeaders(t *testing.T) {
	file := encode(t, trained(t, "d16", net.TrainerOptions{Kernel: net.Best()}, 1), false)
	if _, err := net.Decode(forged(file, func(map[string]any) {}), net.Best()); err != nil {
		t.Fatalf("an honest header: %v", err)
	}
	type m = map[string]any
	tests := []struct {
		name   string
		change func(h m)
		want   error
	}{
		{"a hidden layer of billions", func(h m) { h["spec"] = m{"hidden": []int{1 << 40}, "classes": 10} }, net.ErrSpec},
		{"more weights than the limit", func(h m) { h["spec"] = m{"hidden": []int{512, 512, 512}, "classes": 10, "convs": []m{{"out": 512}}} }, net.ErrSpec},
		{"too many layers", func(h m) { h["spec"] = m{"convs": slices.Repeat([]m{{"out": 16}}, 100), "classes": 10} }, net.ErrSpec},
		{"negative classes", func(h m) { h["spec"] = m{"hidden": []int{16}, "classes": -1} }, net.ErrSpec},
		{"no layers at all", func(h m) { h["spec"] = m{"classes": 10} }, net.ErrSpec},
		{"a wider layer than the numbers", func(h m) { h["spec"] = m{"hidden": []int{32}, "classes": 10} }, net.ErrWeights},
		{"a temperature of 0", func(h m) { h["temperature"] = 0 }, net.ErrWeights},
		{"a field that nobody knows", func(h m) { h["more"] = 1 }, net.ErrWeights},
		{"another canary", func(h m) { h["canary"] = []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10} }, net.ErrCanary},
		{"no canary", func(h m) { h["canary"] = nil }, net.ErrCanary},
		{"numbers read as half ones", func(h m) { h["half"] = true }, net.ErrWeights},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := forged(file, tt.change)
			if _, err := net.Decode(bad, net.Best()); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if got := testing.AllocsPerRun(1, func() { _, _ = net.Decode(bad, net.Best()) }); got > 2000 {
				t.Errorf("got %v allocations for a file that is refused", got)
			}
		})
	}
}

func TestDecodeRefusesImpossibleWeights(t *testing.T) {
	file := encode(t, trained(t, "d16", net.TrainerOptions{Kernel: net.Best()}, 1), false)
	n := 12 + int(file[10]) + int(file[11])<<8
	body := bytes.Clone(file[:len(file)-sha256.Size])
	copy(body[n:], []byte{0, 0, 0xc0, 0x7f}) // not a number
	sum := sha256.Sum256(body)
	if _, err := net.Decode(append(body, sum[:]...), net.Best()); !errors.Is(err, net.ErrWeights) {
		t.Errorf("got %v, want %v", err, net.ErrWeights)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"spec":{"hidden":[16],"classes":10},"temperature":1,"canary":[]}`), []byte{1, 2, 3})
	f.Add([]byte(`{"spec":{"convs":[{"out":16,"pool":true}],"classes":11},"temperature":1,"half":true}`), []byte{})
	f.Fuzz(func(t *testing.T, head, numbers []byte) {
		file := append([]byte("cifranet\x01\x00"), byte(len(head)), byte(len(head)>>8))
		file = append(append(file, head...), numbers...)
		sum := sha256.Sum256(file)
		if w, err := net.Decode(append(file, sum[:]...), net.Portable); err == nil && w.Spec.Validate() != nil {
			t.Errorf("got a network of shape %v", w.Spec)
		}
	})
}
