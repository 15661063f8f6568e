package lab

import (
	"testing"
	"time"

	"cifra"
)

func TestASaleForgetsEveryPeriodOfThatPersonAlone(t *testing.T) {
	s := NewSales(memory(t), named(policy, "sales"), newShelf(), time.Now)
	ask := func(person int64, p cifra.Period) cifra.Answer[cifra.SalesStats] {
		t.Helper()
		a, err := s.Stats(t.Context(), person, p)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, p := range cifra.Periods() {
		ask(1, p)
		ask(2, p)
	}
	if _, err := s.Add(t.Context(), &cifra.Sale{PersonID: 1, ProductID: 1, Quantity: 1}); err != nil {
		t.Fatal(err)
	}
	for _, p := range cifra.Periods() {
		if a := ask(1, p); a.Provenance.Outcome != cifra.Miss || a.Data.Sales != 1 {
			t.Errorf("1, %s: got %s and %d, want a miss and 1", p, a.Provenance.Outcome, a.Data.Sales)
		}
		if a := ask(2, p); a.Provenance.Outcome != cifra.HitL1 {
			t.Errorf("2, %s: got %s, want a hit", p, a.Provenance.Outcome)
		}
	}
	if a := ask(1, ""); a.Data.Period != cifra.PeriodMonth || a.Provenance.Outcome != cifra.HitL1 {
		t.Errorf("without a period: got %+v, want the month's entry", a)
	}
	_, err := s.Stats(t.Context(), 1, "century")
	if cifra.CodeOf(err) != cifra.Impossible {
		t.Errorf("got %v, want it impossible", err)
	}
	if _, err := s.Add(t.Context(), &cifra.Sale{PersonID: 1, ProductID: 1, Quantity: 0}); cifra.CodeOf(err) != cifra.Impossible {
		t.Errorf("got %v, want it impossible", err)
	}
}
