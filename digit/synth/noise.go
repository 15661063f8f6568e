package synth

import "math"

// noise is smooth value noise on a lattice, -1 to 1, made from a seed without a table, so that any place can be asked.
type noise struct{ seed uint64 }

func newNoise(r source) noise { return noise{r.Uint64()} }

// at returns the noise at a place; it changes over a distance of about 1.
func (n noise) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int64(fx), int64(fy)
	tx, ty := x-fx, y-fy
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	top := n.lattice(ix, iy)*(1-tx) + n.lattice(ix+1, iy)*tx
	bottom := n.lattice(ix, iy+1)*(1-tx) + n.lattice(ix+1, iy+1)*tx
	return top*(1-ty) + bottom*ty
}

// rough sums octaves of noise, each twice as fine and half as strong, about -1 to 1.
func (n noise) rough(x, y float64, octaves int) float64 {
	var sum, total float64
	k := 1.
	for range octaves {
		sum += k * n.at(x, y)
		total += k
		x, y, k = 2.03*x+17.3, 2.03*y-9.1, k/2
	}
	return sum / total
}

// lattice hashes a lattice point (the finalizer of SplitMix64).
func (n noise) lattice(x, y int64) float64 {
	h := n.seed ^ uint64(x)*0x9e3779b97f4a7c15 ^ uint64(y)*0xc2b2ae3d27d4eb4f
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	h ^= h >> 31
	return float64(h>>11)/(1<<52) - 1
}
