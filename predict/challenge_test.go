package predict

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"cifra"
)

func TestAChallengerAnswersItsShare(t *testing.T) {
	models := &Models{}
	models.Serve(cifra.V2, &fakeModel{version: "v2-champion"})
	models.Serve(cifra.V1, &fakeModel{version: "v1-champion"})
	const pictures = 4000
	count := func(api cifra.API) map[string]int {
		t.Helper()
		n := map[string]int{}
		for i := range pictures {
			sum := sha256.Sum256(fmt.Append(nil, i))
			m, err := models.Answering(api, hex.EncodeToString(sum[:]))
			if err != nil {
				t.Fatal(err)
			}
			again, _ := models.Answering(api, hex.EncodeToString(sum[:]))
			if again.Version() != m.Version() {
				t.Fatalf("picture %d: got %s, then %s; want one picture to have one model", i, m.Version(), again.Version())
			}
			n[m.Version()]++
		}
		return n
	}
	for _, share := range []float64{0, 0.1, 0.5, 1} {
		models.Challenge(cifra.V2, &fakeModel{version: "v2-challenger"}, share)
		got := float64(count(cifra.V2)["v2-challenger"]) / pictures
		if math.Abs(got-share) > 0.03 || share == 0 && got != 0 || share == 1 && got != 1 {
			t.Errorf("a share of %v: the challenger answered %v", share, got)
		}
		if n := count(cifra.V1)["v1-champion"]; n != pictures {
			t.Errorf("got %d of %d answered by v1's champion, want v2's challenger to leave them alone", n, pictures)
		}
	}
	models.Challenge(cifra.V2, nil, 0.5)
	if n := count(cifra.V2)["v2-champion"]; n != pictures {
		t.Errorf("nobody is held: got %d of %d by the champion, want all", n, pictures)
	}
	models.Challenge("v3", &fakeModel{version: "v3"}, 1)
	if _, err := models.Answering("v3", ""); cifra.CodeOf(err) != cifra.NotFound {
		t.Errorf("got %v, want there to be no v3", err)
	}
}
