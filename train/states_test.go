package train

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cifra"
)

// TestStatesAreDocumented walks the table of docs/training.md: it says of each state which ones may follow.
func TestStatesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/training.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(doc), "<!-- states -->")
	table, _, ok2 := strings.Cut(rest, "<!-- /states -->")
	if !ok || !ok2 {
		t.Fatal("docs/training.md has no table of states")
	}
	name := regexp.MustCompile("`([a-z]+)`")
	said := make(map[cifra.TrainingState][]cifra.TrainingState)
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || !name.MatchString(cells[1]) {
			continue
		}
		from := cifra.TrainingState(name.FindStringSubmatch(cells[1])[1])
		said[from] = []cifra.TrainingState{}
		for _, m := range name.FindAllStringSubmatch(cells[3], -1) {
			said[from] = append(said[from], cifra.TrainingState(m[1]))
		}
	}
	for _, from := range cifra.TrainingStates() {
		to, ok := said[from]
		if !ok {
			t.Errorf("docs/training.md says nothing of %s", from)
		}
		for _, next := range cifra.TrainingStates() {
			if got := slices.Contains(to, next); got != from.CanBecome(next) {
				t.Errorf("%s → %s: documented %v, want %v", from, next, got, from.CanBecome(next))
			}
		}
	}
	if len(said) != len(cifra.TrainingStates()) {
		t.Errorf("got %d states documented, want %d", len(said), len(cifra.TrainingStates()))
	}
}

func TestWhoCanReachTheEnd(t *testing.T) {
	for _, s := range cifra.TrainingStates() {
		if s.Active() != (s == cifra.TrainingQueued || s.Running()) {
			t.Errorf("%s: active %v", s, s.Active())
		}
		if s.Running() && (!s.CanBecome(cifra.TrainingQueued) || !s.CanBecome(cifra.TrainingPreparing) || !s.CanBecome(cifra.TrainingCancelled)) {
			t.Errorf("%s: a trainer can't hand it back, lose it or hear of its cancelling", s)
		}
	}
}
