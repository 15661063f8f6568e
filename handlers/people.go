package handlers

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// People is the lab's directory. [cifra/lab.People] is one.
type People interface {
	// Person returns the person with this id. NotFound where there is none; the answer then still says where that came from.
	Person(ctx context.Context, id int64) (cifra.Answer[cifra.Person], error)
	// Save keeps p in the place of who has its id, or as a new person. A refusal has the fields that are wrong.
	Save(ctx context.Context, p *cifra.Person) (created bool, r cifra.Receipt, err error)
	// Around tells what is remembered of a person and of those beside it.
	Around(ctx context.Context, id int64) ([]cifra.CacheEntry, error)
}

// firstPerson is who the page begins with.
const firstPerson = 42

type personJSON struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	City      string `json:"city"`
	UpdatedAt string `json:"updated_at"`
}

func personOf(p cifra.Person) personJSON {
	return personJSON{formatID(p.ID), p.Name, p.Email, p.City, wireTime(p.UpdatedAt)}
}

// GetPerson is a person for programs.
func (s *Site) GetPerson(c echo.Context) error {
	if wantsHTML(c) {
		return see(c, "/lab/people?id="+escape(c.Param("id")))
	}
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	a, err := s.Lab.People.Person(c.Request().Context(), id)
	if err != nil {
		if cifra.CodeOf(err) == cifra.NotFound {
			s.provenanceHeaders(c, a.Provenance)
		}
		return err
	}
	return answerWith(s, c, a, personOf)
}

// PutPerson keeps a person, for programs.
func (s *Site) PutPerson(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	p, err := readPerson(c, id)
	if err != nil {
		return err
	}
	created, r, err := s.Lab.People.Save(c.Request().Context(), p)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return changed(c, status, personOf(*p), r)
}

func readPerson(c echo.Context, id int64) (*cifra.Person, error) {
	var in struct {
		Name  string `json:"name"`
		Email string `json:"email"`
		City  string `json:"city"`
	}
	err := readBody(c, &in, func(get func(string) string) { in.Name, in.Email, in.City = get("name"), get("email"), get("city") })
	return &cifra.Person{ID: id, Name: in.Name, Email: in.Email, City: in.City}, err
}

// GetPeople shows the directory and one person of it.
func (s *Site) GetPeople(c echo.Context) error {
	text := c.QueryParam("id")
	if text == "" {
		text = formatID(firstPerson)
	}
	id, err := parseID(text)
	if err != nil {
		return render(c, http.StatusNotFound, views.People(s.page(c), views.PeopleView{Head: s.labHead("people"), Query: text, Unknown: true}))
	}
	return s.showPerson(c, id, c.QueryParam("saved") != "", nil, nil)
}

// PostPerson keeps a person, from the page's form.
func (s *Site) PostPerson(c echo.Context) error {
	id, err := parseID(c.Param("id"))
	if err != nil {
		return err
	}
	p, err := readPerson(c, id)
	if err != nil {
		return err
	}
	_, _, err = s.Lab.People.Save(c.Request().Context(), p)
	if fields, ok := formErrors(c, err); ok {
		return s.showPerson(c, id, false, p, fields)
	}
	if err != nil {
		return err
	}
	return see(c, "/lab/people?saved=1&id="+formatID(id))
}

// showPerson shows a person, the form to change it, and after a change what the cache has forgotten for it.
func (s *Site) showPerson(c echo.Context, id int64, saved bool, entered *cifra.Person, fields map[string]string) error {
	ctx := c.Request().Context()
	v := views.PeopleView{Head: s.labHead("people"), Query: formatID(id), MayEdit: s.mayEdit(c), Fields: fields}
	var err error
	if saved { // before the page itself asks, and the cache remembers anew
		if v.Around, err = s.Lab.People.Around(ctx, id); err != nil {
			return err
		}
	}
	a, err := s.Lab.People.Person(ctx, id)
	var refusal *cifra.Error
	switch {
	case err == nil:
		v.Person = &a.Data
	case errors.As(err, &refusal) && refusal.Code == cifra.NotFound:
		v.Unknown = true
	default:
		return err
	}
	v.Answered = s.answered(c, a.Provenance)
	if v.Form = (cifra.Person{ID: id}); v.Person != nil {
		v.Form = a.Data
	}
	status := statusOfForm(fields)
	if entered != nil {
		v.Form = *entered
	} else if v.Unknown {
		status = http.StatusNotFound
	}
	return render(c, status, views.People(s.page(c), v))
}
