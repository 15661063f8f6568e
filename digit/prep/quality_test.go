package prep_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// drawer makes one picture of a digit, prepared, and tells whether it is in faint pencil.
type drawer func(ctx context.Context, seed uint64, class int) (p *cifra.Picture, faint bool, err error)

// tallied is what a model made of n pictures, in percent. Faint pencil may be more than can be read: fair is a reading that
// is right, or not sure of faint pencil.
type tallied struct {
	n                            int
	right, fair, sure, sureWrong float64
}

func (o tallied) String() string {
	return fmt.Sprintf("n %4d  right %5.1f  right, or faint and not sure %5.1f  sure %5.1f  sure and wrong %4.1f", o.n, o.right, o.fair, o.sure, o.sureWrong)
}

// add joins what a model made of other pictures.
func (o *tallied) add(p tallied) {
	mean := func(a, b float64) float64 { return (a*float64(o.n) + b*float64(p.n)) / float64(o.n+p.n) }
	*o = tallied{o.n + p.n, mean(o.right, p.right), mean(o.fair, p.fair), mean(o.sure, p.sure), mean(o.sureWrong, p.sureWrong)}
}

// tally reads n pictures, of each digit in turn. Misses are logged, so that a failure names its pictures.
func tally(t *testing.T, m *digit.Model, n int, draw drawer) tallied {
	t.Helper()
	o := tallied{n: n}
	each := 100 / float64(n)
	for k := range n {
		seed, class := uint64(k+1000), k%10
		p, faint, err := draw(t.Context(), seed, class)
		if err != nil {
			t.Fatalf("seed %d, digit %d: %v", seed, class, err)
		}
		r := m.Read(p)
		if r.Digit == class {
			o.right += each
		} else {
			t.Logf("seed %d: got %d for %d (%.2f, %q), faint %v", seed, r.Digit, class, r.Probability, r.Reason, faint)
		}
		if r.Digit == class || faint && !r.Sure {
			o.fair += each
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
	return func(ctx context.Context, seed uint64, class int) (*cifra.Picture, bool, error) {
		content, err := synth.PhotographJPEG(seed, class, kind)
		if err != nil {
			return nil, false, err
		}
		p, err := asking(read).Prepare(ctx, content)
		return p, synth.NewScene(seed, kind).Faint(), err
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
	const leastRight = 95. // percent of any kind
	type group struct {
		name  string
		draw  drawer
		floor float64
	}
	drawings := func(d synth.Drawing) drawer {
		return func(ctx context.Context, seed uint64, class int) (*cifra.Picture, bool, error) {
			p, err := prep.Image(ctx, d.Image(seed, class))
			return p, false, err
		}
	}
	groups := []group{
		{"drawing", drawings(synth.Drawing{}), 99.5},
		{"wild drawing", drawings(synth.Drawing{Style: synth.Style{Wild: 1}}), 99.5},
		{"thin drawing", drawings(synth.Drawing{Pen: .3}), 99.5},
		{"tiny drawing", drawings(synth.Drawing{Size: .12, Pen: .4}), 99.5},
	}
	for _, kind := range synth.Kinds() {
		groups = append(groups, group{string(kind), photographs(kind, model.Likely), 98})
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
			t.Logf("%-14s %s", g.name, got)
			if slack := 100 / float64(n); got.fair < g.floor-slack {
				t.Errorf("got %.1f %% right, or faint and not sure; want %.1f", got.fair, g.floor)
			} else if got.right < leastRight-slack { // who is never sure of faint pencil would pass
				t.Errorf("got %.1f %% right, want %.0f", got.right, leastRight)
			}
		})
	}
	t.Logf("%-14s %s", "all", all)
	if all.right < 97 || all.sureWrong > 1 {
		t.Errorf("got %.1f %% of all right and %.1f %% sure and wrong, want 97 at least and 1 at most", all.right, all.sureWrong)
	}
}
