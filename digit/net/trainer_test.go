package net_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"cifra/digit/net"
)

func trained(t testing.TB, shape string, opts net.TrainerOptions, steps int) *net.Weights {
	t.Helper()
	spec, err := net.ParseSpec(shape, 10)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := net.NewTrainer(spec, nil, opts)
	if err != nil {
		t.Fatal(err)
	}
	for range steps {
		if _, err := tr.Step(t.Context(), 40, bars, 1e-3, 0.01); err != nil {
			t.Fatal(err)
		}
	}
	return tr.Weights()
}

func bars(i int, rng *rand.Rand, dst *[net.Pixels]float32) int {
	clear(dst[:])
	label := i % 10
	for b := range label {
		for x := 2 + rng.IntN(4); x < 24; x++ {
			dst[(2+b*5/2)*net.Side+x] = 0.5 + rng.Float32()/2
		}
	}
	return label
}

func TestTrainingLearns(t *testing.T) {
	for _, shape := range []string{small, "d64"} {
		t.Run(shape, func(t *testing.T) {
			spec, err := net.ParseSpec(shape, 10)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := net.NewTrainer(spec, nil, net.TrainerOptions{Seed: 1, Kernel: net.Best()})
			if err != nil {
				t.Fatal(err)
			}
			for range 60 {
				if _, err := tr.Step(t.Context(), 64, bars, 3e-3, 0.01); err != nil {
					t.Fatal(err)
				}
			}
			n := net.New(tr.Weights(), net.Best())
			right := 0
			rng := rand.New(rand.NewPCG(77, 1))
			for i := range 200 {
				var x [net.Pixels]float32
				label := bars(i, rng, &x)
				var img [net.Pixels]byte
				for p, v := range x {
					img[p] = byte(v * 255)
				}
				z := n.Logits(nil, img[:])
				if slices.Index(z, slices.Max(z)) == label {
					right++
				}
			}
			if right < 190 {
				t.Errorf("got %d of 200 right, want 190 at least", right)
			}
		})
	}
}

func TestTrainingIsRepeatable(t *testing.T) {
	train := func(o net.TrainerOptions) []byte {
		o.Seed, o.Chunk, o.Dropout = 3, 8, 0.2
		shape, steps := small, 4
		if o.Kernel == net.Portable {
			shape, steps = "16p,16p,d16", 2
		}
		return encode(t, trained(t, shape, o, steps), false)
	}
	for _, k := range net.Kernels() {
		one := train(net.TrainerOptions{Workers: 1, Kernel: k})
		for _, workers := range []int{2, 3, 8} {
			if !bytes.Equal(one, train(net.TrainerOptions{Workers: workers, Kernel: k})) {
				t.Errorf("%v: %d workers got other weights than one", k, workers)
			}
		}
		if k == net.AVX512 && !bytes.Equal(one, train(net.TrainerOptions{Kernel: net.AVX2})) {
			t.Error("AVX-512 got other weights than AVX2, want the same bytes")
		}
	}
}

func TestTrainingStopsWithItsContext(t *testing.T) {
	spec, err := net.ParseSpec("d32", 10)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := net.NewTrainer(spec, nil, net.TrainerOptions{Chunk: 4, Kernel: net.Best()})
	if err != nil {
		t.Fatal(err)
	}
	before := encode(t, tr.Weights(), false)
	ctx, cancel := context.WithCancel(t.Context())
	fills := 0
	_, err = tr.Step(ctx, 64, func(i int, rng *rand.Rand, dst *[net.Pixels]float32) int {
		if fills++; fills == 6 {
			cancel()
		}
		return bars(i, rng, dst)
	}, 1e-2, 0)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if fills > 8 {
		t.Errorf("got %d pictures filled, want it to stop behind the second chunk of 4", fills)
	}
	if !bytes.Equal(before, encode(t, tr.Weights(), false)) {
		t.Error("got other weights, want a cancelled step not to be applied")
	}
}

func TestTrainingOnFromWeights(t *testing.T) {
	w := trained(t, small, net.TrainerOptions{Seed: 4, Kernel: net.Best()}, 20)
	if _, err := net.NewTrainer(w.Spec, w, net.TrainerOptions{}); !errors.Is(err, net.ErrSpec) {
		t.Errorf("with batch norm: got %v, want %v", err, net.ErrSpec)
	}
	tr, err := net.NewTrainer(w.Spec, w, net.TrainerOptions{Frozen: true, Kernel: net.Best()})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encode(t, w, false), encode(t, tr.Weights(), false)) {
		t.Error("got other weights before the first step, want the ones it started from")
	}
	first, err := tr.Step(t.Context(), 40, bars, 1e-3, 0)
	if err != nil {
		t.Fatal(err)
	}
	var last net.Step
	for range 20 {
		if last, err = tr.Step(t.Context(), 40, bars, 1e-3, 0); err != nil {
			t.Fatal(err)
		}
	}
	if last.Loss > 0.8*first.Loss {
		t.Errorf("got a loss of %v after %v, want it to go on falling", last.Loss, first.Loss)
	}
}

func TestMoreClasses(t *testing.T) {
	w := trained(t, small, net.TrainerOptions{Seed: 4, Kernel: net.Best()}, 20)
	for _, n := range []int{w.Spec.Classes, w.Spec.Classes + 1, 16} {
		wider, err := w.WithClasses(n)
		if err != nil {
			t.Fatal(err)
		}
		want := append(net.New(w, net.Best()).Logits(nil, picture(3)), make([]float32, n-w.Spec.Classes)...)
		if got := net.New(wider, net.Best()).Logits(nil, picture(3)); !slices.Equal(got, want) {
			t.Errorf("%d classes: got %v, want %v", n, got, want)
		}
	}
	for _, n := range []int{w.Spec.Classes - 1, 17} {
		if _, err := w.WithClasses(n); !errors.Is(err, net.ErrSpec) {
			t.Errorf("%d classes: got %v, want %v", n, err, net.ErrSpec)
		}
	}
}
