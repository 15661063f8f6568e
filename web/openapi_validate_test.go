package web

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"cifra"
)

func TestValidate(t *testing.T) {
	const jsonKind = "application/json"
	const missing, kind, broken = "error.field.missing", "error.field.type", "error.form.broken"
	tests := []struct {
		name   string
		path   string
		kind   string
		body   string
		key    string            // of the error, "" for none
		fields map[string]string // keys by field
	}{
		{"as documented", "/api/v1/login", jsonKind, `{"username":"ana","password":"x"}`, "", nil},
		{"with a charset", "/api/v1/login", jsonKind + "; charset=utf-8", `{"username":"ana","password":"x"}`, "", nil},
		{"without a Content-Type", "/api/v1/login", "", `{"username":"ana","password":"x"}`, "", nil},
		{"unknown fields are ignored", "/api/v1/login", jsonKind, `{"username":"ana","password":"x","role":"admin"}`, "", nil},
		{"empty text is the service's to refuse", "/api/v1/login", jsonKind, `{"username":"","password":""}`, "", nil},
		{"one missing", "/api/v1/login", jsonKind, `{"username":"ana"}`, missing, map[string]string{"password": missing}},
		{"both missing", "/api/v1/register", jsonKind, `{}`, missing, map[string]string{"username": missing, "password": missing}},
		{"no body", "/api/v1/login", jsonKind, ``, missing, map[string]string{"username": missing, "password": missing}},
		{"null", "/api/v1/login", jsonKind, `{"username":null,"password":"x"}`, missing, map[string]string{"username": missing}},
		{"a number", "/api/v1/login", jsonKind, `{"username":7,"password":"x"}`, kind, map[string]string{"username": kind}},
		{"a number, and one missing", "/api/v1/login", jsonKind, `{"username":7}`, kind, map[string]string{"username": kind, "password": missing}},
		{"a list", "/api/v1/login", jsonKind, `[]`, broken, nil},
		{"text", "/api/v1/login", jsonKind, `"ana"`, broken, nil},
		{"no JSON", "/api/v1/login", jsonKind, `username=ana`, broken, nil},
		{"half of it", "/api/v1/login", jsonKind, `{"username":"ana"`, broken, nil},
		{"a form is the handler's to check", "/api/v1/login", "application/x-www-form-urlencoded", `username=ana`, "", nil},
		{"an upload is the handler's to check", "/api/v1/predict", "multipart/form-data; boundary=x", `nothing`, "", nil},
		{"another kind is the handler's to refuse", "/api/v1/login", "text/xml", `<ana/>`, "", nil},
		{"more than 64 KiB is the handler's to refuse", "/api/v1/login", jsonKind, `{"x":"` + strings.Repeat("x", maxChecked) + `"}`, "", nil},
		{"a call without a body", "/api/v1/logout", jsonKind, `{"x":`, "", nil},
		{"a call that is not documented", "/api/v1/nothing", jsonKind, `{"x":`, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &server{api: document(t)}
			e := echo.New()
			r := httptest.NewRequest(http.MethodPost, tt.path, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.kind)
			if tt.kind == "" {
				r.Header.Del("Content-Type")
			}
			c := e.NewContext(r, httptest.NewRecorder())
			c.SetPath(tt.path)
			reached := false
			err := s.validate(func(c echo.Context) error {
				reached = true
				body, err := io.ReadAll(c.Request().Body)
				if err != nil || string(body) != tt.body {
					t.Errorf("the handler got %.100q, %v, want the body as it was sent", body, err)
				}
				return nil
			})(c)
			if reached != (tt.key == "") {
				t.Errorf("got handled %v with %v, want it refused with %q", reached, err, tt.key)
			}
			var refusal *cifra.Error
			if !errors.As(err, &refusal) {
				return
			}
			if refusal.Key != tt.key || refusal.Code != cifra.Invalid {
				t.Errorf("got %s %q, want %q", refusal.Code, refusal.Key, tt.key)
			}
			got := map[string]string{}
			for name, field := range refusal.Fields {
				got[name] = field.Key
			}
			if !maps.Equal(got, tt.fields) {
				t.Errorf("got fields %v, want %v", got, tt.fields)
			}
		})
	}
}

func TestValidateParameters(t *testing.T) {
	const text = `
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /api/v1/things/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: period, in: query, required: true, schema: {type: string, enum: [day, month]}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
      responses: {"200": {description: fine}}
`
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{api: &apiDocument{doc: doc, ops: documentedCalls(doc)}}
	tests := []struct {
		name, query string
		code        cifra.Code
		field, key  string
	}{
		{"as documented", "period=day&page=2", "", "", ""},
		{"one missing", "page=2", cifra.Invalid, "period", "error.field.missing"},
		{"no number", "period=day&page=two", cifra.Invalid, "page", "error.field.type"},
		{"a value that there is not", "period=year", cifra.Impossible, "period", "error.field.value"},
		{"a number that is too small", "period=day&page=0", cifra.Impossible, "page", "error.field.value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/api/v1/things/7?"+tt.query, nil), httptest.NewRecorder())
			c.SetPath("/api/v1/things/:id")
			c.SetParamNames("id")
			c.SetParamValues("7")
			err := s.validate(func(echo.Context) error { return nil })(c)
			if got := cifra.CodeOf(err); got != tt.code {
				t.Fatalf("got %q (%v), want %q", got, err, tt.code)
			}
			var refusal *cifra.Error
			if errors.As(err, &refusal) && (refusal.Fields[tt.field] == nil || refusal.Fields[tt.field].Key != tt.key) {
				t.Errorf("got %+v, want %s for %s", refusal.Fields, tt.key, tt.field)
			}
		})
	}
}

// What requestRules relies on: nothing that kin-openapi reads in documents of 3.1 alone limits a request.
func TestRequestsNeedNoWordOf31(t *testing.T) {
	known := strings.Fields(`type properties required additionalProperties items enum format pattern minLength maxLength
		minimum maximum minItems maxItems uniqueItems allOf anyOf oneOf not title description examples example default contentMediaType`)
	look := func(call *documentedCall, s *openapi3.SchemaRef) {
		err := s.WalkSubtree(func(_ string, ref *openapi3.SchemaRef) error {
			b, err := json.Marshal(ref.Value)
			if err != nil {
				return err
			}
			var words map[string]any
			if err := json.Unmarshal(b, &words); err != nil {
				return err
			}
			for w := range words {
				if !slices.Contains(known, w) {
					t.Errorf("%s: a request's schema has %q, which its check would pass over", call, w)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, call := range document(t).calls() {
		for _, p := range slices.Concat(call.item.Parameters, call.op.Parameters) {
			look(call, p.Value.Schema)
		}
		if call.op.RequestBody == nil {
			continue
		}
		if m := call.op.RequestBody.Value.Content.Get(echo.MIMEApplicationJSON); m != nil {
			look(call, m.Schema)
		}
	}
}

// BenchmarkCheck holds what a check costs by the rules of 3.1 and by requestRules, which walk the same schemas.
func BenchmarkCheck(b *testing.B) {
	d, err := openAPI()
	if err != nil {
		b.Fatal(err)
	}
	call := d.ops["GET /api/v1/products"]
	slow := *call.route
	slow.Spec = d.doc
	r := httptest.NewRequest(http.MethodGet, "/api/v1/products?page=2&per_page=20", nil)
	each := map[string]time.Duration{}
	for _, rules := range []struct {
		name  string
		route *routers.Route
	}{{"3.1", &slow}, {"3.0", call.route}} {
		b.Run(rules.name, func(b *testing.B) {
			asked := *call
			asked.route = rules.route
			for b.Loop() {
				if err := asked.check(r, nil); err != nil {
					b.Fatal(err)
				}
			}
			each[rules.name] = b.Elapsed() / time.Duration(b.N)
		})
	}
	b.Logf("by 3.1 a check costs %.1f times as much", float64(each["3.1"])/float64(each["3.0"]))
}
