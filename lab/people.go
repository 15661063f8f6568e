package lab

import (
	"context"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cifra"
	"cifra/cache"
)

// PersonStore keeps people. [cifra/store.DB] is one.
type PersonStore interface {
	// Person returns the person with this id, or NotFound.
	Person(ctx context.Context, id int64) (*cifra.Person, error)
	// SavePerson keeps p in the place of who has its id, with an audit row; created where nobody had it.
	SavePerson(ctx context.Context, p *cifra.Person, a cifra.Audit) (created bool, err error)
}

// People is the directory: records of the database, remembered by id. Nobody by an id is remembered too, for a short
// time, until somebody is created with it.
type People struct {
	c     *cache.Cache
	memo  *cache.Memo[int64, cifra.Person]
	store PersonStore
	now   func() time.Time
}

// NewPeople returns the directory.
func NewPeople(c *cache.Cache, p cache.Policy, store PersonStore, now func() time.Time) *People {
	d := &People{c: c, store: store, now: now}
	d.memo = cache.NewMemo(c, p, d.load, cache.NotFound[int64, cifra.Person](isNotFound))
	return d
}

func (d *People) load(ctx context.Context, id int64) (cifra.Person, error) {
	defer cache.Step(ctx, "store")("")
	p, err := d.store.Person(ctx, id)
	if err != nil {
		return cifra.Person{}, err
	}
	return *p, nil
}

// Person returns the person with this id. The answer of a NotFound says where that came from, too.
func (d *People) Person(ctx context.Context, id int64) (cifra.Answer[cifra.Person], error) {
	p, info, err := d.memo.Get(traced(ctx), id)
	return answer(p, info, cifra.SourceDatabase), notFound(info, err)
}

// Save keeps p in the place of who has its id, or as a new person, and makes the cache forget that record, and no other.
func (d *People) Save(ctx context.Context, p *cifra.Person) (created bool, r cifra.Receipt, err error) {
	if err := checkPerson(p); err != nil {
		return false, r, err
	}
	created, err = d.store.SavePerson(ctx, p, audit(ctx, cifra.ActionPersonSave, fmt.Sprintf("id=%d", p.ID), d.now()))
	if err != nil {
		return false, r, err
	}
	return created, receipt(d.memo.Invalidate(ctx, p.ID, cache.Because(fmt.Sprintf("person %d was saved", p.ID)))), nil
}

// Around looks at what is remembered of a person and of the two beside it.
func (d *People) Around(ctx context.Context, id int64) ([]cifra.CacheEntry, error) {
	var args []string
	for n := max(1, id-1); n <= id+1; n++ {
		args = append(args, strconv.FormatInt(n, 10))
	}
	return look(ctx, d.c, "people", args...)
}

const maxName = 100

func checkPerson(p *cifra.Person) error {
	p.Name, p.Email, p.City = strings.TrimSpace(p.Name), strings.TrimSpace(p.Email), strings.TrimSpace(p.City)
	v := problems{}
	v.text("name", p.Name, 1, maxName)
	v.text("city", p.City, 0, maxName)
	v.text("email", p.Email, 0, 254)
	if a, err := mail.ParseAddress(p.Email); p.Email != "" && (err != nil || a.Address != p.Email) {
		v.add("email", cifra.Impossible, "error.lab.email")
	}
	return v.err()
}

// problems are what is wrong with fields, by name.
type problems map[string]*cifra.Error

func (v problems) add(name string, code cifra.Code, key string, pairs ...any) {
	if v[name] == nil {
		v[name] = cifra.E(code, key, append([]any{"Field", name}, pairs...)...)
	}
}

// text holds a text to the fewest and the most characters that it may have.
func (v problems) text(name, s string, least, most int) {
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s):
		v.add(name, cifra.Invalid, "error.lab.utf8")
	case n == 0 && least > 0:
		v.add(name, cifra.Invalid, "error.field.missing")
	case n > most:
		v.add(name, cifra.Impossible, "error.lab.text.long", "Limit", most)
	}
}

// number holds a number to its limits.
func (v problems) number(name string, n, least, most int64) {
	if n < least || n > most {
		v.add(name, cifra.Impossible, "error.lab.number", "Min", least, "Max", most)
	}
}

// err returns what is wrong as one error, nil where nothing is. A field that is missing makes it Invalid.
func (v problems) err() error {
	if len(v) == 0 {
		return nil
	}
	e := cifra.E(cifra.Impossible, "error.lab.fields")
	for _, f := range v {
		if f.Code == cifra.Invalid {
			e.Code = cifra.Invalid
		}
	}
	e.Fields = v
	return e
}
