package httpcache

import (
	"net/http"
	"strconv"
	"strings"

	"cifra"
	"cifra/cache"
)

// headersOf writes the headers that say where an answer came from.
func headersOf(w http.ResponseWriter, p cifra.Provenance, full bool) {
	p.Headers(w.Header().Set, full)
	if h, ok := w.(interface{ Heard(p cifra.Provenance) }); ok {
		h.Heard(p)
	}
}

// give writes the kept answer a to r's client: in the form that it takes, or 304 where it has it.
func (l *Layer) give(w http.ResponseWriter, r *http.Request, k Key, a *answer, info cache.Info, full bool) {
	h := w.Header()
	a.copyHeader(h)
	headersOf(w, info.Provenance(l.o.Origin), full)
	l.control(h, k)

	body, tag := a.Body, a.Tag
	switch choose(r.Header.Values("Accept-Encoding"), a) {
	case "zstd":
		body, tag = a.Zstd, suffixed(tag, zstdSuffix)
		h.Set("Content-Encoding", "zstd")
	case "gzip":
		body, tag = a.Gzip, suffixed(tag, gzipSuffix)
		h.Set("Content-Encoding", "gzip")
	}
	if a.Status == http.StatusOK {
		h.Set("Etag", tag)
		if a.known(r) {
			h.Del("Content-Type")
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if a.Status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) //nolint:gosec // the handler's own bytes; and if that fails, nobody is there to be told
	}
}

// control says what caches between here and the client may do. Unless the handler said otherwise they ask here each
// time, which costs a 304: what is invalidated here must not live on there.
func (l *Layer) control(h http.Header, k Key) {
	switch {
	case k.User != "":
		h.Set("Cache-Control", "private, no-cache")
	case h.Get("Cache-Control") == "":
		h.Set("Cache-Control", "no-cache")
	}
	vary := append([]string{"Accept-Encoding"}, l.o.Vary...)
	if k.User != "" {
		vary = append(vary, "Authorization", "Cookie")
	}
	have := map[string]bool{}
	for _, line := range h.Values("Vary") {
		for name := range strings.SplitSeq(line, ",") {
			have[strings.ToLower(strings.TrimSpace(name))] = true
		}
	}
	for _, name := range vary {
		if !have[strings.ToLower(name)] {
			h.Add("Vary", name)
		}
	}
}

// A compressed body is another representation and has an entity tag of its own.
const (
	gzipSuffix = "-gzip"
	zstdSuffix = "-zstd"
)

// suffixed puts s into a strong tag. A weak one is for all forms of a body.
func suffixed(tag, s string) string {
	if strings.HasPrefix(tag, "W/") {
		return tag
	}
	return strings.TrimSuffix(tag, `"`) + s + `"`
}

// known reports whether r's client says that it has a, in whatever form.
func (a *answer) known(r *http.Request) bool {
	if lines := r.Header.Values("If-None-Match"); len(lines) > 0 {
		own := opaque(a.Tag)
		for _, line := range lines {
			for tag := range strings.SplitSeq(line, ",") {
				tag = strings.TrimSpace(tag)
				if tag == "*" {
					return true
				}
				t := opaque(tag)
				if t == own || strings.TrimSuffix(t, gzipSuffix) == own || strings.TrimSuffix(t, zstdSuffix) == own {
					return true
				}
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	if err != nil {
		return false
	}
	changed, err := http.ParseTime(a.Header.Get("Last-Modified"))
	return err == nil && !changed.After(since)
}

// opaque is what two tags of one answer have in common, weak or strong.
func opaque(tag string) string { return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) }
