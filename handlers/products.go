package handlers

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Catalogue is the lab's products. [cifra/lab.Catalogue] is one.
type Catalogue interface {
	// Page returns a page of the products; one past the end is empty. 20 a page where perPage is 0, 100 at most.
	Page(ctx context.Context, page, perPage int) (cifra.Answer[cifra.ProductPage], error)
	// Product returns one product. NotFound where there is none; the answer then still says where that came from.
	Product(ctx context.Context, id int64) (cifra.Answer[cifra.Product], error)
	// Categories returns all categories.
	Categories(ctx context.Context) ([]cifra.Category, error)
	// Add keeps a new product and sets its ID. A refusal has the fields that are wrong.
	Add(ctx context.Context, p *cifra.Product) (cifra.Receipt, error)
	// Set keeps p in the place of the one with its id. NotFound where there is none.
	Set(ctx context.Context, p *cifra.Product) (cifra.Receipt, error)
	// Delete deletes one. NotFound where there is none.
	Delete(ctx context.Context, id int64) (cifra.Receipt, error)
	// Around tells what is remembered of a product, of those beside it, and of the first pages.
	Around(ctx context.Context, id int64) ([]cifra.CacheEntry, error)
}

type productJSON struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	CategoryID string `json:"category_id"`
	Category   string `json:"category"`
	PriceCents int64  `json:"price_cents"`
	Stock      int64  `json:"stock"`
	UpdatedAt  string `json:"updated_at"`
}

func productOf(p cifra.Product) productJSON {
	return productJSON{formatID(p.ID), p.Name, formatID(p.Category.ID), p.Category.Name, p.Price, p.Stock, wireTime(p.UpdatedAt)}
}

type productsJSON struct {
	Items   []productJSON `json:"items"`
	Page    int           `json:"page"`
	PerPage int           `json:"per_page"`
	Total   int64         `json:"total"`
}

func productsOf(p cifra.ProductPage) productsJSON {
	out := productsJSON{Items: make([]productJSON, len(p.Items)), Page: p.Page, PerPage: p.PerPage, Total: p.Total}
	for i, one := range p.Items {
		out.Items[i] = productOf(one)
	}
	return out
}

// GetProducts is a page of the catalogue for programs.
func (s *Site) GetProducts(c echo.Context) error {
	if wantsHTML(c) {
		return see(c, "/lab/products?"+c.QueryString())
	}
	a, err := s.Lab.Catalogue.Page(c.Request().Context(), number(c, "page"), number(c, "per_page"))
	if err != nil {
		return err
	}
	return answerWith(s, c, a, productsOf)
}

// GetProduct is one product for programs.
func (s *Site) GetProduct(c echo.Context) error {
	if wantsHTML(c) {
		return see(c, "/lab/products/"+escape(c.Param("id")))
	}
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	a, err := s.Lab.Catalogue.Product(c.Request().Context(), id)
	if err != nil {
		if cifra.CodeOf(err) == cifra.NotFound {
			s.provenanceHeaders(c, a.Provenance)
		}
		return err
	}
	return answerWith(s, c, a, productOf)
}

// PostProduct keeps a new product; PutProduct keeps one in the place of another.
func (s *Site) PostProduct(c echo.Context) error {
	p, err := readProduct(c, 0)
	if err != nil {
		return err
	}
	r, err := s.Lab.Catalogue.Add(c.Request().Context(), p)
	if fields, ok := formErrors(c, err); ok && wantsHTML(c) {
		return s.showProducts(c, p, fields)
	}
	if err != nil {
		return err
	}
	if wantsHTML(c) {
		return see(c, "/lab/products/"+formatID(p.ID)+"?saved=1")
	}
	c.Response().Header().Set(echo.HeaderLocation, "/api/v1/products/"+formatID(p.ID))
	return changed(c, http.StatusCreated, productOf(*p), r)
}

// PutProduct keeps a product in the place of the one with its id, from a program or from the page's form.
func (s *Site) PutProduct(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	p, err := readProduct(c, id)
	if err != nil {
		return err
	}
	r, err := s.Lab.Catalogue.Set(c.Request().Context(), p)
	if fields, ok := formErrors(c, err); ok && wantsHTML(c) {
		return s.showProduct(c, id, false, p, fields)
	}
	if err != nil {
		return err
	}
	if wantsHTML(c) {
		return see(c, "/lab/products/"+formatID(id)+"?saved=1")
	}
	return changed(c, http.StatusOK, productOf(*p), r)
}

// DeleteProduct deletes a product.
func (s *Site) DeleteProduct(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	r, err := s.Lab.Catalogue.Delete(c.Request().Context(), id)
	if err != nil {
		return err
	}
	if wantsHTML(c) {
		return see(c, "/lab/products")
	}
	return answerJSON(c, http.StatusOK, map[string]any{"invalidated": receiptOf(r)})
}

// readProduct reads what of a product may be set; read-only fields in a body are ignored. A form writes the price with
// a decimal point or comma.
func readProduct(c echo.Context, id int64) (*cifra.Product, error) {
	var in struct {
		Name       string `json:"name"`
		CategoryID string `json:"category_id"`
		PriceCents int64  `json:"price_cents"`
		Stock      int64  `json:"stock"`
	}
	err := readBody(c, &in, func(get func(string) string) {
		in.Name, in.CategoryID = get("name"), get("category_id")
		in.PriceCents, in.Stock = cents(get("price")), whole(get("stock"))
	})
	category, _ := strconv.ParseInt(in.CategoryID, 10, 64) // 0 is no category's id
	return &cifra.Product{ID: id, Category: cifra.Category{ID: category}, Name: in.Name, Price: in.PriceCents, Stock: in.Stock}, err
}

// cents reads a price; -1, which is no price, where it is none.
func cents(text string) int64 {
	v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	if err != nil || v < 0 || v > 1e12 {
		return -1
	}
	return int64(math.Round(v * 100))
}

// whole reads a number; -1 where it is none.
func whole(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// number reads a number of the query; 0 where it isn't there or is none.
func number(c echo.Context, name string) int {
	n, err := strconv.Atoi(c.QueryParam(name))
	if err != nil {
		return 0
	}
	return n
}

// GetProductsPage shows a page of the catalogue.
func (s *Site) GetProductsPage(c echo.Context) error { return s.showProducts(c, nil, nil) }

func (s *Site) showProducts(c echo.Context, entered *cifra.Product, fields map[string]string) error {
	ctx := c.Request().Context()
	a, err := s.Lab.Catalogue.Page(ctx, number(c, "page"), number(c, "per_page"))
	if err != nil {
		return err
	}
	v := views.ProductsView{Head: s.labHead("products"), Answered: s.answered(c, a.Provenance), Page: a.Data, MayEdit: s.mayEdit(c)}
	if v.MayEdit {
		if v.Form.Categories, err = s.Lab.Catalogue.Categories(ctx); err != nil {
			return err
		}
	}
	v.Form.Fields = fields
	if entered != nil {
		v.Form.Product = *entered
	}
	return render(c, statusOfForm(fields), views.Products(s.page(c), v))
}

// GetProductPage shows one product, and after a change what the cache has forgotten for it.
func (s *Site) GetProductPage(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	return s.showProduct(c, id, c.QueryParam("saved") != "", nil, nil)
}

func (s *Site) showProduct(c echo.Context, id int64, saved bool, entered *cifra.Product, fields map[string]string) error {
	ctx := c.Request().Context()
	v := views.ProductView{Head: s.labHead("products"), MayEdit: s.mayEdit(c)}
	var err error
	if saved { // before the page itself asks, and the cache remembers anew
		if v.Around, err = s.Lab.Catalogue.Around(ctx, id); err != nil {
			return err
		}
	}
	a, err := s.Lab.Catalogue.Product(ctx, id)
	if err != nil {
		return err
	}
	v.Answered, v.Product = s.answered(c, a.Provenance), a.Data
	v.Form = views.ProductForm{Product: a.Data, Fields: fields}
	if v.MayEdit {
		if v.Form.Categories, err = s.Lab.Catalogue.Categories(ctx); err != nil {
			return err
		}
	}
	if entered != nil {
		v.Form.Product = *entered
	}
	return render(c, statusOfForm(fields), views.Product(s.page(c), v))
}
