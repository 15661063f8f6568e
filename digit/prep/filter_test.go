package prep

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// random is a plane of repeatable noise.
func random(w, h int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 7))
	o := make([]float32, w*h)
	for i := range o {
		o[i] = r.Float32()
	}
	return o
}

// around collects the values of a square of 2r+1, clipped.
func around(s []float32, w, h, x, y, r int) []float32 {
	var o []float32
	for yy := max(0, y-r); yy <= min(h-1, y+r); yy++ {
		for xx := max(0, x-r); xx <= min(w-1, x+r); xx++ {
			o = append(o, s[yy*w+xx])
		}
	}
	return o
}

func TestFiltersAgreeWithTheirDefinitions(t *testing.T) {
	mean := func(v []float32) float32 {
		var s float64
		for _, x := range v {
			s += float64(x)
		}
		return float32(s / float64(len(v)))
	}
	median := func(v []float32) float32 {
		slices.Sort(v)
		return v[len(v)/2]
	}
	tests := []struct {
		name      string
		filter    func(s []float32, w, h, r int) []float32
		want      func(v []float32) float32
		tolerance float64
	}{
		{"largest", largest, slices.Max[[]float32], 0},
		{"smallest", smallest, slices.Min[[]float32], 0},
		{"boxBlur", boxBlur, mean, 1e-4},
		{"medians", medians, median, 1. / 255},
	}
	for _, tt := range tests {
		for _, size := range [][3]int{{13, 9, 2}, {9, 13, 3}, {1, 20, 4}, {20, 1, 4}, {5, 5, 7}, {30, 20, 1}} {
			w, h, r := size[0], size[1], size[2]
			s := random(w, h, uint64(w*h))
			got := tt.filter(slices.Clone(s), w, h, r)
			for i, v := range got {
				if want := tt.want(around(s, w, h, i%w, i/w, r)); math.Abs(float64(v-want)) > tt.tolerance {
					t.Fatalf("%s of %d×%d, radius %d, at %d: got %v, want %v", tt.name, w, h, r, i, v, want)
				}
			}
		}
	}
}

func TestQuantileAgreesWithSorting(t *testing.T) {
	for n := 1; n < 200; n++ {
		v := random(n, 1, uint64(n))
		if n%3 == 0 { // many of one value
			for i := range v {
				v[i] = float32(int(v[i] * 4))
			}
		}
		sorted := slices.Sorted(slices.Values(v))
		for _, q := range []float64{0, .1, .5, .85, .999, 1} {
			want := sorted[min(n-1, int(q*float64(n)))]
			if got := quantile(v, q); got != want {
				t.Fatalf("%v of %d values: got %v, want %v", q, n, got, want)
			}
		}
	}
	if got := quantile(nil, .5); got != 0 {
		t.Errorf("of none: got %v, want 0", got)
	}
}

func TestResizeKeepsTheMean(t *testing.T) {
	for _, size := range [][4]int{{40, 30, 13, 7}, {40, 30, 40, 7}, {7, 5, 7, 5}, {100, 1, 3, 1}, {31, 17, 30, 16}} {
		w, h, nw, nh := size[0], size[1], size[2], size[3]
		s := random(w, h, 3)
		o := resize(s, w, h, nw, nh)
		var a, b float64
		for _, v := range s {
			a += float64(v) / float64(w*h)
		}
		for _, v := range o {
			b += float64(v) / float64(nw*nh)
		}
		if math.Abs(a-b) > 1e-4 {
			t.Errorf("%v: got mean %v, want %v", size, b, a)
		}
	}
}

// TestAveragerAgreesWithResize holds the shrinking of bytes to that of planes.
func TestAveragerAgreesWithResize(t *testing.T) {
	for _, size := range [][4]int{{40, 30, 13, 7}, {64, 48, 16, 12}, {29, 31, 29, 31}, {500, 3, 384, 2}} {
		w, h, nw, nh := size[0], size[1], size[2], size[3]
		plane := random(w, h, 5)
		a := newAverager(w, h, nw, nh)
		for y := range h {
			row := make([]byte, w)
			for x := range row {
				row[x] = level(plane[y*w+x])
				plane[y*w+x] = float32(row[x]) / 255
			}
			a.row(row)
		}
		want := resize(plane, w, h, nw, nh)
		for i, v := range a.out {
			if math.Abs(float64(v-want[i])) > .004 { // weights are kept in 1/256
				t.Fatalf("%v at %d: got %v, want %v", size, i, v, want[i])
			}
		}
	}
}

func TestDistanceAgreesWithItsDefinition(t *testing.T) {
	const w, h = 23, 17
	m := make([]bool, w*h)
	for i, v := range random(w, h, 9) {
		m[i] = v > .97
	}
	for i, got := range distance(m, w, h) {
		want := math.Inf(1)
		for j, v := range m {
			if v {
				want = min(want, math.Hypot(float64(i%w-j%w), float64(i/w-j/w)))
			}
		}
		if math.Abs(float64(got)-want) > 1e-4 {
			t.Fatalf("at %d: got %v, want %v", i, got, want)
		}
	}
}

func TestPolynomialFollowsTheLightUnderInk(t *testing.T) {
	const w, h = 48, 36
	s := make([]float32, w*h)
	want := make([]float32, w*h)
	for i := range s {
		x, y := float32(i%w)/w, float32(i/w)/h
		want[i] = .5 + .3*x - .2*y*y
		s[i] = want[i]
		if i%w > 20 && i%w < 25 { // a stroke
			s[i] *= .3
		}
	}
	for i, got := range polynomial(s, w, h) {
		if d := got - want[i]; d > .02 || d < -.02 {
			t.Fatalf("at %d: got %v, want %v", i, got, want[i])
		}
	}
}

func TestLabelFindsPieces(t *testing.T) {
	picture := []string{
		"#.......#",
		"#..##...#",
		".#..##..#",
		"........#",
		"#########",
		".........",
		"#.#.#...#",
	}
	w, h := len(picture[0]), len(picture)
	d := make([]float32, w*h)
	for y, row := range picture {
		for x, c := range row {
			if c == '#' {
				d[y*w+x] = 1
			}
		}
	}
	ids, pieces := label(d, w, h, .5)
	type found struct{ n, rim, x0, y0, x1, y1 int }
	want := []found{
		{3, 2, 0, 0, 1, 2},
		{13, 6, 0, 0, 8, 4},
		{4, 0, 3, 1, 5, 2},
		{1, 1, 0, 6, 0, 6},
		{1, 1, 2, 6, 2, 6},
		{1, 1, 4, 6, 4, 6},
		{1, 1, 8, 6, 8, 6},
	}
	if len(pieces) != len(want) {
		t.Fatalf("got %d pieces, want %d", len(pieces), len(want))
	}
	total := 0
	for i, p := range pieces {
		if got := (found{p.n, p.rim, p.x0, p.y0, p.x1, p.y1}); got != want[i] {
			t.Errorf("piece %d: got %v, want %v", p.id, got, want[i])
		}
		total += p.n
	}
	for i, id := range ids {
		if (id != 0) != (d[i] == 1) {
			t.Fatalf("at %d: got number %d for ink %v", i, id, d[i])
		}
		if id != 0 {
			total--
		}
	}
	if total != 0 {
		t.Errorf("got counts that differ from the numbers by %d", total)
	}
}

// flooded is label by its definition.
func flooded(d []float32, w, h int, level float32) (ids []int32, n []int) {
	ids = make([]int32, w*h)
	var flood func(x, y int, id int32)
	flood = func(x, y int, id int32) {
		if x < 0 || y < 0 || x >= w || y >= h || ids[y*w+x] != 0 || !(d[y*w+x] > level) {
			return
		}
		ids[y*w+x] = id
		n[id-1]++
		for k := range 9 {
			flood(x+k%3-1, y+k/3-1, id)
		}
	}
	for i := range d {
		if ids[i] == 0 && d[i] > level {
			n = append(n, 0)
			flood(i%w, i/w, int32(len(n)))
		}
	}
	return ids, n
}

func TestLabelAgreesWithItsDefinition(t *testing.T) {
	for seed := range uint64(300) {
		w, h := 1+int(seed*7%23), 1+int(seed*5%19)
		d := random(w, h, seed)
		level := float32(seed%10) / 10
		ids, pieces := label(d, w, h, level)
		wantIDs, wantN := flooded(d, w, h, level)
		if !slices.Equal(ids, wantIDs) || len(pieces) != len(wantN) {
			t.Fatalf("%d×%d over %v: got %v, want %v", w, h, level, ids, wantIDs)
		}
		for i, p := range pieces {
			rim, box := 0, piece{x0: w, y0: h, x1: -1, y1: -1}
			for k, id := range ids {
				if x, y := k%w, k/w; id == p.id {
					box.x0, box.y0, box.x1, box.y1 = min(box.x0, x), min(box.y0, y), max(box.x1, x), max(box.y1, y)
					if x == 0 || y == 0 || x == w-1 || y == h-1 {
						rim++
					}
				}
			}
			if p.n != wantN[i] || p.rim != rim || p.x0 != box.x0 || p.y0 != box.y0 || p.x1 != box.x1 || p.y1 != box.y1 {
				t.Errorf("%d×%d over %v: got %+v, want %d pixels, %d at the border, in %+v", w, h, level, p, wantN[i], rim, box)
			}
		}
	}
}
