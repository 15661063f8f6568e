package httpcache

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Key is all that an answer depends on. What is not in it, the handler does not see.
type Key struct {
	Path     string `json:"path"`     // as it was sent
	Query    string `json:"query"`    // the parameters that matter, see [Ordered]
	Headers  string `json:"headers"`  // the headers that matter, a line each, in the order of Options.Vary
	User     string `json:"user"`     // whose answer it is; "" for one that is everybody's
	Language string `json:"language"` // in which it speaks
}

// Ordered returns a query so that two that mean the same look the same: sorted by name, the values of one name in the
// order in which they were sent, and only the parameters in allow. What can't be parsed is left out.
func Ordered(rawQuery string, allow []string) string {
	if rawQuery == "" || len(allow) == 0 {
		return ""
	}
	q, _ := url.ParseQuery(rawQuery) // an error says that parts were left out; the handler doesn't see them either
	for name := range q {
		if !slices.Contains(allow, name) {
			delete(q, name)
		}
	}
	return q.Encode()
}

// keyOf returns the key of r, or why the cache stays out of it.
func (l *Layer) keyOf(r *http.Request) (k Key, skip string) {
	k = Key{Path: r.URL.EscapedPath(), Query: Ordered(r.URL.RawQuery, l.o.Params), Headers: l.headerLines(r)}
	if l.o.Key != nil && !l.o.Key(r, &k) {
		return k, "not for this request"
	}
	if k.User == "" && l.o.Signed(r) {
		return k, "signed in"
	}
	return k, ""
}

// signed reports whether r carries something that may be a sign-in.
func signed(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != ""
}

// headerLines returns the headers of r that matter, one a line.
func (l *Layer) headerLines(r *http.Request) string {
	if len(l.o.Vary) == 0 {
		return ""
	}
	var b strings.Builder
	for _, name := range l.o.Vary {
		b.WriteString(l.header(r, name))
		b.WriteByte('\n')
	}
	return b.String()
}

// header returns what matters of a header of r.
func (l *Layer) header(r *http.Request, name string) string {
	value := strings.Join(r.Header.Values(name), ", ")
	if strings.EqualFold(name, "Host") { // net/http keeps it apart
		value = r.Host
	}
	if l.o.Normal != nil {
		value = l.o.Normal(name, value)
	}
	return value
}

// inner returns r as the handler sees it: a GET with what k names and nothing else.
func (l *Layer) inner(r *http.Request, k Key) *http.Request {
	in := r.WithContext(r.Context()) // with the values of the route's wildcards
	u := *r.URL
	u.RawQuery, u.Host, u.Scheme = k.Query, "", ""
	in.Method, in.URL, in.RequestURI, in.Host = http.MethodGet, &u, u.RequestURI(), ""
	in.Body, in.ContentLength, in.TransferEncoding = http.NoBody, 0, nil
	in.Form, in.PostForm, in.MultipartForm, in.Trailer = nil, nil, nil, nil
	in.Header = http.Header{}
	for _, name := range l.o.Vary {
		switch value := l.header(r, name); {
		case strings.EqualFold(name, "Host"):
			in.Host = value
		case value != "":
			in.Header.Set(name, value)
		}
	}
	if k.User != "" { // the answer is this user's: their sign-in is no secret from it
		for _, name := range []string{"Authorization", "Cookie"} {
			if values := r.Header.Values(name); len(values) > 0 {
				in.Header[name] = slices.Clone(values)
			}
		}
	}
	return in
}
