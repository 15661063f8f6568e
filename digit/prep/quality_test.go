package prep_test

import (
	"context"
	"os"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// drawer makes one picture of a digit, prepared.
type drawer func(ctx context.Context, seed uint64, class int) (*cifra.Picture, error)

// tallied is what a model made of n pictures, in percent.
type tallied struct {
	n                      int
	right, sure, sureWrong float64
}

// add joins what a model made of other pictures.
func (o *tallied) add(p tallied) {
	mean := func(a, b float64) float64 { return (a*float64(o.n) + b*float64(p.n)) / float64(o.n+p.n) }
	*o = tallied{o.n + p.n, mean(o.right, p.right), mean(o.sure, p.sure), mean(o.sureWrong, p.sureWrong)}
}

// tally reads n pictures, of each digit in turn. Misses are logged, so that a failure names its pictures.
func tally(t *testing.T, m *digit.Model, n int, draw drawer) tallied {
	t.Helper()
	o := tallied{n: n}
	each := 100 / float64(n)
	for k := range n {
		seed, class := uint64(k+1000), k%10
		p, err := draw(t.Context(), seed, class)
		if err != nil {
			t.Fatalf("seed %d, digit %d: %v", seed, class, err)
		}
		r := m.Read(p)
		if r.Digit == class {
			o.right += each
		} else {
			t.Logf("seed %d: got %d for %d (%.2f, %q)", seed, r.Digit, class, r.Probability, r.Reason)
		}
		if r.Sure {
			o.sure += each
			if r.Digit != class {
				o.sureWrong += each
			}
		}
	}
	return o
}

// rounds is how much of something is done: little, but much under CIFRA_PROVE=1.
func rounds(few, many int) int {
	if os.Getenv("CIFRA_PROVE") == "1" {
		return many
	}
	return few
}

func photographs(kind synth.Kind, read prep.Reader) drawer {
	return func(ctx context.Context, seed uint64, class int) (*cifra.Picture, error) {
		content, err := synth.PhotographJPEG(seed, class, kind)
		if err != nil {
			return nil, err
		}
		return asking(read).Prepare(ctx, content)
	}
}

// TestQuality holds the preparation, with the embedded v2, to floors over generated drawings and photographs, each kind by
// itself and all together. Generated ones are easier than real ones: this finds regressions; real photographs judge
// elsewhere.
func TestQuality(t *testing.T) {
	model, err := digit.Embedded(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	type group struct {
		name  string
		draw  drawer
		floor float64
	}
	drawings := func(d synth.Drawing) drawer {
		return func(ctx context.Context, seed uint64, class int) (*cifra.Picture, error) {
			return prep.Image(ctx, d.Image(seed, class))
		}
	}
	groups := []group{
		{"drawing", drawings(synth.Drawing{}), 98},
		{"wild drawing", drawings(synth.Drawing{Style: synth.Style{Wild: 1}}), 95},
		{"thin drawing", drawings(synth.Drawing{Pen: .3}), 97},
		{"tiny drawing", drawings(synth.Drawing{Size: .12, Pen: .4}), 95},
	}
	for _, kind := range synth.Kinds() {
		floor := 95.
		if kind == synth.Combination {
			floor = 88
		}
		groups = append(groups, group{string(kind), photographs(kind, model.Likely), floor})
	}
	var all tallied
	for i, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			n := rounds(2, 200) // photographs cost a tenth of a second each
			if i < 4 {
				n = rounds(15, 400)
			}
			got := tally(t, model, n, g.draw)
			all.add(got)
			t.Logf("%-14s n %4d  right %5.1f  sure %5.1f  sure and wrong %4.1f", g.name, n, got.right, got.sure, got.sureWrong)
			if slack := 100 / float64(n); got.right < g.floor-slack {
				t.Errorf("got %.1f %% right, want %.0f", got.right, g.floor)
			}
		})
	}
	t.Logf("%-14s n %4d  right %5.1f  sure %5.1f  sure and wrong %4.1f", "all", all.n, all.right, all.sure, all.sureWrong)
	if all.right < 97 || all.sureWrong > 1 {
		t.Errorf("got %.1f %% of all right and %.1f %% sure and wrong, want 97 at least and 1 at most", all.right, all.sureWrong)
	}
}
