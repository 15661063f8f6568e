package cifra

import "time"

// Sale is something that a person bought.
type Sale struct {
	ID        int64
	PersonID  int64
	ProductID int64  // 0 where the product is gone
	Product   string // its name, as it was then
	Quantity  int64
	Price     int64 // of one, in cents, as it was then
	At        time.Time
}

// Period is how far back a statistic looks.
type Period string

// The periods. Each ends now.
const (
	PeriodDay   Period = "day"
	PeriodWeek  Period = "week"
	PeriodMonth Period = "month" // 30 days
	PeriodYear  Period = "year"  // 365 days
	PeriodAll   Period = "all"
)

// Periods returns all periods, the shortest first.
func Periods() []Period {
	return []Period{PeriodDay, PeriodWeek, PeriodMonth, PeriodYear, PeriodAll}
}

// Valid reports whether p is one of them.
func (p Period) Valid() bool { return p == PeriodAll || p.Length() > 0 }

// Length is how long p is; 0 for all, and for what is no period.
func (p Period) Length() time.Duration {
	const day = 24 * time.Hour
	switch p {
	case PeriodDay:
		return day
	case PeriodWeek:
		return 7 * day
	case PeriodMonth:
		return 30 * day
	case PeriodYear:
		return 365 * day
	case PeriodAll:
	}
	return 0
}

// SalesStats is what one person bought within a period.
type SalesStats struct {
	PersonID int64
	Period   Period
	Since    time.Time // zero for all
	Sales    int64
	Units    int64
	Revenue  int64 // in cents
	Top      []ProductSales
}

// ProductSales is one product's part in [SalesStats].
type ProductSales struct {
	Product string
	Units   int64
	Revenue int64 // in cents
}
