package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// answered is what a page shows of where an answer came from, once its headers are set.
func (s *Site) answered(c echo.Context, p cifra.Provenance) views.AnsweredView {
	s.provenanceHeaders(c, p)
	return views.AnsweredView{Provenance: p, Headers: shownHeaders(c)}
}

// LabEditor lets those pass who may change the lab's data: admins, and in demo mode everybody.
func (s *Site) LabEditor(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch u := actor(c).User; {
		case s.mayEdit(c):
			return next(c)
		case u == nil:
			return cifra.E(cifra.Unsigned, "error.unsigned")
		default:
			return cifra.E(cifra.Denied, "error.denied")
		}
	}
}

// LabBuyer lets those pass who may buy in the lab: who is signed in, and in demo mode everybody.
func (s *Site) LabBuyer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !s.mayBuy(c) {
			return cifra.E(cifra.Unsigned, "error.unsigned")
		}
		return next(c)
	}
}

func (s *Site) mayEdit(c echo.Context) bool { return s.Demo || actor(c).User.IsAdmin() }

func (s *Site) mayBuy(c echo.Context) bool { return s.Demo || actor(c).User != nil }

// receiptJSON is what an invalidation did.
type receiptJSON struct {
	Seq       int64         `json:"seq"`
	Entries   int           `json:"entries"`
	Instances []appliedJSON `json:"instances"`
}

type appliedJSON struct {
	Name      string   `json:"name"`
	AppliedMS *float64 `json:"applied_ms"` // null where nothing was heard of it
}

func receiptOf(r cifra.Receipt) receiptJSON {
	out := receiptJSON{Seq: r.Seq, Entries: r.Entries, Instances: []appliedJSON{}}
	for _, i := range r.Instances {
		a := appliedJSON{Name: i.Name}
		if i.After >= 0 {
			ms := cifra.Milliseconds(i.After)
			a.AppliedMS = &ms
		}
		out.Instances = append(out.Instances, a)
	}
	return out
}

// changed answers a program whose change has outdated something.
func changed(c echo.Context, status int, data any, r cifra.Receipt) error {
	return answerJSON(c, status, map[string]any{"data": data, "invalidated": receiptOf(r)})
}

// formErrors says what is wrong with the fields of a form; ok is false where err is no such thing.
func formErrors(c echo.Context, err error) (fields map[string]string, ok bool) {
	refusal, ok := refusalOf(err)
	if !ok {
		return nil, false
	}
	fields = map[string]string{}
	for name, e := range refusal.Fields {
		fields[name] = words(c).Error(e)
	}
	return fields, true
}

// statusOfForm is the status of a page that may show a form again.
func statusOfForm(fields map[string]string) int {
	if len(fields) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
