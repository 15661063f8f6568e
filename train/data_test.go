package train

import (
	"fmt"
	"testing"

	"cifra"
)

func labelled(n int, accepted bool) cifra.Labelled {
	return cifra.Labelled{Image: fmt.Sprintf("%064d", n), Views: make([]byte, cifra.Pixels), Label: n % 10, Predicted: (n + 1) % 10, Accepted: accepted}
}

func TestWhatIsLearntAndWhatIsHeldOut(t *testing.T) {
	var all []cifra.Labelled
	learnt := map[string]int{}
	for n := range 1000 {
		l := labelled(n, n < 800)
		all = append(all, l)
		switch {
		case n < 100:
			learnt[l.Image] = l.Label
		case n < 200:
			learnt[l.Image] = l.Label + 1 // corrected anew since
		}
	}
	all = append(all, cifra.Labelled{Image: "a line", Label: 3, Accepted: true}, cifra.Labelled{Image: "nobody knows", Views: make([]byte, cifra.Pixels), Label: cifra.NoLabel})
	l := choose(all, learnt)
	if got := len(l.fresh) + len(l.known) + len(l.held) + l.left; got != len(all) {
		t.Errorf("got %d pictures in all, want each once: %d", got, len(all))
	}
	if n := len(l.held); n < 120 || n > 200 {
		t.Errorf("got %d of 800 accepted held out, want about a fifth", n)
	}
	held := map[string]bool{}
	for _, i := range l.held {
		held[i.Image] = true
		if !i.Accepted {
			t.Errorf("%s is held out, and nobody looked at it", i.Image)
		}
	}
	for _, i := range append(l.fresh, l.known...) {
		if held[i.Image] || isHeld(i.Image) {
			t.Errorf("%s is learnt and held out", i.Image)
		}
	}
	for _, i := range l.known {
		if learnt[i.Image] != i.Label {
			t.Errorf("%s: a label that the champion didn't learn counts as known", i.Image)
		}
	}
	if n := len(l.known); n < 60 || n > 100 {
		t.Errorf("got %d known, want most of the 100 that were learnt with this label", n)
	}
	again := choose(all[500:], nil)
	for _, i := range again.fresh {
		if held[i.Image] {
			t.Errorf("%s was held out before, and is learnt now", i.Image)
		}
	}
}
