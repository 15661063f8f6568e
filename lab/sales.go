package lab

import (
	"context"
	"fmt"
	"time"

	"cifra"
	"cifra/cache"
)

// SaleStore keeps sales. [cifra/store.DB] is one.
type SaleStore interface {
	// AddSale keeps a sale of now with its audit row, and sets its ID, Product, Price and At.
	AddSale(ctx context.Context, s *cifra.Sale, a cifra.Audit) error
	// SalesStats returns what a person bought within a period. NotFound where there is no such person.
	SalesStats(ctx context.Context, person int64, period cifra.Period) (*cifra.SalesStats, error)
}

// Sales is what people bought: statistics, remembered by person and period. A sale invalidates every period of its
// person, by their tag, and nobody else's.
type Sales struct {
	c     *cache.Cache
	memo  *cache.Memo[SalesQuery, cifra.SalesStats]
	store SaleStore
	now   func() time.Time
}

// SalesQuery is all on which a statistic depends.
type SalesQuery struct {
	Person int64
	Period cifra.Period
}

const maxQuantity = 1000

func salesTag(person int64) string { return fmt.Sprintf("sales:%d", person) }

// NewSales returns the sales.
func NewSales(c *cache.Cache, p cache.Policy, store SaleStore, now func() time.Time) *Sales {
	s := &Sales{c: c, store: store, now: now}
	s.memo = cache.NewMemo(c, p, s.load,
		cache.Tags[SalesQuery, cifra.SalesStats](func(q SalesQuery) []string { return []string{salesTag(q.Person)} }),
		cache.NotFound[SalesQuery, cifra.SalesStats](isNotFound))
	return s
}

func (s *Sales) load(ctx context.Context, q SalesQuery) (cifra.SalesStats, error) {
	defer cache.Step(ctx, "store")("")
	st, err := s.store.SalesStats(ctx, q.Person, q.Period)
	if err != nil {
		return cifra.SalesStats{}, err
	}
	return *st, nil
}

// Stats returns what a person bought within a period, a month unless it is given.
func (s *Sales) Stats(ctx context.Context, person int64, period cifra.Period) (cifra.Answer[cifra.SalesStats], error) {
	if period == "" {
		period = cifra.PeriodMonth
	}
	if !period.Valid() {
		return cifra.Answer[cifra.SalesStats]{}, field(cifra.Impossible, "period", "error.field.value")
	}
	st, info, err := s.memo.Get(traced(ctx), SalesQuery{person, period})
	return answer(st, info, cifra.SourceDatabase), notFound(info, err)
}

// Add keeps a sale, and makes the cache forget that person's statistics.
func (s *Sales) Add(ctx context.Context, sale *cifra.Sale) (cifra.Receipt, error) {
	v := problems{}
	v.number("quantity", sale.Quantity, 1, maxQuantity)
	if err := v.err(); err != nil {
		return cifra.Receipt{}, err
	}
	a := audit(ctx, cifra.ActionSaleAdd, fmt.Sprintf("user=%d product=%d quantity=%d", sale.PersonID, sale.ProductID, sale.Quantity), s.now())
	if err := s.store.AddSale(ctx, sale, a); err != nil {
		return cifra.Receipt{}, err
	}
	return receipt(s.c.InvalidateTag(ctx, salesTag(sale.PersonID), fmt.Sprintf("sale %d", sale.ID))), nil
}

// Around looks at what is remembered of a person's statistics, and of the next person's.
func (s *Sales) Around(ctx context.Context, person int64) ([]cifra.CacheEntry, error) {
	var args []string
	for _, id := range []int64{person, person + 1} {
		for _, p := range []cifra.Period{cifra.PeriodWeek, cifra.PeriodMonth, cifra.PeriodYear} {
			args = append(args, fmt.Sprintf(`{"Person":%d,"Period":%q}`, id, p))
		}
	}
	return look(ctx, s.c, "sales", args...)
}
