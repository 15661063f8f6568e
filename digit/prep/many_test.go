package prep_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/prep"
	"cifra/digit/synth"
)

// TestVersionsOfManyDigitsGiveTheUprightAnswer reads each of many generated digits upright, turned by EXIF in all eight
// ways, inverted, transparent, with a palette, with 16 bits, as CMYK, and in sizes from 28 to 2,200 px: 99 % of the
// versions must give the upright one's answer. 200 digits under CIFRA_PROVE=1, else 2.
func TestVersionsOfManyDigitsGiveTheUprightAnswer(t *testing.T) {
	model, err := digit.Embedded(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	same, all := map[string]int{}, map[string]int{}
	n := rounds(2, 200)
	for i := range n {
		d := synth.Drawing{Side: 260}.Image(uint64(70_000+i), i%10)
		read := func(content []byte) int {
			p, err := patient().Prepare(t.Context(), content)
			if err != nil {
				t.Fatal(err)
			}
			return model.Read(p).Digit
		}
		upright := asPNG(t, d)
		want := read(upright)
		sides := []int{28, 32, 48, 90, 150, 333, 700}
		if i%20 == 0 {
			sides = append(sides, 1400, 2200)
		}
		files := versions(t, d, sides)
		for turn := uint16(1); turn <= 8; turn++ {
			files[fmt.Sprintf("turned, EXIF %d", turn)] = func() []byte {
				return turnedJPEG(t, storedAs(d, int(turn)), tiff(turn))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			content := files[name]()
			all[name]++
			if got := read(content); got == want {
				same[name]++
			} else if testing.Verbose() {
				t.Logf("digit %d, %s: got %d, upright %d", i, name, got, want)
			}
		}
	}
	total, right := 0, 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		total, right = total+all[name], right+same[name]
		if same[name] < all[name] {
			t.Logf("%-22s %d of %d", name, same[name], all[name])
		}
	}
	share := float64(right) / float64(total)
	t.Logf("%d versions of %d digits: %.2f %% give the upright one's answer (%s)", total, n, 100*share, prep.Version)
	if share < .99 {
		t.Errorf("got %.2f %%, want 99 at least", 100*share)
	}
}
