package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Room looks into the cache and makes it forget. [cifra/lab.Room] is one.
type Room interface {
	// IsOpen reports whether a flush touches only what is the lab's own.
	IsOpen(t cifra.FlushTarget) bool
	// Namespaces tells how each namespace does; of the lab's own alone unless all.
	Namespaces(all bool) []cifra.NamespaceStats
	// Entries lists entries of a namespace from cursor on. NotFound where there is no such namespace.
	Entries(ctx context.Context, namespace, cursor string) (list []cifra.CacheEntry, next string, err error)
	// Count is how many entries of a namespace a flush would make the cache forget.
	Count(ctx context.Context, namespace string) (int, error)
	// Entry looks into one entry; its value is JSON, nil where there is none.
	Entry(ctx context.Context, namespace, key string) (cifra.CacheEntry, json.RawMessage, error)
	// Flush makes the cache forget, and returns the number under which that is in the book.
	Flush(ctx context.Context, t cifra.FlushTarget) (seq int64, f cifra.Flushed, err error)
	// Flushed returns a flush by its number, or NotFound.
	Flushed(ctx context.Context, seq int64) (*cifra.Flushed, error)
	// Flushes returns the latest flushes, the latest first.
	Flushes(ctx context.Context) ([]cifra.FlushLine, error)
	// Undo takes a flush back, as another one. Conflict where it can't be any more.
	Undo(ctx context.Context, seq int64) (int64, error)
}

// mayLook holds that the inspector is the admins', and in demo mode everybody's.
func (s *Site) mayLook(c echo.Context) error {
	switch u := actor(c).User; {
	case s.Demo || u.IsAdmin():
		return nil
	case u == nil:
		return cifra.E(cifra.Unsigned, "error.unsigned")
	}
	return cifra.E(cifra.Denied, "error.denied")
}

// mayFlush holds that the lab's own is every user's to flush, in demo mode a guest's too, and the rest the admins'.
func (s *Site) mayFlush(c echo.Context, t cifra.FlushTarget) error {
	u := actor(c).User
	switch open := s.Lab.Room.IsOpen(t); {
	case u.IsAdmin() || open && (s.Demo || u != nil):
		return nil
	case u == nil:
		return cifra.E(cifra.Unsigned, "error.unsigned")
	}
	return cifra.E(cifra.Denied, "error.denied")
}

// GetInspector shows what the cache holds of a namespace.
func (s *Site) GetInspector(c echo.Context) error {
	if err := s.mayLook(c); err != nil {
		return err
	}
	all := s.Lab.Room.Namespaces(actor(c).User.IsAdmin())
	v := views.InspectorView{Head: s.labHead("cache"), Namespaces: all, Namespace: c.QueryParam("namespace")}
	if v.Namespace == "" && len(all) > 0 {
		v.Namespace = all[0].Namespace
		for _, n := range all { // the one with most to see
			if n.Entries > 0 {
				v.Namespace = n.Namespace
				break
			}
		}
	}
	if err := known(all, v.Namespace); err != nil {
		return err
	}
	var err error
	if v.Entries, v.Next, err = s.Lab.Room.Entries(c.Request().Context(), v.Namespace, c.QueryParam("cursor")); err != nil {
		return err
	}
	v.First = c.QueryParam("cursor") == ""
	if fromHTMX(c) {
		return render(c, http.StatusOK, views.InspectorFragment(s.page(c), v))
	}
	if v.Flushes, err = s.Lab.Room.Flushes(c.Request().Context()); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Inspector(s.page(c), v))
}

// known holds a namespace to those that the asker may see.
func known(list []cifra.NamespaceStats, name string) error {
	if slices.ContainsFunc(list, func(n cifra.NamespaceStats) bool { return n.Namespace == name }) {
		return nil
	}
	return cifra.E(cifra.NotFound, "error.lab.namespace")
}

// GetEntry shows one entry with its value.
func (s *Site) GetEntry(c echo.Context) error {
	if err := s.mayLook(c); err != nil {
		return err
	}
	namespace, key := c.QueryParam("namespace"), c.QueryParam("key")
	if err := known(s.Lab.Room.Namespaces(actor(c).User.IsAdmin()), namespace); err != nil {
		return err
	}
	e, value, err := s.Lab.Room.Entry(c.Request().Context(), namespace, key)
	if err != nil {
		return err
	}
	v := views.EntryView{
		Head: s.labHead("cache"), Entry: e, Value: indented(value), Key: key,
		MayFlush: s.mayFlush(c, cifra.FlushTarget{Namespace: namespace, Key: key}) == nil,
	}
	return render(c, http.StatusOK, views.Entry(s.page(c), v))
}

// indented is a value as people read it; one that was cut stays as it is.
func indented(value json.RawMessage) string {
	var v any
	if json.Unmarshal(value, &v) != nil {
		return string(value)
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return string(value)
	}
	return string(b)
}

// GetEntries lists entries for programs.
func (s *Site) GetEntries(c echo.Context) error {
	if err := s.mayLook(c); err != nil {
		return err
	}
	if err := known(s.Lab.Room.Namespaces(actor(c).User.IsAdmin()), c.QueryParam("namespace")); err != nil {
		return err
	}
	list, next, err := s.Lab.Room.Entries(c.Request().Context(), c.QueryParam("namespace"), c.QueryParam("cursor"))
	if err != nil {
		return err
	}
	items := []map[string]any{}
	for _, e := range list {
		item := map[string]any{
			"namespace": e.Namespace, "key": e.Key, "type": e.Type, "tiers": e.Tiers, "state": e.State, "negative": e.Negative,
			"bytes": e.Bytes, "hits": e.Hits, "ttl_ms": cifra.Milliseconds(e.TTL), "cost_ms": cifra.Milliseconds(e.Cost), "by": e.By,
		}
		if !e.MadeAt.IsZero() {
			item["computed_at"], item["expires_at"] = wireTime(e.MadeAt), wireTime(e.ExpiresAt())
		}
		if e.Args != "" {
			item["args"] = e.Args
		}
		if e.Reason != "" {
			item["reason"] = e.Reason
		}
		items = append(items, item)
	}
	return answerJSON(c, http.StatusOK, map[string]any{"items": items, "next": orNull(next)})
}

// target reads what to flush: of a program from the path and the query, of a form from its fields.
func target(c echo.Context) (cifra.FlushTarget, error) {
	t := cifra.FlushTarget{Namespace: c.Param("namespace"), Key: c.QueryParam("key"), Tag: c.QueryParam("tag")}
	if t.Namespace == "" {
		t.Namespace = c.FormValue("namespace")
	}
	if t.Key == "" {
		t.Key = c.FormValue("key")
	}
	if t.Tag == "" {
		t.Tag = c.FormValue("tag")
	}
	t.All = t.Namespace == "" && t.Tag == ""
	if t.Tag != "" && (t.Namespace != "" || t.Key != "") || t.All && t.Key != "" {
		return t, cifra.E(cifra.Invalid, "error.lab.target")
	}
	return t, nil
}

// DeleteCache flushes, for programs: everything, a namespace, one of its entries, or a tag.
func (s *Site) DeleteCache(c echo.Context) error {
	t, err := target(c)
	if err != nil {
		return err
	}
	if err := s.mayFlush(c, t); err != nil {
		return err
	}
	_, f, err := s.Lab.Room.Flush(c.Request().Context(), t)
	if err != nil {
		return err
	}
	return answerJSON(c, http.StatusOK, map[string]any{"seq": f.Seq, "entries": f.Entries, "instances": f.Instances})
}

// GetFlush asks before a flush, and says how much it is.
func (s *Site) GetFlush(c echo.Context) error {
	t, err := target(c)
	if err != nil {
		return err
	}
	if err := s.mayFlush(c, t); err != nil {
		return err
	}
	v := views.FlushView{Head: s.labHead("cache"), Target: t}
	for _, n := range s.Lab.Room.Namespaces(true) {
		if t.All || n.Namespace == t.Namespace {
			if n.Entries, err = s.Lab.Room.Count(c.Request().Context(), n.Namespace); err != nil {
				return err
			}
			v.Namespaces = append(v.Namespaces, n)
		}
	}
	if t.Namespace != "" && len(v.Namespaces) == 0 {
		return cifra.E(cifra.NotFound, "error.lab.namespace")
	}
	return render(c, http.StatusOK, views.Flush(s.page(c), v))
}

// PostFlush flushes, from the page's form.
func (s *Site) PostFlush(c echo.Context) error {
	t, err := target(c)
	if err != nil {
		return err
	}
	if t.All && c.FormValue("all") == "" { // an empty form must not empty the cache
		return cifra.E(cifra.Invalid, "error.lab.target")
	}
	if err := s.mayFlush(c, t); err != nil {
		return err
	}
	seq, _, err := s.Lab.Room.Flush(c.Request().Context(), t)
	if err != nil {
		return err
	}
	return see(c, "/lab/flushed/"+formatID(seq))
}

// PostUnflush takes a flush back.
func (s *Site) PostUnflush(c echo.Context) error {
	seq, err := parseID(c.Param("seq"))
	if err != nil {
		return err
	}
	f, err := s.Lab.Room.Flushed(c.Request().Context(), seq)
	if err != nil {
		return err
	}
	if err := s.mayFlush(c, f.FlushTarget); err != nil {
		return err
	}
	if seq, err = s.Lab.Room.Undo(c.Request().Context(), seq); err != nil {
		return err
	}
	return see(c, "/lab/flushed/"+formatID(seq))
}

// GetFlushed shows the receipt of a flush.
func (s *Site) GetFlushed(c echo.Context) error {
	seq, err := parseID(c.Param("seq"))
	if err != nil {
		return err
	}
	f, err := s.Lab.Room.Flushed(c.Request().Context(), seq)
	if err != nil {
		return err
	}
	if err := s.mayFlush(c, f.FlushTarget); err != nil {
		return err
	}
	v := views.FlushedView{Head: s.labHead("cache"), Flushed: *f, ID: strconv.FormatInt(seq, 10)}
	v.Inspector = "/lab/cache?namespace=" + url.QueryEscape(f.Namespace)
	return render(c, http.StatusOK, views.Flushed(s.page(c), v))
}

// GetRates shows how much of what was asked was remembered, by function.
func (s *Site) GetRates(c echo.Context) error {
	v := views.RatesView{Head: s.labHead("rates"), Namespaces: s.Lab.Room.Namespaces(actor(c).User.IsAdmin()), Instance: s.Instance}
	v.History = s.Lab.Rates()
	return render(c, http.StatusOK, views.Rates(s.page(c), v))
}
