package net_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"cifra/digit/net"
)

// trained returns a small network that a few steps have moved away from where it started.
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

// bars is material that a network learns at once: label n has n bars across.
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

func picture(seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 9))
	img := make([]byte, net.Pixels)
	for i := range img {
		img[i] = byte(rng.Uint32())
	}
	return img
}

const small = "16p,16,32p,d32"

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

func encode(t testing.TB, w *net.Weights, half bool) []byte {
	t.Helper()
	file, err := net.Encode(w, half)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

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

// forged returns a file with a right SHA-256 around another header.
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
