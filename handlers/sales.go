package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Sales is what the lab's people bought. [cifra/lab.Sales] is one.
type Sales interface {
	// Stats returns what a person bought within a period, a month where that is "". NotFound where there is no such
	// person; Impossible, with the field "period", where there is no such period.
	Stats(ctx context.Context, person int64, period cifra.Period) (cifra.Answer[cifra.SalesStats], error)
	// Add keeps a sale and sets what is known of it. A refusal has the fields that are wrong.
	Add(ctx context.Context, s *cifra.Sale) (cifra.Receipt, error)
	// Around tells what is remembered of a person's statistics, and of the next person's.
	Around(ctx context.Context, person int64) ([]cifra.CacheEntry, error)
}

type salesJSON struct {
	UserID       string        `json:"user_id"`
	Period       cifra.Period  `json:"period"`
	Since        *string       `json:"since"` // null for all
	Sales        int64         `json:"sales"`
	Units        int64         `json:"units"`
	RevenueCents int64         `json:"revenue_cents"`
	Top          []productSold `json:"top"`
}

type productSold struct {
	Product      string `json:"product"`
	Units        int64  `json:"units"`
	RevenueCents int64  `json:"revenue_cents"`
}

// GetSales is a person's statistics for programs.
func (s *Site) GetSales(c echo.Context) error {
	if wantsHTML(c) {
		return see(c, "/lab/sales?"+c.QueryString())
	}
	id, err := parseID(c.QueryParam("user_id"))
	if err != nil {
		return err
	}
	a, err := s.Lab.Sales.Stats(c.Request().Context(), id, cifra.Period(c.QueryParam("period")))
	if err != nil {
		if cifra.CodeOf(err) == cifra.NotFound {
			s.provenanceHeaders(c, a.Provenance)
		}
		return err
	}
	return answerWith(s, c, a, salesOf)
}

func salesOf(d cifra.SalesStats) salesJSON {
	out := salesJSON{UserID: formatID(d.PersonID), Period: d.Period, Sales: d.Sales, Units: d.Units, RevenueCents: d.Revenue, Top: []productSold{}}
	if !d.Since.IsZero() {
		since := wireTime(d.Since)
		out.Since = &since
	}
	for _, t := range d.Top {
		out.Top = append(out.Top, productSold{t.Product, t.Units, t.Revenue})
	}
	return out
}

// PostSale keeps a sale, from a program or from the page's form.
func (s *Site) PostSale(c echo.Context) error {
	var in struct {
		UserID    string `json:"user_id"`
		ProductID string `json:"product_id"`
		Quantity  *int64 `json:"quantity"`
		Period    string `json:"-"`
	}
	err := readBody(c, &in, func(get func(string) string) {
		n := whole(get("quantity"))
		in.UserID, in.ProductID, in.Quantity, in.Period = get("user_id"), get("product_id"), &n, get("period")
	})
	if err != nil {
		return err
	}
	one := int64(1)
	if in.Quantity == nil {
		in.Quantity = &one
	}
	sale := cifra.Sale{Quantity: *in.Quantity}
	sale.PersonID, _ = strconv.ParseInt(in.UserID, 10, 64) // 0 is nobody's id, nor a product's
	sale.ProductID, _ = strconv.ParseInt(in.ProductID, 10, 64)
	r, err := s.Lab.Sales.Add(c.Request().Context(), &sale)
	if fields, ok := formErrors(c, err); ok && wantsHTML(c) {
		return s.showSales(c, sale.PersonID, cifra.Period(in.Period), false, &sale, fields)
	}
	if err != nil {
		return err
	}
	if wantsHTML(c) {
		return see(c, "/lab/sales?saved=1&user_id="+formatID(sale.PersonID)+"&period="+escape(in.Period))
	}
	return changed(c, http.StatusCreated, map[string]any{
		"id": formatID(sale.ID), "user_id": formatID(sale.PersonID), "product_id": formatID(sale.ProductID), "product": sale.Product,
		"quantity": sale.Quantity, "price_cents": sale.Price, "at": wireTime(sale.At),
	}, r)
}

// GetSalesPage shows a person's statistics.
func (s *Site) GetSalesPage(c echo.Context) error {
	text := c.QueryParam("user_id")
	if text == "" {
		text = formatID(firstPerson)
	}
	id, err := parseID(text)
	if err != nil {
		return err
	}
	return s.showSales(c, id, cifra.Period(c.QueryParam("period")), c.QueryParam("saved") != "", nil, nil)
}

func (s *Site) showSales(c echo.Context, person int64, period cifra.Period, saved bool, entered *cifra.Sale, fields map[string]string) error {
	ctx := c.Request().Context()
	if period == "" {
		period = cifra.PeriodMonth
	}
	v := views.SalesView{Head: s.labHead("sales"), Person: person, Period: period, MayBuy: s.mayBuy(c), Fields: fields, Product: 1, Quantity: 1}
	if entered != nil {
		v.Product, v.Quantity = entered.ProductID, entered.Quantity
	}
	var err error
	if saved { // before the page itself asks, and the cache remembers anew
		if v.Around, err = s.Lab.Sales.Around(ctx, person); err != nil {
			return err
		}
	}
	a, err := s.Lab.Sales.Stats(ctx, person, period)
	if err != nil {
		return err
	}
	v.Answered, v.Stats = s.answered(c, a.Provenance), a.Data
	return render(c, statusOfForm(fields), views.Sales(s.page(c), v))
}
