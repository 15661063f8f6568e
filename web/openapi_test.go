package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"
)

// document returns openapi.yaml, read once for all tests.
func document(t testing.TB) *apiDocument {
	t.Helper()
	d, err := readOnce()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var readOnce = sync.OnceValues(func() (*apiDocument, error) {
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	return openAPI()
})

// checkAnswer holds a recorded answer to what the document says of the call: status, media type, headers and body.
// Of a call that is not in the document it says so.
func checkAnswer(t testing.TB, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	if err := document(t).differs(r, w); err != nil {
		t.Errorf("%s %s answered %d, which is not what openapi.yaml says:\n%v\nbody: %.2000s", r.Method, r.URL.Path, w.Code, err, w.Body)
	}
}

// differs returns how the answer is not what the document says, nil where it is.
func (d *apiDocument) differs(r *http.Request, w *httptest.ResponseRecorder) error {
	call := d.find(r.Method, r.URL.Path)
	if call == nil {
		return errors.New("the document has no such call")
	}
	res := w.Result()
	if ref := call.op.Responses.Status(res.StatusCode); ref != nil && len(ref.Value.Content) == 0 && w.Body.Len() > 0 {
		return errors.New("the document has no body there")
	}
	err := openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r,
			Route:   &routers.Route{Spec: d.doc, Path: call.path, PathItem: call.item, Method: call.method, Operation: call.op},
		},
		Status: res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		return err
	}
	return nil
}

// find returns the call that a request's path belongs to, nil where there is none.
func (d *apiDocument) find(method, path string) *documentedCall {
	for _, call := range d.calls() {
		pattern := regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(call.path), `[^/]+`)
		if call.method == method && regexp.MustCompile("^"+pattern+"$").MatchString(path) {
			return call
		}
	}
	return nil
}

// checkRoutes holds the routes, each as in "POST /api/v1/login" or "GET /r/:id", to the document: what is documented
// is routed, and what is routed below /api/ is documented. Pages are not the document's business.
func checkRoutes(t testing.TB, routes []string) {
	t.Helper()
	for _, difference := range document(t).compare(routes) {
		t.Error(difference)
	}
}

func (d *apiDocument) compare(routes []string) []string {
	routed := map[string]bool{}
	var differences []string
	for _, r := range routes {
		r = documentPath(r)
		routed[r] = true
		if _, path, _ := strings.Cut(r, " "); strings.HasPrefix(path, "/api/") && d.ops[r] == nil {
			differences = append(differences, r+" is a route, but not in openapi.yaml")
		}
	}
	for _, call := range d.calls() {
		if name := call.method + " " + call.path; !routed[name] {
			differences = append(differences, name+" is in openapi.yaml, but no route")
		}
	}
	return differences
}

func TestRoutesAreThoseOfTheDocument(t *testing.T) {
	e := echo.New()
	s := &server{Deps: Deps{Log: slog.New(slog.DiscardHandler)}, api: document(t)}
	s.routes(e, s.Handlers)
	var routes []string
	for _, r := range e.Routes() {
		if r.Method != echo.RouteNotFound {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	if len(routes) < 10 {
		t.Fatalf("got %d routes, want the site's", len(routes))
	}
	checkRoutes(t, routes)
}

func TestRoutesThatDiffer(t *testing.T) {
	d := document(t)
	var all []string
	for _, call := range d.calls() {
		all = append(all, call.method+" "+call.path)
	}
	tests := []struct {
		name   string
		routes []string
		want   []string
	}{
		{"all of them", all, nil},
		{"and a page", append(slices.Clone(all), "GET /r/:id"), nil},
		{
			"one too few", slices.DeleteFunc(slices.Clone(all), func(r string) bool { return r == "POST /api/v1/logout" }),
			[]string{"POST /api/v1/logout is in openapi.yaml, but no route"},
		},
		{
			"one too many", append(slices.Clone(all), "DELETE /api/v1/things/:id"),
			[]string{"DELETE /api/v1/things/{id} is a route, but not in openapi.yaml"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := d.compare(tt.routes); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAnswersThatDiffer(t *testing.T) {
	const (
		provenance = `{"outcome":"miss","reason":"cold","age_ms":0,"ttl_ms":600000,"took_ms":7.4,"saved_ms":0}`
		v1         = `{"id":"A","prediccion":5,"probabilidad":0.9,"version":"v1","source":"model","cached":false,"provenance":` + provenance + `}`
		v2         = `{"id":null,"prediccion":5,"probabilidad":0.9,"version":"v2","source":"model","cached":false,"provenance":` + provenance + `,
			"mensaje":"5","probabilidades":[0,0,0,0,0,1,0,0,0,0],"segura":true,"motivo":null,"modelo":"v2-0a1b2c3d",
			"digitos":[{"digito":5,"probabilidad":0.9,"caja":[1,2,3,4]}]}`
		problem = `{"type":"/docs/#unsigned","title":"T","status":401,"detail":"D","request_id":"12345678","msg":"D","error":"D"}`
	)
	set := func(pairs ...string) http.Header {
		h := http.Header{
			"X-Request-Id": {"12345678"}, "X-Response-Time": {"0.0123s"}, "Content-Type": {"application/json"},
			"Cache-Status": {"cifra; hit"}, "Server-Timing": {"total;dur=1"}, "X-Cache": {"HIT"}, "Www-Authenticate": {"Bearer"},
		}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
			if pairs[i+1] == "" {
				h.Del(pairs[i])
			}
		}
		return h
	}
	asProblem := set("Content-Type", "application/problem+json")
	without := func(body, part string) string {
		if !strings.Contains(body, part) {
			t.Fatalf("%s is not in %s", part, body)
		}
		return strings.Replace(body, part, "", 1)
	}

	tests := []struct {
		name   string
		call   string
		status int
		header http.Header
		body   string
		ok     bool
	}{
		{"version 1", "POST /api/v1/predict", 200, set(), v1, true},
		{"version 2", "POST /api/v2/predict", 200, set("Age", "7"), v2, true},
		{"version 1 in the place of version 2", "POST /api/v2/predict", 200, set(), v1, false},
		{"version 2 in the place of version 1", "POST /api/v1/predict", 200, set(), v2, false},
		{"a field that is not documented", "POST /api/v1/predict", 200, set(), strings.Replace(v1, `{`, `{"digit":5,`, 1), false},
		{"a field that is missing", "POST /api/v1/predict", 200, set(), without(v1, `"cached":false,`), false},
		{"an id that is a number", "POST /api/v1/predict", 200, set(), strings.Replace(v1, `"A"`, `7`, 1), false},
		{"a digit of 12", "POST /api/v1/predict", 200, set(), strings.Replace(v1, `"prediccion":5`, `"prediccion":12`, 1), false},
		{"a source that there is not", "POST /api/v1/predict", 200, set(), strings.Replace(v1, `"model"`, `"magic"`, 1), false},
		{"an outcome that there is not", "POST /api/v1/predict", 200, set(), strings.Replace(v1, `"miss"`, `"hit"`, 1), false},
		{"a reason that there is not", "POST /api/v2/predict", 200, set(), strings.Replace(v2, `null,"modelo"`, `"ugly","modelo"`, 1), false},
		{"nine probabilities", "POST /api/v2/predict", 200, set(), without(v2, `0,0,`), false},
		{"a box of three numbers", "POST /api/v2/predict", 200, set(), strings.Replace(v2, `[1,2,3,4]`, `[1,2,3]`, 1), false},
		{"a header that is missing", "POST /api/v1/predict", 200, set("Cache-Status", ""), v1, false},
		{"a header of another form", "POST /api/v1/predict", 200, set("X-Response-Time", "12ms"), v1, false},
		{"another media type", "POST /api/v1/predict", 200, set("Content-Type", "text/plain"), v1, false},
		{"a status that is not documented", "POST /api/v1/predict", 201, set(), v1, false},
		{"a call that is not documented", "GET /api/v1/predict", 200, set(), v1, false},
		{"a problem", "POST /api/v1/predict", 401, asProblem, problem, true},
		{"a problem that is plain JSON", "POST /api/v1/predict", 401, set(), problem, false},
		{"a problem without msg", "POST /api/v1/predict", 401, asProblem, without(problem, `"msg":"D",`), false},
		{"no content", "POST /api/v1/logout", 204, set("Content-Type", ""), "", true},
		{"content where there is none", "POST /api/v1/logout", 204, set(), "{}", false},
		{"a page", "GET /docs/", 200, set("Content-Type", "text/html; charset=UTF-8"), "<!doctype html>", true},
		{"throttled without Retry-After", "POST /login", 429, asProblem, strings.Replace(problem, "401", "429", 1), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			method, path, _ := strings.Cut(tt.call, " ")
			w := httptest.NewRecorder()
			maps.Copy(w.Header(), tt.header)
			w.WriteHeader(tt.status)
			_, _ = w.WriteString(tt.body)
			r := httptest.NewRequest(method, path, nil)
			if tt.ok {
				checkAnswer(t, r, w)
			} else if document(t).differs(r, w) == nil {
				t.Error("got it accepted, want the difference found")
			}
		})
	}
}

// String names the call in the messages of tests.
func (c *documentedCall) String() string { return fmt.Sprintf("%s %s", c.method, c.path) }
