package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

type categoryRow struct {
	bun.BaseModel `bun:"table:categories"`

	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name"`
}

type productRow struct {
	bun.BaseModel `bun:"table:products"`

	ID         int64     `bun:"id,pk,autoincrement"`
	CategoryID int64     `bun:"category_id"`
	Category   string    `bun:"category,scanonly"`
	Name       string    `bun:"name"`
	Price      int64     `bun:"price"`
	Stock      int64     `bun:"stock"`
	UpdatedAt  time.Time `bun:"updated_at"`
}

func (r *productRow) product() cifra.Product {
	return cifra.Product{
		ID: r.ID, Category: cifra.Category{ID: r.CategoryID, Name: r.Category}, Name: r.Name, Price: r.Price, Stock: r.Stock,
		UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// withCategory selects products with the names of their categories.
func withCategory(s *bun.SelectQuery) *bun.SelectQuery {
	return s.ColumnExpr("product_row.*").ColumnExpr("c.name AS category").Join("JOIN categories AS c ON c.id = product_row.category_id")
}

// Products returns a page of the catalogue, in the order of the ids. Pages count from 1; one past the end is empty.
// perPage is 20 where it isn't given, 100 at most.
func (db *DB) Products(ctx context.Context, page, perPage int) (cifra.ProductPage, error) {
	p := cifra.ProductPage{Items: []cifra.Product{}, Page: max(1, page), PerPage: pageSize(perPage)}
	var rows []productRow
	err := db.view(ctx, "products", func(ctx context.Context, q bun.IDB) error {
		count, err := q.NewSelect().Model((*productRow)(nil)).Count(ctx)
		if err != nil {
			return err
		}
		p.Total = count
		if int64(p.Page-1) >= count { // more pages than products: a product of the two could be too large a number
			return nil
		}
		return withCategory(q.NewSelect().Model(&rows)).Order("product_row.id").
			Limit(int64(p.PerPage)).Offset(int64(p.Page-1) * int64(p.PerPage)).Scan(ctx)
	})
	for i := range rows {
		p.Items = append(p.Items, rows[i].product())
	}
	return p, err
}

// Product returns the product with this id, or NotFound.
func (db *DB) Product(ctx context.Context, id int64) (*cifra.Product, error) {
	var r productRow
	err := db.view(ctx, "product", func(ctx context.Context, q bun.IDB) error {
		return withCategory(q.NewSelect().Model(&r)).Where("product_row.id = ?", id).Scan(ctx)
	})
	if err != nil {
		return nil, err
	}
	p := r.product()
	return &p, nil
}

// Categories returns all categories, in the order of their names.
func (db *DB) Categories(ctx context.Context) ([]cifra.Category, error) {
	var rows []categoryRow
	err := db.view(ctx, "categories", func(ctx context.Context, q bun.IDB) error {
		return q.NewSelect().Model(&rows).Order("name").Scan(ctx)
	})
	var list []cifra.Category
	for _, r := range rows {
		list = append(list, cifra.Category{ID: r.ID, Name: r.Name})
	}
	return list, err
}

// AddProduct keeps a new product with its audit row, and sets its ID, its category's name and UpdatedAt.
// Impossible, with the field "category_id", where there is no such category.
func (db *DB) AddProduct(ctx context.Context, p *cifra.Product, a cifra.Audit) error {
	return db.change(ctx, "add product", func(ctx context.Context, t *tx) error {
		row, err := t.productRow(ctx, p)
		if err != nil {
			return err
		}
		if _, err := t.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		p.ID = row.ID
		a.Details = fmt.Sprintf("id=%d %s", p.ID, a.Details)
		return t.audit(ctx, a)
	})
}

// SetProduct keeps p in the place of the product with its id, with an audit row. NotFound where there is none;
// otherwise as [DB.AddProduct].
func (db *DB) SetProduct(ctx context.Context, p *cifra.Product, a cifra.Audit) error {
	return db.change(ctx, "set product", func(ctx context.Context, t *tx) error {
		row, err := t.productRow(ctx, p)
		if err != nil {
			return err
		}
		row.ID = p.ID
		res, err := t.NewUpdate().Model(row).Column("category_id", "name", "price", "stock", "updated_at").WherePK().Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return fmt.Errorf("rows: %w", err)
		} else if n == 0 {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		return t.audit(ctx, a)
	})
}

// productRow is p as it will lie there, with the category's name told to p.
func (t *tx) productRow(ctx context.Context, p *cifra.Product) (*productRow, error) {
	var c []categoryRow
	if err := t.NewSelect().Model(&c).Where("id = ?", p.Category.ID).Scan(ctx); err != nil {
		return nil, err
	}
	if len(c) == 0 {
		e := cifra.E(cifra.Impossible, "error.field.value", "Field", "category_id")
		e.Fields = map[string]*cifra.Error{"category_id": cifra.E(cifra.Impossible, "error.field.value", "Field", "category_id")}
		return nil, e
	}
	p.Category.Name, p.UpdatedAt = c[0].Name, stamp(t.db.now())
	return &productRow{CategoryID: c[0].ID, Name: clean(p.Name), Price: p.Price, Stock: p.Stock, UpdatedAt: p.UpdatedAt}, nil
}

// DeleteProduct deletes a product, with an audit row. Its sales stay. NotFound where there is none with this id.
func (db *DB) DeleteProduct(ctx context.Context, id int64, a cifra.Audit) error {
	return db.change(ctx, "delete product", func(ctx context.Context, t *tx) error {
		res, err := t.NewDelete().Model((*productRow)(nil)).Where("id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return fmt.Errorf("rows: %w", err)
		} else if n == 0 {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		return t.audit(ctx, a)
	})
}
