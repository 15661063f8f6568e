package net

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Side is the width and height in pixels of the pictures that networks read.
const Side = 28

// Pixels is Side squared.
const Pixels = Side * Side

// Limits of a [Spec]. They bound what a weights file from elsewhere can make the program allocate.
const (
	maxConvs   = 8
	maxHidden  = 3
	maxWidth   = 512
	maxClasses = 16
	maxParams  = 2 << 20
	lane       = 16 // widths are multiples of it: the kernels' panel
)

// ErrSpec says that a network's shape is refused.
var ErrSpec = errors.New("network shape refused")

// Spec is the shape of a network as data: convolutions, then hidden dense layers, then one output a class.
type Spec struct {
	Convs   []Conv `json:"convs,omitempty"`
	Hidden  []int  `json:"hidden,omitempty"` // widths, multiples of 16
	Classes int    `json:"classes"`          // 10, or 11 with "not a digit" as the last
}

// Conv is a 3×3 convolution that keeps the size, with a 2×2 max pool after it or not.
type Conv struct {
	Out  int  `json:"out"` // channels, a multiple of 16
	Pool bool `json:"pool,omitempty"`
}

// ParseSpec reads a shape such as "32p,32,64p,96p,d128" (p: max pool; d: a dense hidden layer).
func ParseSpec(s string, classes int) (Spec, error) {
	spec := Spec{Classes: classes}
	for word := range strings.SplitSeq(s, ",") {
		width, isDense := strings.CutPrefix(word, "d")
		width, isPool := strings.CutSuffix(width, "p")
		n, err := strconv.Atoi(width)
		if err != nil {
			return Spec{}, fmt.Errorf("%w: %q: %w", ErrSpec, word, err)
		}
		switch {
		case isDense && !isPool:
			spec.Hidden = append(spec.Hidden, n)
		case isDense, len(spec.Hidden) > 0:
			return Spec{}, fmt.Errorf("%w: %q: a convolution or a pool after a dense layer", ErrSpec, word)
		default:
			spec.Convs = append(spec.Convs, Conv{Out: n, Pool: isPool})
		}
	}
	return spec, spec.Validate()
}

// String returns the shape in the form that ParseSpec reads, without the classes.
func (s Spec) String() string {
	var words []string
	for _, c := range s.Convs {
		w := strconv.Itoa(c.Out)
		if c.Pool {
			w += "p"
		}
		words = append(words, w)
	}
	for _, h := range s.Hidden {
		words = append(words, "d"+strconv.Itoa(h))
	}
	return strings.Join(words, ",")
}

// Validate returns an error that wraps [ErrSpec] where the shape isn't one that the engine runs.
func (s Spec) Validate() error {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrSpec}, args...)...)
	}
	if len(s.Convs) > maxConvs || len(s.Hidden) > maxHidden || len(s.Convs)+len(s.Hidden) == 0 {
		return refuse("%d convolutions and %d hidden layers", len(s.Convs), len(s.Hidden))
	}
	if s.Classes < 2 || s.Classes > maxClasses {
		return refuse("%d classes", s.Classes)
	}
	width := func(n int) bool { return n >= lane && n <= maxWidth && n%lane == 0 }
	side := Side
	for _, c := range s.Convs {
		if !width(c.Out) {
			return refuse("convolution of %d channels", c.Out)
		}
		if c.Pool {
			side /= 2
		}
		if side == 0 {
			return refuse("more pools than 28 pixels allow")
		}
	}
	for _, h := range s.Hidden {
		if !width(h) {
			return refuse("hidden layer of %d", h)
		}
	}
	if n := newLayout(s).total; n > maxParams {
		return refuse("%d weights, more than %d", n, maxParams)
	}
	return nil
}

// Count returns how many numbers a network of this shape learns, without padding.
func (s Spec) Count() int {
	l, n := newLayout(s), 0
	for _, c := range l.convs {
		n += 9*c.in*c.out + 2*c.out
	}
	for _, d := range l.denses {
		n += d.in*d.out + d.out
	}
	return n
}

// span is where one layer's numbers lie in the flat vector of a network.
type span struct{ off, n int }

func (s span) of(flat []float32) []float32 { return flat[s.off : s.off+s.n : s.off+s.n] }

// convLayer is the geometry of one convolution, and where its numbers lie.
type convLayer struct {
	in, out      int
	side, pooled int // side of its input, and of what it hands on
	pool         bool
	stride       int  // pixels from one row to the next: side and the shared column of zeros
	size         int  // pixels of one padded picture, with the slack that rounded-up products write to
	first        int  // pixel (0,0) in a padded picture
	rows         int  // of the product: from pixel (0,0) to the last one
	w            span // [9·in][out], window row by row
	scale, shift span // [out]
	mean         span // [out], in the flat vector of running statistics
	variance     span // [out], the same
}

// denseLayer is one dense layer. Its output is padded to the kernels' panel.
type denseLayer struct {
	in, out, padded int
	isOutput        bool
	w, bias         span // [in][padded], [padded]
}

// layout says where everything of a network lies.
type layout struct {
	convs      []convLayer
	denses     []denseLayer
	total      int // numbers that are learnt, with padding
	statistics int // running means and variances
}

// slack is how many rows, at most, a rounded-up product reads and writes behind the last pixel.
const slack = 16

func newLayout(s Spec) layout {
	var l layout
	take := func(n int) span {
		sp := span{l.total, n}
		l.total += n
		return sp
	}
	in, side := 1, Side
	for _, c := range s.Convs {
		k := convLayer{in: in, out: c.Out, side: side, pooled: side, pool: c.Pool, stride: side + 1}
		if c.Pool {
			k.pooled = side / 2
		}
		k.first = k.stride + 1
		k.rows = side*k.stride - 1
		k.size = (side+2)*k.stride + 1 + slack
		k.w, k.scale, k.shift = take(pad(9*in*c.Out)), take(c.Out), take(c.Out)
		k.mean = span{l.statistics, c.Out}
		k.variance = span{l.statistics + c.Out, c.Out}
		l.statistics += 2 * c.Out
		l.convs = append(l.convs, k)
		in, side = c.Out, k.pooled
	}
	in *= side * side
	for i := range len(s.Hidden) + 1 {
		d := denseLayer{in: in, out: s.Classes, isOutput: i == len(s.Hidden)}
		if !d.isOutput {
			d.out = s.Hidden[i]
		}
		d.padded = pad(d.out)
		d.w, d.bias = take(in*d.padded), take(d.padded)
		l.denses = append(l.denses, d)
		in = d.out
	}
	return l
}

func pad(n int) int { return (n + lane - 1) / lane * lane }
