package lab

import (
	"context"
	"time"

	"cifra"
	"cifra/cache"
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
