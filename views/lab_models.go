package views

import "cifra"

// AnsweredView is where an answer of the lab came from, beside the answer itself.
type AnsweredView struct {
	Provenance cifra.Provenance
	Headers    []string // of the answer, as they went out
}

// PeopleView is the directory with one person.
type PeopleView struct {
	Head     LabHead
	Query    string // what was looked up
	Unknown  bool   // nobody has that id
	Person   *cifra.Person
	Answered AnsweredView // without an outcome where nothing was asked
	Around   []cifra.CacheEntry
	MayEdit  bool
	Form     cifra.Person
	Fields   map[string]string // errors by field, said already
}

// UniversitiesView is the universities' service.
type UniversitiesView struct {
	Head          LabHead
	Country, Name string
	Countries     []string // to try
	Gone          string   // the service is gone and nothing remembered, said already; "" else
	Answered      AnsweredView
	List          []cifra.University
	Fields        map[string]string
}

// ProductsView is one page of the catalogue.
type ProductsView struct {
	Head     LabHead
	Answered AnsweredView
	Page     cifra.ProductPage
	MayEdit  bool
	Form     ProductForm // for a new one
}

// ProductView is one product.
type ProductView struct {
	Head     LabHead
	Answered AnsweredView
	Product  cifra.Product
	Around   []cifra.CacheEntry
	MayEdit  bool
	Form     ProductForm
}

// ProductForm is the form that changes a product, or makes one.
type ProductForm struct {
	Product    cifra.Product
	Categories []cifra.Category
	Fields     map[string]string
}

// SalesView is what one person bought.
type SalesView struct {
	Head     LabHead
	Person   int64
	Period   cifra.Period
	Answered AnsweredView
	Stats    cifra.SalesStats
	Around   []cifra.CacheEntry
	MayBuy   bool
	Product  int64 // in the form
	Quantity int64
	Fields   map[string]string
}

// cost is what making an answer took, remembered or not.
func cost(p cifra.Provenance) (made bool, took int64) {
	if p.Cached() {
		return p.Saved > 0, int64(p.Took + p.Saved)
	}
	return true, int64(p.Took)
}
