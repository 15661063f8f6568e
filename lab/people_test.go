package lab

import (
	"strings"
	"testing"
	"time"

	"cifra"
)

func TestSavingAPersonForgetsThatOneAlone(t *testing.T) {
	c, s := memory(t), newShelf()
	d := NewPeople(c, named(policy, "people"), s, time.Now)
	ask := func(id int64) cifra.Answer[cifra.Person] {
		t.Helper()
		a, err := d.Person(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for id := int64(1); id <= 9; id++ {
		ask(id)
	}
	ctx := cifra.WithActor(t.Context(), cifra.Actor{User: &cifra.User{Username: "ana"}})
	created, r, err := d.Save(ctx, &cifra.Person{ID: 5, Name: " Zoe ", Email: "z@example.org"})
	if err != nil || created || len(r.Instances) != 1 {
		t.Fatalf("got %v, %+v, %v, want it changed, on this instance", created, r, err)
	}
	entries, err := d.Around(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"fresh", "gone", "fresh"} {
		if entries[i].State != want {
			t.Errorf("beside it: got %s for %s, want %s", entries[i].State, entries[i].Args, want)
		}
	}
	if !strings.HasPrefix(entries[1].Reason, "invalidated by ana") {
		t.Errorf("got %q, want who did it", entries[1].Reason)
	}
	for id := int64(1); id <= 9; id++ {
		a := ask(id)
		if id == 5 {
			if a.Provenance.Source != cifra.SourceDatabase || a.Data.Name != "Zoe" {
				t.Errorf("5: got %+v, want Zoe from the database", a)
			}
		} else if a.Provenance.Outcome != cifra.HitL1 {
			t.Errorf("%d: got %s, want a hit", id, a.Provenance.Outcome)
		}
	}
}

func TestNobodyIsRememberedUntilSomebodyIsMade(t *testing.T) {
	d := NewPeople(memory(t), named(policy, "people"), newShelf(), time.Now)
	s, _ := d.store.(*shelf)
	for i := range 3 {
		a, err := d.Person(t.Context(), 99)
		if cifra.CodeOf(err) != cifra.NotFound || (i > 0) != a.Provenance.Cached() {
			t.Errorf("asking the %d. time: got %v, %s, want not found, remembered from the second on", i+1, err, a.Provenance.Outcome)
		}
	}
	if s.reads != 1 {
		t.Errorf("got %d reads of the database, want 1", s.reads)
	}
	if created, _, err := d.Save(t.Context(), &cifra.Person{ID: 99, Name: "Zoe"}); err != nil || !created {
		t.Fatalf("got %v, %v, want somebody made", created, err)
	}
	if a, err := d.Person(t.Context(), 99); err != nil || a.Data.Name != "Zoe" {
		t.Errorf("got %+v, %v, want Zoe at once", a, err)
	}
}

func TestPersonRefusals(t *testing.T) {
	d := NewPeople(memory(t), named(policy, "people"), newShelf(), time.Now)
	for _, tt := range []struct {
		name   string
		person cifra.Person
		want   cifra.Code
		field  string
	}{
		{"no name", cifra.Person{ID: 1, Name: "  "}, cifra.Invalid, "name"},
		{"a long name", cifra.Person{ID: 1, Name: strings.Repeat("ы", 101)}, cifra.Impossible, "name"},
		{"a name that is no text", cifra.Person{ID: 1, Name: "\xff"}, cifra.Invalid, "name"},
		{"no address", cifra.Person{ID: 1, Name: "x", Email: "x"}, cifra.Impossible, "email"},
		{"an address with a name", cifra.Person{ID: 1, Name: "x", Email: "A <a@example.org>"}, cifra.Impossible, "email"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := d.Save(t.Context(), &tt.person)
			var e *cifra.Error
			if cifra.CodeOf(err) != tt.want {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if e, _ = err.(*cifra.Error); e.Fields[tt.field] == nil { //nolint:errorlint // it is never wrapped here
				t.Errorf("got %v, want the field %s named", e.Fields, tt.field)
			}
		})
	}
}
