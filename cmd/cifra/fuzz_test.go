package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"cifra"
)

// TestProgramThatKnowsOnlyTheDocument calls every operation of /openapi.yaml with right and wrong input, knowing nothing but that
// document and how to sign in: no answer is a 500, each fits its schema, each refusal is a problem document. 300 requests,
// with CIFRA_PROVE=1 20,000; CIFRA_FUZZ_SEED=N begins elsewhere,
// CIFRA_FUZZ_REQUESTS=N sends as many.
func TestProgramThatKnowsOnlyTheDocument(t *testing.T) {
	n, seed := 300, uint64(1)
	if os.Getenv("CIFRA_PROVE") == "1" {
		n = 20_000
	}
	if text := os.Getenv("CIFRA_FUZZ_REQUESTS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	if text := os.Getenv("CIFRA_FUZZ_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	a := inside(t)
	f := newFuzzer(t, a.site, seed)
	made := 0
	f.signUp = func(admin bool) string {
		made++
		role := cifra.RoleUser
		if admin {
			role = cifra.RoleAdmin
		}
		_, token := a.person(t, "fuzz"+strconv.Itoa(made), role)
		return token
	}
	start := time.Now()
	for i := range n {
		f.call(f.calls[i%len(f.calls)])
		if f.failures > 20 {
			t.Fatal("that is enough")
		}
	}
	t.Logf("%d requests to %d operations in %s, seed %d: %s", n, len(f.calls), time.Since(start).Round(time.Millisecond), seed, f.statuses())
	longest := slices.SortedFunc(mapsKeys(f.took), func(a, b string) int { return cmp.Compare(f.took[b], f.took[a]) })
	for _, op := range longest[:5] {
		t.Logf("%s took %s of that", op, f.took[op].Round(time.Millisecond))
	}
	for _, want := range []int{200, 201, 204, 400, 401, 403, 404, 422} {
		if f.count[want] == 0 {
			t.Errorf("got no %d in %d requests: the input is too tame", want, n)
		}
	}
}

// documented is one call of the document.
type documented struct {
	method, path string
	item         *openapi3.PathItem
	op           *openapi3.Operation
}

// fuzzer makes up requests from the document, the same ones for the same seed.
type fuzzer struct {
	t        *testing.T
	site     http.Handler
	rng      *rand.Rand
	doc      *openapi3.T
	calls    []documented
	signUp   func(admin bool) (token string)
	tokens   map[bool]string // of an admin, and of a user
	seen     []string        // ids and cursors that answers had in them
	requests int
	failures int
	count    map[int]int
	took     map[string]time.Duration // by operation, all together
}

func newFuzzer(t *testing.T, site http.Handler, seed uint64) *fuzzer {
	t.Helper()
	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.yaml", http.NoBody))
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	f := &fuzzer{
		t: t, site: site, rng: rand.New(rand.NewPCG(seed, 0)), doc: doc, tokens: map[bool]string{}, count: map[int]int{}, took: map[string]time.Duration{},
	}
	for _, path := range slices.Sorted(mapsKeys(doc.Paths.Map())) {
		item := doc.Paths.Map()[path]
		for _, method := range slices.Sorted(mapsKeys(item.Operations())) {
			f.calls = append(f.calls, documented{method, path, item, item.Operations()[method]})
		}
	}
	if len(f.calls) < 40 {
		t.Fatalf("got %d operations, want all", len(f.calls))
	}
	return f
}

// call makes one request up, sends it, and holds the answer to the document.
func (f *fuzzer) call(c documented) {
	f.t.Helper()
	if c.op.OperationID == "heavy" && f.requests > len(f.calls) && !f.one(10) {
		return // it takes a second or so, as it is meant to
	}
	r, body := f.request(c)
	w := httptest.NewRecorder()
	begun := time.Now()
	f.site.ServeHTTP(w, r)
	f.took[c.op.OperationID] += time.Since(begun)
	f.count[w.Code]++
	if err := f.check(c, r, w); err != nil {
		f.failures++
		f.t.Errorf("request %d, %s %s (%.200q, %v) answered %d: %v\nbody: %.1500s", f.requests, r.Method, r.URL, body, r.Header, w.Code, err, w.Body)
	}
	f.learn(w)
}

// request makes up who asks, the parameters and the body.
func (f *fuzzer) request(c documented) (*http.Request, []byte) {
	f.requests++
	path, query, header := c.path, url.Values{}, http.Header{}
	for _, ref := range append(slices.Clone(c.item.Parameters), c.op.Parameters...) {
		p := ref.Value
		value := f.text(p.Schema.Value, p.Example)
		switch {
		case p.In == openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(nonEmpty(value)))
		case !p.Required && f.one(2), p.Required && f.one(12):
		case p.In == openapi3.ParameterInQuery:
			query.Set(p.Name, value)
			if f.one(40) {
				query.Add(p.Name, value)
			}
		case p.In == openapi3.ParameterInHeader:
			header.Set(p.Name, strings.Map(printable, value))
		}
	}
	kind, body := f.body(c.op)
	r := httptest.NewRequestWithContext(f.t.Context(), c.method, "/", bytes.NewReader(body))
	r.URL = &url.URL{Path: unescaped(path), RawPath: path, RawQuery: query.Encode()}
	r.RequestURI = r.URL.RequestURI()
	r.Header = header
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", f.requests>>16&255, f.requests>>8&255, f.requests&255)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if !f.one(4) {
		r.Header.Set("Accept", pick(f, []string{"*/*", "application/json", "*/*, text/html;q=0", "x", "image/png"}))
	}
	r.Header.Set("Accept-Language", pick(f, []string{"en", "es", "ru", "xx", ""}))
	f.signIn(r)
	return r, body
}

// signIn has somebody ask: mostly who may, now and then nobody, and now and then with a broken token.
func (f *fuzzer) signIn(r *http.Request) {
	if f.one(12) {
		return
	}
	if f.one(20) {
		r.Header.Set("Authorization", pick(f, []string{"Bearer", "Bearer x", "Basic eDp5", "Bearer a.b.c", "bearer " + strings.Repeat("x", 5000)}))
		return
	}
	admin := !f.one(3)
	if f.tokens[admin] == "" {
		f.tokens[admin] = f.signUp(admin)
	}
	r.Header.Set("Authorization", "Bearer "+f.tokens[admin])
}

// check returns how the answer is not what the document says, nil where it is.
func (f *fuzzer) check(c documented, r *http.Request, w *httptest.ResponseRecorder) error {
	if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
		return fmt.Errorf("status %d", w.Code)
	}
	if token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); w.Code == http.StatusUnauthorized || c.op.OperationID == "logout" || c.op.OperationID == "deleteMe" {
		for admin, t := range f.tokens {
			if t == token {
				delete(f.tokens, admin) // it has ended, one way or the other
			}
		}
	}
	if kind := w.Header().Get("Content-Type"); w.Code >= 400 {
		var p struct {
			Type, Title, Detail, Msg, Error string
			Status                          int
			RequestID                       string `json:"request_id"`
		}
		if kind != "application/problem+json" {
			return fmt.Errorf("a refusal as %q", kind)
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			return err
		}
		if p.Type == "" || p.Title == "" || p.Detail == "" || p.Msg != p.Detail || p.Error != p.Detail || p.Status != w.Code || p.RequestID != w.Header().Get("X-Request-Id") {
			return fmt.Errorf("no problem document: %+v", p)
		}
	}
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r, Route: &routers.Route{Spec: f.doc, Path: c.path, PathItem: c.item, Method: c.method, Operation: c.op},
		},
		Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true, ExcludeResponseBody: w.Code < 300 && strings.Contains(w.Header().Get("Content-Type"), "zip")},
	})
}

// learn remembers what names things in an answer, to ask for it later.
func (f *fuzzer) learn(w *httptest.ResponseRecorder) {
	var named struct {
		ID, Next string
		Items    []struct{ ID string }
	}
	if json.Unmarshal(w.Body.Bytes(), &named) != nil {
		return
	}
	names := []string{named.ID, named.Next}
	for _, i := range named.Items {
		names = append(names, i.ID)
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		if f.seen = append(f.seen, name); len(f.seen) > 50 {
			f.seen = f.seen[1:]
		}
	}
}

func (f *fuzzer) statuses() string {
	var b strings.Builder
	for _, status := range slices.Sorted(mapsKeys(f.count)) {
		fmt.Fprintf(&b, " %d×%d", f.count[status], status)
	}
	return strings.TrimSpace(b.String())
}
