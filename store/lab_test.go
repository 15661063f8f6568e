package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cifra"
	"cifra/store"
	"cifra/store/storetest"
)

// example is a little of everything that the lab's tables hold.
func example() store.Example {
	x := store.Example{Categories: []string{"Pens", "Books"}}
	for id := int64(1); id <= 3; id++ {
		x.People = append(x.People, cifra.Person{ID: id, Name: "Ana Ñ", Email: "a@example.org", City: "Казань", UpdatedAt: storetest.Start})
	}
	for i := range 25 {
		x.Products = append(x.Products, cifra.Product{Category: cifra.Category{ID: int64(1 + i%2)}, Name: "p", Price: 100 + int64(i), Stock: 3, UpdatedAt: storetest.Start})
	}
	for _, back := range []time.Duration{time.Hour, 3 * 24 * time.Hour, 20 * 24 * time.Hour, 200 * 24 * time.Hour, 500 * 24 * time.Hour} {
		x.Sales = append(x.Sales, cifra.Sale{PersonID: 1, ProductID: 2, Quantity: 2, At: storetest.Start.Add(-back)})
	}
	return x
}

func withExample(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if added, err := db.AddExample(t.Context(), example()); err != nil || !added {
			t.Fatalf("got %v, %v, want the example added", added, err)
		}
		f(t, db)
	})
}

func TestExampleIsAddedOnceAndReset(t *testing.T) {
	t.Parallel()
	withExample(t, func(t *testing.T, db *store.DB) {
		if added, err := db.AddExample(t.Context(), example()); err != nil || added {
			t.Errorf("the second time: got %v, %v, want nothing added", added, err)
		}
		if err := db.DeleteProduct(t.Context(), 1, cifra.Audit{Action: cifra.ActionProductDelete}); err != nil {
			t.Fatal(err)
		}
		if err := db.ResetExample(t.Context(), example(), cifra.Audit{Action: cifra.ActionReset}); err != nil {
			t.Fatal(err)
		}
		if p, err := db.Product(t.Context(), 1); err != nil || p.Category.Name != "Pens" {
			t.Errorf("after the reset: got %+v, %v, want the first product with its id", p, err)
		}
	})
}

func TestPeopleAreSavedByID(t *testing.T) {
	t.Parallel()
	withExample(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		_, err := db.Person(ctx, 4)
		wantCode(t, "nobody", err, cifra.NotFound)
		for _, want := range []bool{true, false} {
			p := &cifra.Person{ID: 4, Name: "Zoe\x00", Email: "z@example.org"}
			created, err := db.SavePerson(ctx, p, cifra.Audit{Action: cifra.ActionPersonSave})
			if err != nil || created != want {
				t.Errorf("got created %v, %v, want %v", created, err, want)
			}
			got, err := db.Person(ctx, 4)
			if diff := cmp.Diff(&cifra.Person{ID: 4, Name: "Zoe", Email: "z@example.org", UpdatedAt: p.UpdatedAt}, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
	})
}

func TestProductsArePages(t *testing.T) {
	t.Parallel()
	withExample(t, func(t *testing.T, db *store.DB) {
		for _, tt := range []struct {
			name                  string
			page, perPage         int
			first, count, perWant int
		}{
			{"the first page", 1, 0, 1, 20, 20},
			{"the second one", 2, 0, 21, 5, 20},
			{"past the end", 3, 0, 0, 0, 20},
			{"far past the end", 1 << 40, 100, 0, 0, 100},
			{"no page", -7, 3, 1, 3, 3},
			{"more than may be", 1, 1000, 1, 25, 100},
		} {
			p, err := db.Products(t.Context(), tt.page, tt.perPage)
			if err != nil || len(p.Items) != tt.count || p.Total != 25 || p.PerPage != tt.perWant {
				t.Errorf("%s: got %d of %d, %d a page, %v; want %d of 25, %d a page", tt.name, len(p.Items), p.Total, p.PerPage, err, tt.count, tt.perWant)
				continue
			}
			if tt.count > 0 && (p.Items[0].ID != int64(tt.first) || p.Items[0].Category.Name == "") {
				t.Errorf("%s: got %+v first, want id %d with its category", tt.name, p.Items[0], tt.first)
			}
		}
	})
}

func TestProductsChange(t *testing.T) {
	t.Parallel()
	withExample(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		p := &cifra.Product{Category: cifra.Category{ID: 2}, Name: "Atlas", Price: 2500, Stock: 1}
		if err := db.AddProduct(ctx, p, cifra.Audit{Action: cifra.ActionProductAdd}); err != nil || p.ID != 26 || p.Category.Name != "Books" {
			t.Fatalf("got %+v, %v, want id 26 among the books", p, err)
		}
		p.Price, p.Category.ID = 2600, 1
		if err := db.SetProduct(ctx, p, cifra.Audit{Action: cifra.ActionProductSet}); err != nil {
			t.Fatal(err)
		}
		got, err := db.Product(ctx, 26)
		if diff := cmp.Diff(p, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		p.Category.ID = 9
		err = db.SetProduct(ctx, p, cifra.Audit{})
		wantCode(t, "no such category", err, cifra.Impossible)
		if e := new(cifra.Error); !errors.As(err, &e) || e.Fields["category_id"] == nil {
			t.Errorf("got %v, want the field named", err)
		}
		wantCode(t, "changing what isn't there", db.SetProduct(ctx, &cifra.Product{ID: 99, Category: cifra.Category{ID: 1}, Name: "x"}, cifra.Audit{}), cifra.NotFound)
		wantCode(t, "deleting it", db.DeleteProduct(ctx, 26, cifra.Audit{Action: cifra.ActionProductDelete}), "")
		wantCode(t, "deleting it twice", db.DeleteProduct(ctx, 26, cifra.Audit{}), cifra.NotFound)
	})
}

func TestSalesByPeriod(t *testing.T) {
	t.Parallel()
	withExample(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		sales := func(person int64, period cifra.Period) int64 {
			t.Helper()
			st, err := db.SalesStats(ctx, person, period)
			if err != nil {
				t.Fatal(err)
			}
			if st.Units != 2*st.Sales || st.Revenue != 2*101*st.Sales {
				t.Errorf("%s: got %+v, want two at 1.01 in each sale", period, st)
			}
			return st.Sales
		}
		for i, period := range cifra.Periods() {
			if got := sales(1, period); got != int64(i+1) {
				t.Errorf("%s: got %d sales, want %d", period, got, i+1)
			}
		}
		if got := sales(2, cifra.PeriodAll); got != 0 {
			t.Errorf("somebody else: got %d sales, want none", got)
		}
		_, err := db.SalesStats(ctx, 99, cifra.PeriodAll)
		wantCode(t, "nobody", err, cifra.NotFound)
		s := &cifra.Sale{PersonID: 1, ProductID: 2, Quantity: 2}
		if err := db.AddSale(ctx, s, cifra.Audit{Action: cifra.ActionSaleAdd}); err != nil || s.Price != 101 || s.ID == 0 {
			t.Fatalf("got %+v, %v, want it at the product's price", s, err)
		}
		wantCode(t, "no such product", db.AddSale(ctx, &cifra.Sale{PersonID: 1, ProductID: 99, Quantity: 1}, cifra.Audit{}), cifra.Impossible)
		wantCode(t, "nobody", db.AddSale(ctx, &cifra.Sale{PersonID: 99, ProductID: 2, Quantity: 1}, cifra.Audit{}), cifra.Impossible)
		if err := db.DeleteProduct(ctx, 2, cifra.Audit{Action: cifra.ActionProductDelete}); err != nil {
			t.Fatal(err)
		}
		if got := sales(1, cifra.PeriodAll); got != 6 {
			t.Errorf("after the product is gone: got %d sales, want all 6", got)
		}
	})
}
