package lab

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"cifra"
)

// What the lab begins with. The people are made up: a first name and two surnames each, in an order that is always the
// same. Nobody is meant.
const (
	examplePeople = 1000
	exampleSales  = 6000
	exampleYear   = 365 * 24 * time.Hour
)

var (
	firstNames = strings.Fields("Ana Bruno Carla Diego Elena Fabio Gloria Hugo Irene Jorge Karina Lucas Marta Nicolás Olga Pablo Raquel " +
		"Sergio Teresa Ulises Vera Walter Ximena Yago Zoe Anna Boris Clara Dmitri Emma Felix Greta Hans Ivan Julia Kenji Léa Marco Nora Oscar")
	surnames = strings.Fields("Álvarez Benítez Castro Domínguez Espinosa Fuentes Gallego Herrera Ibáñez Jiménez Lozano Márquez Navarro Ortega " +
		"Paredes Quiroga Rivas Salinas Torres Vidal Weber Rossi Dubois Tanaka Novák Kowalski Larsson Petrov Silva Moreau")
	cities = strings.Split("Valencia|Salamanca|Bogotá|Buenos Aires|Ciudad de México|Lima|Montevideo|Quito|Santiago de Chile|Heidelberg|"+
		"Bologna|Lyon|Kyoto|Kazan|Porto|Kraków", "|")
	categories = strings.Split("Notebooks|Pens|Paper|Geometry|Paints|Bags|Books|Calculators", "|")
	products   = []string{
		"Squared exercise book|Lined exercise book|Pocket notebook|Sketch book|Ring binder|Spiral pad|Dot-grid journal|Music notebook",
		"Fountain pen|Ballpoint pen|Fine liner|Felt-tip set|Mechanical pencil|Carpenter's pencil|Highlighter|Chalk",
		"Copy paper|Graph paper|Tracing paper|Coloured card|Blotting paper|Squared paper, loose|Envelopes|Sticky notes",
		"Compass|Set square|Protractor|Ruler, 30 cm|Ruler, 15 cm|French curve|Stencil of digits|Tape measure",
		"Watercolours|Gouache|Tempera|Brush set|Palette|Wax crayons|Ink, black|Ink, blue",
		"School bag|Pencil case|Document folder|Tote bag|Tube for drawings|Book strap|Lunch box|Water bottle",
		"Atlas|Dictionary|Table of logarithms|Book of puzzles|Field guide|Grammar|Stories|Cookbook",
		"Pocket calculator|Graphing calculator|Slide rule|Abacus|Solar calculator|Stopwatch|Dice set|Domino set",
	}
)

// Example is what the lab's tables begin with.
type Example struct {
	People     []cifra.Person
	Categories []string
	Products   []cifra.Product // their categories' ids are places in Categories, from 1 on
	Sales      []cifra.Sale    // their products' ids are places in Products, from 1 on
}

// NewExample returns the example data as of now, always the same but for the times.
func NewExample(now time.Time) Example {
	r := rand.New(rand.NewPCG(7, 28)) //nolint:gosec // it must be the same each time
	x := Example{Categories: categories}
	for id := int64(1); id <= examplePeople; id++ {
		first, last := firstNames[r.IntN(len(firstNames))], surnames[r.IntN(len(surnames))]
		x.People = append(x.People, cifra.Person{
			ID: id, Name: first + " " + last + " " + surnames[r.IntN(len(surnames))], City: cities[r.IntN(len(cities))],
			Email: fmt.Sprintf("person%d@mail.example", id), UpdatedAt: now,
		})
	}
	for c, list := range products {
		for name := range strings.SplitSeq(list, "|") {
			x.Products = append(x.Products, cifra.Product{
				Category: cifra.Category{ID: int64(c + 1)}, Name: name, Price: 95 + 5*r.Int64N(600), Stock: r.Int64N(400), UpdatedAt: now,
			})
		}
	}
	for range exampleSales {
		back := time.Duration(float64(exampleYear) * r.Float64() * r.Float64()) // more of late
		x.Sales = append(x.Sales, cifra.Sale{
			PersonID: 1 + r.Int64N(examplePeople), ProductID: 1 + r.Int64N(int64(len(x.Products))), Quantity: 1 + r.Int64N(5), At: now.Add(-back),
		})
	}
	return x
}
