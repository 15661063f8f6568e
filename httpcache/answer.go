package httpcache

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// answer is what a handler said, as it is kept.
type answer struct {
	Status int         `json:"status"`
	Header http.Header `json:"header"` // without the entity tag and the length
	Tag    string      `json:"tag"`    // the entity tag of the body as it is
	Body   []byte      `json:"body"`
	Gzip   []byte      `json:"gzip,omitempty"` // the body, compressed; nil where that isn't worth it
	Zstd   []byte      `json:"zstd,omitempty"`
}

// weight is about what a takes in memory, in bytes.
func (a *answer) weight() uint32 {
	n := 512 + len(a.Body) + len(a.Gzip) + len(a.Zstd)
	return uint32(min(n, 1<<31))
}

// recorder is the writer that a handler writes its answer to.
type recorder struct {
	header http.Header
	status int
	sent   http.Header // the headers as they were at the first byte; what is set later is lost, as on a connection
	body   []byte
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK { // 1xx are hints on the way
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	r.body = append(r.body, b...)
	return len(b), nil
}

// Flush does nothing: the answer is given when it is whole.
func (r *recorder) Flush() { r.WriteHeader(http.StatusOK) }

// hop are the headers that belong to a connection, and what is worked out anew for each client.
var hop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "Content-Length", "Date", "Age",
}

// answer returns what was recorded.
func (r *recorder) answer() *answer {
	r.WriteHeader(http.StatusOK)
	a := &answer{Status: r.status, Header: r.sent, Body: r.body}
	for _, name := range hop {
		delete(a.Header, name)
	}
	if a.Header.Get("Content-Type") == "" && len(a.Body) > 0 {
		a.Header.Set("Content-Type", http.DetectContentType(a.Body))
	}
	return a
}

// prepare makes ready, once, what every client would have to wait for.
func (a *answer) prepare() {
	if a.Tag = a.Header.Get("Etag"); a.Tag == "" {
		sum := sha256.Sum256(append([]byte(a.Header.Get("Content-Type")+"\n"), a.Body...))
		a.Tag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	}
	a.Header.Del("Etag")
	if a.compressible() {
		a.Gzip, a.Zstd = pack(a.Body)
	}
}

// kept are the statuses that may be remembered: they say the same to everybody for a while, and are no errors.
var kept = []int{
	http.StatusOK, http.StatusNonAuthoritativeInfo, http.StatusNoContent, http.StatusMovedPermanently,
	http.StatusPermanentRedirect,
}

// refusal is the error of an answer that isn't kept.
type refusal struct {
	a      *answer
	why    string
	public bool // those who waited for it may have it too
}

func (r *refusal) Error() string { return "httpcache: an answer that is not kept: " + r.why }

// isFinal reports whether err is an answer that stands for itself: a remembered one must not be given in its place, as
// it is where the handler fails.
func isFinal(err error) bool {
	no, ok := errors.AsType[*refusal](err)
	return ok && no.a.Status < http.StatusInternalServerError
}

// refuse says why a must not be kept under k; nil where it may.
func (l *Layer) refuse(a *answer, k Key) *refusal {
	no := &refusal{a: a}
	private := false
	for _, d := range directives(a.Header) {
		switch d {
		case "no-store":
			no.why, private = "no-store", true
		case "private":
			if private = true; k.User == "" && no.why == "" {
				no.why = "private"
			}
		}
	}
	switch {
	case len(a.Header.Values("Set-Cookie")) > 0: // another browser of the same user is another one still
		no.why = "sets a cookie"
		return no
	case no.why != "":
	case !slices.Contains(kept, a.Status):
		no.why = fmt.Sprintf("status %d", a.Status)
	case len(a.Body) > l.o.MaxBody:
		no.why = "too large"
	case a.Header.Get("Content-Encoding") != "":
		no.why = "encoded by its handler"
	default:
		if no.why = l.strange(a, k); no.why == "" {
			return nil
		}
		private = true
	}
	no.public = !private || k.User != ""
	return no
}

// strange names the header that a varies by although k doesn't have it; "" where there is none.
func (l *Layer) strange(a *answer, k Key) string {
	for _, line := range a.Header.Values("Vary") {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			switch {
			case name == "", name == "Accept-Encoding", k.User != "" && (name == "Cookie" || name == "Authorization"),
				k.Language != "" && name == "Accept-Language":
			case !slices.ContainsFunc(l.o.Vary, func(v string) bool { return strings.EqualFold(v, name) }):
				return "varies by " + name
			}
		}
	}
	return ""
}

// directives returns the names in a Cache-Control header.
func directives(h http.Header) (names []string) {
	for _, line := range h.Values("Cache-Control") {
		for d := range strings.SplitSeq(line, ",") {
			name, _, _ := strings.Cut(strings.TrimSpace(d), "=")
			names = append(names, strings.ToLower(name))
		}
	}
	return names
}

// copyTo writes a as its handler said it.
func (a *answer) copyTo(w http.ResponseWriter, method string) {
	a.copyHeader(w.Header())
	if a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	if method != http.MethodHead {
		_, _ = w.Write(a.Body) // if that fails, nobody is there to be told
	}
}

// copyHeader adds a's headers to h. Values are shared between answers, and h's owner may append to what it has.
func (a *answer) copyHeader(h http.Header) {
	for name, values := range a.Header {
		if name == "Vary" {
			h[name] = append(h[name], values...)
			continue
		}
		h[name] = slices.Clone(values)
	}
}
