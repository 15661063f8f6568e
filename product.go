package cifra

import "time"

// Category is what a product belongs to.
type Category struct {
	ID   int64
	Name string
}

// Product is one thing of the cache lab's catalogue.
type Product struct {
	ID        int64
	Category  Category
	Name      string // 1 to 100 characters
	Price     int64  // in cents
	Stock     int64
	UpdatedAt time.Time
}

// ProductPage is one page of the catalogue, in the order of the ids.
type ProductPage struct {
	Items   []Product
	Page    int // from 1 on; one past the end is empty
	PerPage int
	Total   int64
}

// Pages is how many pages there are, 1 at least.
func (p ProductPage) Pages() int {
	if p.PerPage < 1 {
		return 1
	}
	return max(1, int((p.Total+int64(p.PerPage)-1)/int64(p.PerPage)))
}
