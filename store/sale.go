package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type saleRow struct {
	bun.BaseModel `bun:"table:sales"`

	ID        int64     `bun:"id,pk,autoincrement"`
	PersonID  int64     `bun:"person_id"`
	ProductID *int64    `bun:"product_id"`
	Product   string    `bun:"product"`
	Quantity  int64     `bun:"quantity"`
	Price     int64     `bun:"price"`
	At        time.Time `bun:"at"`
}

// topProducts is how many products a statistic names.
const topProducts = 5

// AddSale keeps a sale of now with its audit row, and sets its ID, Product, Price and At. Impossible, with the field
// that names it, where there is no such person or product.
func (db *DB) AddSale(ctx context.Context, s *cifra.Sale, a cifra.Audit) error {
	return db.change(ctx, "add sale", func(ctx context.Context, t *tx) error {
		there, err := t.NewSelect().Model((*personRow)(nil)).Where("id = ?", s.PersonID).Exists(ctx)
		if err != nil {
			return err
		}
		var products []productRow
		if err := t.NewSelect().Model(&products).Where("id = ?", s.ProductID).Scan(ctx); err != nil {
			return err
		}
		for name, missing := range map[string]bool{"user_id": !there, "product_id": len(products) == 0} {
			if missing {
				e := cifra.E(cifra.Impossible, "error.field.value", "Field", name)
				e.Fields = map[string]*cifra.Error{name: cifra.E(cifra.Impossible, "error.field.value", "Field", name)}
				return e
			}
		}
		s.Product, s.Price, s.At = products[0].Name, products[0].Price, stamp(t.db.now())
		row := saleRow{PersonID: s.PersonID, ProductID: &s.ProductID, Product: s.Product, Quantity: s.Quantity, Price: s.Price, At: s.At}
		if _, err := t.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		s.ID = row.ID
		a.Details = fmt.Sprintf("id=%d %s", s.ID, a.Details)
		return t.audit(ctx, a)
	})
}

// SalesStats returns what a person bought within a period that ends now. NotFound where there is no such person.
func (db *DB) SalesStats(ctx context.Context, person int64, period cifra.Period) (*cifra.SalesStats, error) {
	st := &cifra.SalesStats{PersonID: person, Period: period, Top: []cifra.ProductSales{}}
	if length := period.Length(); length > 0 {
		st.Since = stamp(db.now().Add(-length))
	}
	err := db.view(ctx, "sales", func(ctx context.Context, q bun.IDB) error {
		there, err := q.NewSelect().Model((*personRow)(nil)).Where("id = ?", person).Exists(ctx)
		if err != nil {
			return err
		}
		if !there {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		of := func() *bun.SelectQuery {
			return q.NewSelect().Model((*saleRow)(nil)).Where("person_id = ?", person).Where("at >= ?", st.Since)
		}
		err = of().ColumnExpr("count(*), coalesce(sum(quantity), 0), coalesce(sum(quantity * price), 0)").
			Scan(ctx, &st.Sales, &st.Units, &st.Revenue)
		if err != nil {
			return err
		}
		var top []struct {
			Product        string
			Units, Revenue int64
		}
		err = of().ColumnExpr("product, sum(quantity) AS units, sum(quantity * price) AS revenue").Group("product").
			OrderExpr("revenue DESC, product").Limit(topProducts).Scan(ctx, &top)
		for _, p := range top {
			st.Top = append(st.Top, cifra.ProductSales{Product: p.Product, Units: p.Units, Revenue: p.Revenue})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return st, nil
}
