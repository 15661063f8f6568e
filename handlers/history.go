package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// History is what somebody has kept. [cifra/predict.Service] is one. Each method is about the asker's own.
type History interface {
	// History returns a page, newest first, with thumbnails. next is the next page's cursor, "" on the last one.
	History(ctx context.Context, f cifra.HistoryFilter, cursor string, perPage int) (items []cifra.Recognition, next string, err error)
	// DeleteSome deletes those of the predictions that are the asker's, and returns how many they were.
	DeleteSome(ctx context.Context, ids []string) (int, error)
	// DeleteAll deletes everything, and returns how many predictions that were.
	DeleteAll(ctx context.Context) (int, error)
	// Share opens a prediction to whoever has its address, or closes it. NotFound where it is not the asker's.
	Share(ctx context.Context, id string, shared bool) error
}

// historyParameters are what the address of a history may filter by.
var historyParameters = []string{"digit", "model", "source", "said", "from", "until"}

// predictionSources are where a prediction may have come from.
var predictionSources = []cifra.Source{cifra.SourceModel, cifra.SourceCache}

// historyFilter reads the filter of the address. Empty values, as a form sends them, ask for nothing. Days are those of
// UTC, and until is the last day that counts.
func historyFilter(c echo.Context) (f cifra.HistoryFilter, err error) {
	if v := c.QueryParam("digit"); v != "" {
		d, err := strconv.Atoi(v)
		if err != nil || d < 0 || d > 9 {
			return f, impossible("digit")
		}
		f.Digit = &d
	}
	switch v := c.QueryParam("model"); {
	case cifra.API(v).Valid():
		f.API = cifra.API(v)
	case len(v) > 64:
		return f, impossible("model")
	default:
		f.Model = v
	}
	if f.Source = cifra.Source(c.QueryParam("source")); f.Source != "" && !slices.Contains(predictionSources, f.Source) {
		return f, impossible("source")
	}
	if f.Said = cifra.Said(c.QueryParam("said")); !f.Said.Valid() {
		return f, impossible("said")
	}
	if f.From, err = day(c, "from"); err != nil {
		return f, err
	}
	if f.Until, err = day(c, "until"); err == nil && !f.Until.IsZero() {
		f.Until = f.Until.AddDate(0, 0, 1)
	}
	return f, err
}

// GetHistory shows the asker's own predictions: a page, or a list for programs.
func (s *Site) GetHistory(c echo.Context) error {
	filter, err := historyFilter(c)
	if err != nil {
		return err
	}
	perPage, err := perPage(c)
	if err != nil {
		return err
	}
	items, next, err := s.History.History(c.Request().Context(), filter, c.QueryParam("after"), perPage)
	if err != nil {
		return err
	}
	if !wantsHTML(c) {
		wire := make([]keptJSON, 0, len(items))
		for i := range items {
			wire = append(wire, s.keptJSON(c, &items[i]))
		}
		return answerTagged(c, list(wire, next))
	}
	q := filterQuery(c, historyParameters...)
	v := views.HistoryView{
		Items: items, Filter: filter, Filtered: len(q) > 0, Query: q.Encode(), IsFirst: c.QueryParam("after") == "",
		SignedIn: actor(c).User != nil, Retention: s.Retention,
	}
	if v.Said, err = s.saidOf(c, items); err != nil {
		return err
	}
	if next != "" {
		q.Set("after", next)
		if perPage > 0 {
			q.Set("per_page", strconv.Itoa(perPage))
		}
		v.Older = withQuery("/history", q)
	}
	if n, err := strconv.Atoi(c.QueryParam("deleted")); err == nil && n >= 0 {
		v.Deleted = &n
	}
	return render(c, http.StatusOK, views.History(s.page(c), v))
}

// PostHistoryDelete deletes what was ticked, or everything where the form says so.
func (s *Site) PostHistoryDelete(c echo.Context) error {
	ctx := c.Request().Context()
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxJSON)
	form, err := c.FormParams()
	if err != nil {
		return jsonError(err)
	}
	var n int
	if form.Get("all") == "true" {
		n, err = s.History.DeleteAll(ctx)
	} else {
		n, err = s.History.DeleteSome(ctx, form["id"])
	}
	if err != nil {
		return err
	}
	next, err := url.ParseQuery(form.Get("filter"))
	if err != nil {
		next = url.Values{}
	}
	next.Set("deleted", strconv.Itoa(n))
	return see(c, "/history?"+next.Encode())
}

// PostShare opens a result to whoever has its address, or closes it.
func (s *Site) PostShare(c echo.Context) error {
	if err := s.History.Share(c.Request().Context(), c.Param("id"), c.FormValue("shared") == "true"); err != nil {
		return err
	}
	return see(c, "/r/"+c.Param("id")+"#sharing")
}
