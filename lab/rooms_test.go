package lab

import (
	"context"
	"maps"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cifra"
	"cifra/cache"
	"cifra/lab/upstream"
)

// shelf is a store in memory that counts how often it was read.
type shelf struct {
	people   map[int64]cifra.Person
	products map[int64]cifra.Product
	sales    []cifra.Sale
	reads    int
}

func newShelf() *shelf {
	s := &shelf{people: map[int64]cifra.Person{}, products: map[int64]cifra.Product{}}
	for id := int64(1); id <= 9; id++ {
		s.people[id] = cifra.Person{ID: id, Name: "Ana"}
		s.products[id] = cifra.Product{ID: id, Name: "Pen", Category: cifra.Category{ID: 1, Name: "Pens"}, Price: 100}
	}
	return s
}

var errNone = cifra.E(cifra.NotFound, "error.not-found")

func (s *shelf) Person(_ context.Context, id int64) (*cifra.Person, error) {
	s.reads++
	if p, ok := s.people[id]; ok {
		return &p, nil
	}
	return nil, errNone
}

func (s *shelf) SavePerson(_ context.Context, p *cifra.Person, _ cifra.Audit) (bool, error) {
	_, there := s.people[p.ID]
	s.people[p.ID] = *p
	return !there, nil
}

func (s *shelf) Products(_ context.Context, page, perPage int) (cifra.ProductPage, error) {
	s.reads++
	p := cifra.ProductPage{Page: page, PerPage: perPage, Total: int64(len(s.products))}
	if page == 1 {
		for id := int64(1); id <= 99; id++ {
			if one, ok := s.products[id]; ok {
				p.Items = append(p.Items, one)
			}
		}
	}
	return p, nil
}

func (s *shelf) Product(_ context.Context, id int64) (*cifra.Product, error) {
	s.reads++
	if p, ok := s.products[id]; ok {
		return &p, nil
	}
	return nil, errNone
}

func (s *shelf) Categories(context.Context) ([]cifra.Category, error) { return nil, nil }

func (s *shelf) AddProduct(_ context.Context, p *cifra.Product, _ cifra.Audit) error {
	p.ID = int64(len(s.products) + 1)
	s.products[p.ID] = *p
	return nil
}

func (s *shelf) SetProduct(_ context.Context, p *cifra.Product, _ cifra.Audit) error {
	if _, ok := s.products[p.ID]; !ok {
		return errNone
	}
	s.products[p.ID] = *p
	return nil
}

func (s *shelf) DeleteProduct(_ context.Context, id int64, _ cifra.Audit) error {
	if _, ok := s.products[id]; !ok {
		return errNone
	}
	delete(s.products, id)
	return nil
}

func (s *shelf) AddSale(_ context.Context, sale *cifra.Sale, _ cifra.Audit) error {
	s.sales = append(s.sales, *sale)
	return nil
}

func (s *shelf) SalesStats(_ context.Context, person int64, period cifra.Period) (*cifra.SalesStats, error) {
	s.reads++
	st := &cifra.SalesStats{PersonID: person, Period: period}
	for _, one := range s.sales {
		if one.PersonID == person {
			st.Sales++
		}
	}
	return st, nil
}

var policy = cache.Policy{TTL: 5 * time.Minute, NegativeTTL: 10 * time.Second}

func named(p cache.Policy, name string) cache.Policy {
	p.Namespace = name
	return p
}

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

var universitiesPolicy = cache.Policy{
	Namespace: "universities", TTL: 30 * time.Second, StaleIfError: time.Hour, SoftTimeout: 500 * time.Millisecond, HardTimeout: 3 * time.Second,
}

func TestTheOrderOfTheQueryDoesNotMatter(t *testing.T) {
	server := upstream.New()
	at := httptest.NewServer(server)
	t.Cleanup(at.Close)
	client, err := NewClient(at.URL+"/search", true)
	if err != nil {
		t.Fatal(err)
	}
	u := NewUniversities(memory(t), universitiesPolicy, client)
	for i, q := range []string{"country=Germany&name=uni", "name=uni&country=Germany", "name=uni&x=1&country=Germany"} {
		params, err := url.ParseQuery(q)
		if err != nil {
			t.Fatal(err)
		}
		a, err := u.Search(t.Context(), params)
		if err != nil || len(a.Data) == 0 || a.Data[0].Country != "Germany" || a.Provenance.Cached() != (i > 0) {
			t.Errorf("%s: got %+v, %v, want Germany's, remembered from the second on", q, a, err)
		}
	}
	if server.Asked() != 1 {
		t.Errorf("the service was asked %d times, want once", server.Asked())
	}
}

// fake is a service whose behaviour a test sets, with the clock of its bubble.
type fake struct {
	err  error
	slow time.Duration
}

func (f *fake) Search(ctx context.Context, _ string) ([]cifra.University, error) {
	if err := pause(ctx, f.slow); err != nil {
		return nil, err
	}
	return []cifra.University{{Name: "x"}}, f.err
}

func TestStaleWhereTheServiceFailsOrIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := cache.New(t.Context(), cache.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}()
		f := &fake{}
		u := NewUniversities(c, universitiesPolicy, f)
		ask := func() (cifra.Answer[[]cifra.University], time.Duration, error) {
			start := time.Now()
			a, err := u.Search(t.Context(), url.Values{"country": {"x"}})
			return a, time.Since(start), err
		}
		f.err = context.DeadlineExceeded
		if _, _, err := ask(); cifra.CodeOf(err) != cifra.Unavailable {
			t.Errorf("cold, and it fails: got %v, want it unavailable", err)
		}
		f.err = nil
		if a, _, err := ask(); err != nil || a.Provenance.Source != cifra.SourceUpstream {
			t.Errorf("it works: got %+v, %v", a, err)
		}
		time.Sleep(31 * time.Second) //nolint:forbidigo // the bubble's clock
		f.err = context.DeadlineExceeded
		if a, took, err := ask(); err != nil || a.Provenance.Outcome != cifra.Stale || took > 500*time.Millisecond ||
			!strings.HasPrefix(a.Provenance.Reason, "loader failed") {
			t.Errorf("past its time, and it fails: got %+v after %v, %v; want it stale, and why", a.Provenance, took, err)
		}
		time.Sleep(5 * time.Second) //nolint:forbidigo // as above
		f.err, f.slow = nil, 2*time.Second
		if a, took, err := ask(); err != nil || a.Provenance.Outcome != cifra.Stale || took > 500*time.Millisecond {
			t.Errorf("past its time, and it is slow: got %+v after %v, %v; want it stale within 500 ms", a.Provenance, took, err)
		}
		time.Sleep(3 * time.Second) //nolint:forbidigo // as above
	})
}

func TestUniversitiesRefusals(t *testing.T) {
	u := NewUniversities(memory(t), universitiesPolicy, &fake{})
	for _, tt := range []struct {
		query string
		want  cifra.Code
	}{
		{"", cifra.Invalid},
		{"country=", cifra.Invalid},
		{"limit=3", cifra.Invalid},
		{"country=%ff", cifra.Invalid},
		{"country=a&country=b", cifra.Impossible},
		{"name=" + strings.Repeat("x", 101), cifra.Impossible},
		{"name=x", ""},
	} {
		params, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Search(t.Context(), params); cifra.CodeOf(err) != tt.want {
			t.Errorf("%.30q: got %v, want %q", tt.query, err, tt.want)
		}
	}
}
