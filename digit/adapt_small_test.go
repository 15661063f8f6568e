package digit_test

import (
	"testing"

	"cifra"
	"cifra/digit"
	"cifra/digit/material"
	"cifra/digit/net"
)

// learnsInSmall is TestANewStyle at a size for every day: generated pictures take MNIST's place.
func learnsInSmall(t *testing.T) {
	t.Helper()
	pictures, err := digit.RegressionPictures()
	if err != nil {
		t.Fatal(err)
	}
	replay, err := digit.ReplayPictures()
	if err != nil {
		t.Fatal(err)
	}
	from, err := digit.EmbeddedWeights(cifra.V2)
	if err != nil {
		t.Fatal(err)
	}
	fresh, others, old := material.Turned(pictures.Slice(0, 160), 1), material.Turned(pictures.Slice(1000, 1300), 1), pictures.Slice(1300, 1700)
	recipe := digit.AdaptRecipeFor(cifra.V2, fresh.Len(), false)
	recipe.Epochs /= 2
	file, _, err := digit.Adapt(t.Context(), digit.AdaptOptions{
		From: from, New: fresh, Replay: replay.Slice(0, 600), Hold: digit.Memory(cifra.V2), Seed: 1, Workers: 2, Kernel: net.Best(), Recipe: recipe,
	})
	if err != nil {
		t.Fatal(err)
	}
	after, err := digit.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	before := embedded(t, cifra.V2)
	style, known := digit.Accuracy(before, others), digit.Accuracy(before, old)
	gain, loss := digit.Accuracy(after, others)-style, known-digit.Accuracy(after, old)
	t.Logf("160 pictures: style %.3f %+.3f, the others %.3f %+.3f; CIFRA_PROVE=1 measures 500 on MNIST", style, gain, known, -loss)
	if gain < .03 || loss > .0125 {
		t.Errorf("got %+.3f on the style and %+.3f on what was known, want 0.03 at least and -0.0125 at most", gain, -loss)
	}
}
