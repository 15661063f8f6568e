package lab

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cifra"
	"cifra/cache"
)

// ProductStore keeps the catalogue. [cifra/store.DB] is one.
type ProductStore interface {
	// Products returns a page, in the order of the ids; one past the end is empty.
	Products(ctx context.Context, page, perPage int) (cifra.ProductPage, error)
	// Product returns one product, or NotFound.
	Product(ctx context.Context, id int64) (*cifra.Product, error)
	// Categories returns all categories.
	Categories(ctx context.Context) ([]cifra.Category, error)
	// AddProduct keeps a new product with its audit row, and sets its ID.
	AddProduct(ctx context.Context, p *cifra.Product, a cifra.Audit) error
	// SetProduct keeps p in the place of the one with its id. NotFound where there is none.
	SetProduct(ctx context.Context, p *cifra.Product, a cifra.Audit) error
	// DeleteProduct deletes one. NotFound where there is none.
	DeleteProduct(ctx context.Context, id int64, a cifra.Audit) error
}

// Catalogue is the products: pages of a joined list, remembered by their query, and single ones, by id.
// A change invalidates every page, by their tag, and that one product.
type Catalogue struct {
	c     *cache.Cache
	pages *cache.Memo[ProductQuery, cifra.ProductPage]
	items *cache.Memo[int64, cifra.Product]
	store ProductStore
	now   func() time.Time
}

// ProductQuery is all on which a page of the catalogue depends.
type ProductQuery struct{ Page, PerPage int }

const (
	productsTag = "products"
	maxPrice    = 100_000_000 // cents
	maxStock    = 1_000_000
	perPage     = 20
	mostPerPage = 100
	// lastPage bounds the page's number: further ones are as empty as this one, and share its entry.
	lastPage = 1_000_000
)

// NewCatalogue returns the catalogue; pages and items are its policies.
func NewCatalogue(c *cache.Cache, pages, items cache.Policy, store ProductStore, now func() time.Time) *Catalogue {
	k := &Catalogue{c: c, store: store, now: now}
	k.pages = cache.NewMemo(c, pages, k.loadPage, cache.Tags[ProductQuery, cifra.ProductPage](func(ProductQuery) []string {
		return []string{productsTag}
	}))
	k.items = cache.NewMemo(c, items, k.loadItem, cache.NotFound[int64, cifra.Product](isNotFound))
	return k
}

func (k *Catalogue) loadPage(ctx context.Context, q ProductQuery) (cifra.ProductPage, error) {
	defer cache.Step(ctx, "store")("")
	return k.store.Products(ctx, q.Page, q.PerPage)
}

func (k *Catalogue) loadItem(ctx context.Context, id int64) (cifra.Product, error) {
	defer cache.Step(ctx, "store")("")
	p, err := k.store.Product(ctx, id)
	if err != nil {
		return cifra.Product{}, err
	}
	return *p, nil
}

// query is the page that is meant: 20 products unless asked, 100 at most.
func query(page, per int) ProductQuery {
	if per <= 0 {
		per = perPage
	}
	return ProductQuery{Page: min(max(page, 1), lastPage), PerPage: min(per, mostPerPage)}
}

// Page returns a page of the catalogue. Pages count from 1; one past the end is empty.
func (k *Catalogue) Page(ctx context.Context, page, perPage int) (cifra.Answer[cifra.ProductPage], error) {
	p, info, err := k.pages.Get(traced(ctx), query(page, perPage))
	return answer(p, info, cifra.SourceDatabase), err
}

// Product returns one product, or NotFound.
func (k *Catalogue) Product(ctx context.Context, id int64) (cifra.Answer[cifra.Product], error) {
	p, info, err := k.items.Get(traced(ctx), id)
	return answer(p, info, cifra.SourceDatabase), notFound(info, err)
}

// Categories returns all categories, from the database.
func (k *Catalogue) Categories(ctx context.Context) ([]cifra.Category, error) {
	return k.store.Categories(ctx)
}

// Add keeps a new product. The pages are forgotten, and that there was none with its id.
func (k *Catalogue) Add(ctx context.Context, p *cifra.Product) (cifra.Receipt, error) {
	if err := checkProduct(p); err != nil {
		return cifra.Receipt{}, err
	}
	if err := k.store.AddProduct(ctx, p, audit(ctx, cifra.ActionProductAdd, p.Name, k.now())); err != nil {
		return cifra.Receipt{}, err
	}
	return k.forget(ctx, p.ID, "added"), nil
}

// Set keeps p in the place of the product with its id. The pages and that product are forgotten.
func (k *Catalogue) Set(ctx context.Context, p *cifra.Product) (cifra.Receipt, error) {
	if err := checkProduct(p); err != nil {
		return cifra.Receipt{}, err
	}
	if err := k.store.SetProduct(ctx, p, audit(ctx, cifra.ActionProductSet, fmt.Sprintf("id=%d", p.ID), k.now())); err != nil {
		return cifra.Receipt{}, err
	}
	return k.forget(ctx, p.ID, "changed"), nil
}

// Delete deletes a product. The pages and that product are forgotten.
func (k *Catalogue) Delete(ctx context.Context, id int64) (cifra.Receipt, error) {
	if err := k.store.DeleteProduct(ctx, id, audit(ctx, cifra.ActionProductDelete, fmt.Sprintf("id=%d", id), k.now())); err != nil {
		return cifra.Receipt{}, err
	}
	return k.forget(ctx, id, "deleted"), nil
}

// forget invalidates what a change of one product outdates. The receipt is that of the pages.
func (k *Catalogue) forget(ctx context.Context, id int64, how string) cifra.Receipt {
	why := fmt.Sprintf("product %d was %s", id, how)
	k.items.Invalidate(ctx, id, cache.Because(why))
	return receipt(k.c.InvalidateTag(ctx, productsTag, why))
}

// Around looks at what is remembered of a product, of its neighbours, and of the first pages.
func (k *Catalogue) Around(ctx context.Context, id int64) ([]cifra.CacheEntry, error) {
	pages, err := look(ctx, k.c, "products", `{"Page":1,"PerPage":20}`, `{"Page":2,"PerPage":20}`)
	if err != nil {
		return nil, err
	}
	var args []string
	for n := max(1, id-1); n <= id+1; n++ {
		args = append(args, strconv.FormatInt(n, 10))
	}
	items, err := look(ctx, k.c, "product", args...)
	return append(items, pages...), err
}

func checkProduct(p *cifra.Product) error {
	p.Name = strings.TrimSpace(p.Name)
	v := problems{}
	v.text("name", p.Name, 1, maxName)
	v.number("price", p.Price, 0, maxPrice)
	v.number("stock", p.Stock, 0, maxStock)
	return v.err()
}
