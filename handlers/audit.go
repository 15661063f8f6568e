package handlers

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// AuditBook is the book of who did what. [cifra/store.DB] is one.
type AuditBook interface {
	// Audits returns a page of the lines that f chooses, newest first. cursor is the next of the page before, "" for the
	// first one; next is "" on the last one. Invalid for a cursor that nobody gave out.
	Audits(ctx context.Context, f cifra.AuditFilter, cursor string, perPage int) (lines []cifra.Audit, next string, err error)
	// EachAudit calls f with every line that the filter chooses, newest first, until f returns an error.
	EachAudit(ctx context.Context, filter cifra.AuditFilter, f func(cifra.Audit) error) error
}

// auditJSON is a line of the book, with the field names of the system that this one replaces.
type auditJSON struct {
	ID        string       `json:"id"`
	Username  string       `json:"username"`
	Action    cifra.Action `json:"action"`
	Details   string       `json:"details"`
	Timestamp string       `json:"timestamp"`
}

func newAuditJSON(a cifra.Audit) auditJSON {
	return auditJSON{
		ID: strconv.FormatInt(a.ID, 10), Username: a.Username, Action: a.Action, Details: a.Details, Timestamp: wireTime(a.At),
	}
}

// GetAudit shows the book of who did what, filtered as the address says: a page, or a list for programs.
func (s *Site) GetAudit(c echo.Context) error {
	filter, err := auditFilter(c)
	if err != nil {
		return err
	}
	perPage, err := perPage(c)
	if err != nil {
		return err
	}
	lines, next, err := s.Audit.Audits(c.Request().Context(), filter, c.QueryParam("after"), perPage)
	if err != nil {
		return err
	}
	if !wantsHTML(c) {
		items := make([]auditJSON, 0, len(lines))
		for _, a := range lines {
			items = append(items, newAuditJSON(a))
		}
		return answerTagged(c, list(items, next))
	}
	v := views.AuditView{
		Username: filter.Like.Username, Action: filter.Like.Action, From: c.QueryParam("from"), Until: c.QueryParam("until"),
		Lines: lines, First: c.QueryParam("after") == "", Filtered: filter != cifra.AuditFilter{},
	}
	q := filterQuery(c, "username", "action", "from", "until")
	v.FirstURL = withQuery("/admin/audit", q)
	v.ExportURL = withQuery("/admin/audit/export", q)
	if next != "" {
		q.Set("after", next)
		v.NextURL = withQuery("/admin/audit", q)
	}
	return render(c, http.StatusOK, views.Audit(s.page(c), v))
}

// GetAuditExport gives every line that the address chooses as CSV.
func (s *Site) GetAuditExport(c echo.Context) error {
	filter, err := auditFilter(c)
	if err != nil {
		return err
	}
	w := startCSV(c, "audit.csv")
	if err := w.Write([]string{"id", "username", "action", "details", "ip", "timestamp"}); err != nil {
		return err
	}
	err = s.Audit.EachAudit(c.Request().Context(), filter, func(a cifra.Audit) error {
		return w.Write(cells(strconv.FormatInt(a.ID, 10), a.Username, string(a.Action), a.Details, a.IP, wireTime(a.At)))
	})
	w.Flush()
	if err != nil {
		return err
	}
	return w.Error()
}

// auditFilter reads the filter of the address. Days are those of UTC, and until is the last day that counts.
func auditFilter(c echo.Context) (f cifra.AuditFilter, err error) {
	f.Like.Username, f.Like.Action = c.QueryParam("username"), cifra.Action(c.QueryParam("action"))
	if f.From, err = day(c, "from"); err != nil {
		return f, err
	}
	if f.Until, err = day(c, "until"); err == nil && !f.Until.IsZero() {
		f.Until = f.Until.AddDate(0, 0, 1)
	}
	return f, err
}

// day reads a day such as 2026-03-14, zero where there is none.
func day(c echo.Context, name string) (time.Time, error) {
	text := c.QueryParam(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return t, impossible(name).Wrap(err)
	}
	return t, nil
}

// impossible is what a field gets whose value was understood, but cannot be.
func impossible(field string) *cifra.Error {
	e := cifra.E(cifra.Impossible, "error.field.value", "Field", field)
	e.Fields = map[string]*cifra.Error{field: cifra.E(cifra.Impossible, "error.field.value", "Field", field)}
	return e
}

// perPage reads how many items a page is to have: 20 unless given, and 100 at most.
func perPage(c echo.Context) (int, error) {
	text := c.QueryParam("per_page")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, impossible("per_page")
	}
	return n, nil
}

// list is a page of a list as programs get it. next is null on the last one.
func list[T any](items []T, next string) map[string]any {
	m := map[string]any{"items": items, "next": nil}
	if next != "" {
		m["next"] = next
	}
	return m
}

// wireTime is a time as the API writes it.
func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// filterQuery keeps those parameters of the address that are set.
func filterQuery(c echo.Context, names ...string) url.Values {
	q := url.Values{}
	for _, name := range names {
		if v := c.QueryParam(name); v != "" {
			q.Set(name, v)
		}
	}
	return q
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// startCSV begins a file of values that a browser saves.
func startCSV(c echo.Context, name string) *csv.Writer {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	return csv.NewWriter(c.Response())
}

// cells are a line of a CSV file. A text that a spreadsheet would run as a formula gets an apostrophe before it.
func cells(texts ...string) []string {
	for i, t := range texts {
		if t != "" && (t[0] == '=' || t[0] == '+' || t[0] == '-' || t[0] == '@' || t[0] == '\t' || t[0] == '\r') {
			texts[i] = "'" + t
		}
	}
	return texts
}
