package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"cifra"
)

// Example is the data that the cache lab begins with.
type Example struct {
	People     []cifra.Person
	Categories []string
	Products   []cifra.Product // their categories' ids are places in Categories, from 1 on
	Sales      []cifra.Sale    // their products' ids are places in Products, from 1 on
}

// exampleBatch is how many rows one statement inserts: SQLite takes 32,766 values at most.
const exampleBatch = 1000

// exampleTime is how long the example data may take, other instances that wait for it included.
const exampleTime = time.Minute

// AddExample fills the lab's tables, where there is nobody in them yet; it reports whether that was so. Of several
// instances that start at once one does it. It belongs to the program's start, which a slow disk delays and doesn't end.
func (db *DB) AddExample(ctx context.Context, x Example) (added bool, err error) {
	err = db.changeWithin(ctx, exampleTime, "add example data", func(ctx context.Context, t *tx) error {
		if err := t.alone(ctx, "people"); err != nil {
			return err
		}
		there, err := t.NewSelect().Model((*personRow)(nil)).Exists(ctx)
		if err != nil || there {
			return err
		}
		added = true
		return t.addExample(ctx, x)
	})
	return added && err == nil, err
}

// ResetExample puts the example data in the place of all that is in the lab's tables, with an audit row.
func (db *DB) ResetExample(ctx context.Context, x Example, a cifra.Audit) error {
	return db.changeWithin(ctx, exampleTime, "reset example data", func(ctx context.Context, t *tx) error {
		if err := t.alone(ctx, "people"); err != nil {
			return err
		}
		statements := []string{"TRUNCATE sales, products, categories, people RESTART IDENTITY"}
		if !db.isPostgres() {
			statements = []string{
				"DELETE FROM sales", "DELETE FROM products", "DELETE FROM categories", "DELETE FROM people",
				"DELETE FROM sqlite_sequence WHERE name IN ('sales', 'products', 'categories', 'people')",
			}
		}
		for _, s := range statements {
			if _, err := t.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		if err := t.addExample(ctx, x); err != nil {
			return err
		}
		return t.audit(ctx, a)
	})
}

func (t *tx) addExample(ctx context.Context, x Example) error {
	var people []personRow
	for i := range x.People {
		people = append(people, newPersonRow(&x.People[i]))
	}
	var categories []categoryRow
	for _, name := range x.Categories {
		categories = append(categories, categoryRow{Name: clean(name)})
	}
	if err := insertAll(ctx, t, people); err != nil {
		return err
	}
	if err := insertAll(ctx, t, categories); err != nil {
		return err
	}
	var products []productRow
	for _, p := range x.Products {
		products = append(products, productRow{
			CategoryID: categories[p.Category.ID-1].ID, Name: clean(p.Name), Price: p.Price, Stock: p.Stock, UpdatedAt: stamp(p.UpdatedAt),
		})
	}
	if err := insertAll(ctx, t, products); err != nil {
		return err
	}
	var sales []saleRow
	for _, s := range x.Sales {
		p := products[s.ProductID-1]
		sales = append(sales, saleRow{
			PersonID: s.PersonID, ProductID: &p.ID, Product: p.Name, Quantity: s.Quantity, Price: p.Price, At: stamp(s.At),
		})
	}
	return insertAll(ctx, t, sales)
}

// insertAll inserts rows some at a time, and sets the ids that the database gives them.
func insertAll[R any](ctx context.Context, q bun.IDB, rows []R) error {
	for len(rows) > 0 {
		part := rows[:min(len(rows), exampleBatch)]
		if _, err := q.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
		rows = rows[len(part):]
	}
	return nil
}
