package lab

import (
	"maps"
	"testing"
	"time"

	"cifra"
)

// TestAChangeOfTheCatalogue is the table of before and after.
func TestAChangeOfTheCatalogue(t *testing.T) {
	c, s := memory(t), newShelf()
	k := NewCatalogue(c, named(policy, "products"), named(policy, "product"), s, time.Now)
	type state = map[string]cifra.Outcome
	now := func() state {
		t.Helper()
		out := state{}
		for id := int64(1); id <= 3; id++ {
			a, err := k.Product(t.Context(), id)
			if err != nil && cifra.CodeOf(err) != cifra.NotFound {
				t.Fatal(err)
			}
			out["product "+string(rune('0'+id))] = a.Provenance.Outcome
		}
		for page := 1; page <= 2; page++ {
			a, err := k.Page(t.Context(), page, 0)
			if err != nil {
				t.Fatal(err)
			}
			out["page "+string(rune('0'+page))] = a.Provenance.Outcome
		}
		return out
	}
	hit, miss := cifra.HitL1, cifra.Miss
	for _, tt := range []struct {
		name string
		do   func() error
		want state
	}{
		{"the first time", func() error { return nil }, state{"product 1": miss, "product 2": miss, "product 3": miss, "page 1": miss, "page 2": miss}},
		{"again", func() error { return nil }, state{"product 1": hit, "product 2": hit, "product 3": hit, "page 1": hit, "page 2": hit}},
		{"2 is changed", func() error {
			_, err := k.Set(t.Context(), &cifra.Product{ID: 2, Name: "Pencil", Price: 1})
			return err
		}, state{"product 1": hit, "product 2": miss, "product 3": hit, "page 1": miss, "page 2": miss}},
		{"one is added", func() error {
			_, err := k.Add(t.Context(), &cifra.Product{Name: "Ink"})
			return err
		}, state{"product 1": hit, "product 2": hit, "product 3": hit, "page 1": miss, "page 2": miss}},
		{"3 is deleted", func() error {
			_, err := k.Delete(t.Context(), 3)
			return err
		}, state{"product 1": hit, "product 2": hit, "product 3": miss, "page 1": miss, "page 2": miss}},
	} {
		if err := tt.do(); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := now(); !maps.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	if a, err := k.Product(t.Context(), 2); err != nil || a.Data.Name != "Pencil" {
		t.Errorf("got %+v, %v, want the new value", a.Data, err)
	}
	if got := query(0, 1000); got != (ProductQuery{1, 100}) {
		t.Errorf("got %+v, want the first page, 100 at most", got)
	}
}
