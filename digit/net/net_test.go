package net_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"cifra/digit/net"
)

func picture(seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 9))
	img := make([]byte, net.Pixels)
	for i := range img {
		img[i] = byte(rng.Uint32())
	}
	return img
}

const small = "16p,16,32p,d32"

func TestKernelsAnswerAlike(t *testing.T) {
	for _, shape := range []string{small, "d64", "32p,32,64p,96p,d128"} {
		w := trained(t, shape, net.TrainerOptions{Seed: 2, Kernel: net.Best()}, 3)
		want := net.New(w, net.Portable).Logits(nil, picture(1))
		for _, k := range net.Kernels()[1:] {
			for i, v := range net.New(w, k).Logits(nil, picture(1)) {
				if math.Abs(float64(v-want[i])) > 1e-4*(1+math.Abs(float64(want[i]))) {
					t.Errorf("%s, %v, class %d: got %v, want %v", shape, k, i, v, want[i])
				}
			}
		}
	}
}

func TestNetIsConcurrent(t *testing.T) {
	n := net.New(trained(t, small, net.TrainerOptions{Kernel: net.Best()}, 3), net.Best())
	want := make([][]float32, 16)
	for i := range want {
		want[i] = n.Logits(nil, picture(uint64(i)))
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 64 {
				q := (i + g) % len(want)
				if got := n.Logits(nil, picture(uint64(q))); !slices.Equal(got, want[q]) {
					t.Errorf("picture %d: got %v, want %v", q, got, want[q])
				}
			}
		})
	}
	wg.Wait()
}

func TestForwardAllocatesNothing(t *testing.T) {
	for _, shape := range []string{"d128", "32p,32,64p,96p,d128"} {
		n := net.New(trained(t, shape, net.TrainerOptions{Kernel: net.Best()}, 1), net.Best())
		img, logits, probabilities := picture(1), make([]float32, 0, 10), make([]float64, 10)
		if got := testing.AllocsPerRun(200, func() { logits = n.Logits(logits, img) }); got != 0 {
			t.Errorf("%s: Logits got %v allocations, want 0", shape, got)
		}
		if got := testing.AllocsPerRun(200, func() { n.Probabilities(probabilities, img) }); got != 0 {
			t.Errorf("%s: Probabilities got %v allocations, want 0", shape, got)
		}
	}
}

// forged returns a file with a right SHA-256 around another header.

func TestParseSpec(t *testing.T) {
	tests := []struct {
		name, shape string
		classes     int
		weights     int // 0: refused
	}{
		{"the model of v1", "d128", 10, 784*128 + 128 + 128*10 + 10},
		{"the model of v2", "32p,32,64p,96p,d128", 10, 9*32 + 64 + 9*32*32 + 64 + 9*32*64 + 128 + 9*64*96 + 192 + 864*128 + 128 + 1290},
		{"a class more", "d128", 11, 784*128 + 128 + 128*11 + 11},
		{"a width that isn't a multiple of 16", "d100", 10, 0},
		{"a convolution behind a dense layer", "d16,16", 10, 0},
		{"a pooled dense layer", "d16p", 10, 0},
		{"no number", "x", 10, 0},
		{"nothing", "", 10, 0},
		{"one class", "d16", 1, 0},
		{"more pools than pixels", "16p,16p,16p,16p,16p", 10, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec, err := net.ParseSpec(tt.shape, tt.classes)
			if tt.weights == 0 {
				if !errors.Is(err, net.ErrSpec) {
					t.Errorf("got %v, want %v", err, net.ErrSpec)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := spec.Count(); got != tt.weights {
				t.Errorf("got %d weights, want %d", got, tt.weights)
			}
			if got := spec.String(); got != tt.shape || strings.Contains(got, " ") {
				t.Errorf("got %q, want %q", got, tt.shape)
			}
		})
	}
}

func TestAugment(t *testing.T) {
	img := make([]byte, net.Pixels)
	for y := 8; y < 20; y++ {
		img[y*net.Side+13], img[y*net.Side+14] = 255, 255
	}
	mass := func(x *[net.Pixels]float32) (sum float64) {
		for _, v := range x {
			sum += float64(v)
		}
		return sum
	}
	var same, moved, again [net.Pixels]float32
	net.Augment{}.Apply(img, &same, rand.New(rand.NewPCG(1, 1)))
	for i, v := range img {
		if math.Abs(float64(same[i])-float64(v)/255) > 1e-6 {
			t.Fatalf("with nothing to change, pixel %d: got %v, want %v", i, same[i], float64(v)/255)
		}
	}
	a := net.Augment{Rotate: 0.2, Scale: 0.1, Shear: 0.2, Shift: 2, Elastic: 0.7, Stroke: 1}
	for seed := range uint64(200) {
		a.Apply(img, &moved, rand.New(rand.NewPCG(seed, 1)))
		a.Apply(img, &again, rand.New(rand.NewPCG(seed, 1)))
		if moved != again {
			t.Fatalf("seed %d: got another picture the second time", seed)
		}
		if m := mass(&moved); m < 0.2*mass(&same) || m > 4*mass(&same) {
			t.Errorf("seed %d: got %v of ink, of %v before", seed, m, mass(&same))
		}
		if slices.Min(moved[:]) < 0 || slices.Max(moved[:]) > 1 {
			t.Errorf("seed %d: got pixels from %v to %v, want 0 to 1", seed, slices.Min(moved[:]), slices.Max(moved[:]))
		}
	}
}
