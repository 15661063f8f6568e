package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/i18n"
)

func TestDocumentIsValid(t *testing.T) {
	d := document(t)
	if err := d.doc.Validate(t.Context()); err != nil { // the examples too
		t.Fatal(err)
	}
	again, err := openapi3.NewLoader().LoadFromData(d.json)
	if err != nil {
		t.Fatalf("as JSON: %v", err)
	}
	if err := again.Validate(context.Background()); err != nil {
		t.Errorf("as JSON: %v", err)
	}
}

func TestExamplesAreChecked(t *testing.T) {
	broken := strings.Replace(string(openapiYAML), "prediccion: 5", "prediccion: 12", 1)
	doc, err := openapi3.NewLoader().LoadFromData([]byte(broken))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Validate(t.Context()) == nil {
		t.Error("got a valid document with an example that its schema forbids")
	}
}

func TestEveryCallIsDescribed(t *testing.T) {
	d := document(t)
	ids := map[string]string{}
	var tags []string
	for _, tag := range d.doc.Tags {
		tags = append(tags, tag.Name)
	}
	for _, call := range d.calls() {
		op := call.op
		if op.OperationID == "" || ids[op.OperationID] != "" {
			t.Errorf("%s: got id %q, want one of its own", call, op.OperationID)
		}
		ids[op.OperationID] = call.String()
		if op.Summary == "" || len(op.Tags) != 1 || !slices.Contains(tags, op.Tags[0]) {
			t.Errorf("%s: got summary %q and tags %v, want a summary and one of %v", call, op.Summary, op.Tags, tags)
		}
		for status, ref := range op.Responses.Map() {
			r := ref.Value
			if *r.Description == "" {
				t.Errorf("%s: %s has no description", call, status)
			}
			for kind, media := range r.Content {
				if strings.HasSuffix(kind, "json") && len(media.Examples) == 0 && !strings.HasPrefix(op.OperationID, "openapi") && op.OperationID != "apispec" {
					t.Errorf("%s: %s has no example", call, status)
				}
			}
			isRefusal := status >= "400" && call.path != "/readyz"
			if isRefusal && r.Content["application/problem+json"] == nil && r.Content["text/html"] == nil {
				t.Errorf("%s: %s is no problem document", call, status)
			}
			if (status == "429" || status == "503") && r.Headers["Retry-After"] == nil {
				t.Errorf("%s: %s has no Retry-After", call, status)
			}
		}
		if op.Security != nil && op.Responses.Value("401") == nil {
			t.Errorf("%s needs a sign-in and has no 401", call)
		}
	}
}

// problemExamples returns every example of a refusal, by name.
func problemExamples(t *testing.T) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for name, ref := range document(t).doc.Components.Examples {
		if v, ok := ref.Value.Value.(map[string]any); ok && v["status"] != nil {
			all[name] = v
		}
	}
	if len(all) < 20 {
		t.Fatalf("got %d examples of refusals, want all", len(all))
	}
	return all
}

func TestExamplesOfRefusalsAreWhatTheSiteSays(t *testing.T) {
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	words := bundle.Printer(i18n.English)
	for name, v := range problemExamples(t) {
		status := int(v["status"].(float64))
		code := cifra.Code(strings.TrimPrefix(v["type"].(string), "/docs/#"))
		if statuses[code] != status {
			t.Errorf("%s: got %d for %s, want %d", name, status, code, statuses[code])
		}
		if got, want := v["title"], words.T("status."+strconv.Itoa(status)); got != want {
			t.Errorf("%s: got title %q, want %q", name, got, want)
		}
		if v["msg"] != v["detail"] || v["error"] != v["detail"] {
			t.Errorf("%s: got msg %q and error %q, want both as detail", name, v["msg"], v["error"])
		}
		used := false
		for _, call := range document(t).calls() {
			for s, r := range call.op.Responses.Map() {
				for _, media := range r.Value.Content {
					for _, e := range media.Examples {
						if strings.HasSuffix(e.Ref, "/"+name) {
							used = true
							if s != strconv.Itoa(status) {
								t.Errorf("%s: %s shows it at %s", name, call, s)
							}
						}
					}
				}
			}
		}
		if !used {
			t.Errorf("%s: no call shows it", name)
		}
	}
	says := map[string]*cifra.Error{
		"NameTaken":      cifra.E(cifra.Conflict, "error.username.taken"),
		"PasswordLength": cifra.E(cifra.Impossible, "error.password.length", "Min", 8, "Max", 128),
		"PasswordCommon": cifra.E(cifra.Impossible, "error.password.common"),
		"FieldMissing":   cifra.E(cifra.Invalid, "error.field.missing", "Field", "password"),
		"FieldType":      cifra.E(cifra.Invalid, "error.field.type", "Field", "username"),
		"FormBroken":     cifra.E(cifra.Invalid, "error.form.broken"),
		"LoginFailed":    cifra.E(cifra.Unsigned, "error.login.failed"),
		"LoginThrottled": cifra.E(cifra.TooOften, "error.login.throttled", "Minutes", 15),
		"LoginBusy":      cifra.E(cifra.TooOften, "error.login.busy"),
		"Unsigned":       cifra.E(cifra.Unsigned, "error.unsigned"),
		"TokenInvalid":   cifra.E(cifra.Unsigned, "error.token.invalid"),
		"TokenExpired":   cifra.E(cifra.Unsigned, "error.token.expired"),
		"TokenRevoked":   cifra.E(cifra.Unsigned, "error.token.revoked"),
		"Origin":         cifra.E(cifra.Denied, "error.origin"),
		"BodyKind":       cifra.E(cifra.Unsupported, "error.body.kind"),
		"DatabaseGone":   cifra.E(cifra.Unavailable, "error.database"),
		"FileMissing":    cifra.E(cifra.Invalid, "error.file.missing"),
		"FileName":       cifra.E(cifra.Invalid, "error.file.name"),
		"FileEmpty":      cifra.E(cifra.Invalid, "error.file.empty"),
		"FileLarge":      cifra.E(cifra.TooLarge, "error.file.large", "Limit", 8),
		"FileKind":       cifra.E(cifra.Unsupported, "error.file.kind"),
		"FileHEIC":       cifra.E(cifra.Unsupported, "error.file.heic"),
		"FileBroken":     cifra.E(cifra.Impossible, "error.file.broken"),
	}
	for name, e := range says {
		v := problemExamples(t)[name]
		if v == nil {
			t.Errorf("%s: no such example", name)
			continue
		}
		if got, want := v["detail"], words.Error(e); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	const json = "application/json"
	const missing, kind, broken = "error.field.missing", "error.field.type", "error.form.broken"
	tests := []struct {
		name   string
		path   string
		kind   string
		body   string
		key    string            // of the error, "" for none
		fields map[string]string // keys by field
	}{
		{"as documented", "/api/v1/login", json, `{"username":"ana","password":"x"}`, "", nil},
		{"with a charset", "/api/v1/login", json + "; charset=utf-8", `{"username":"ana","password":"x"}`, "", nil},
		{"without a Content-Type", "/api/v1/login", "", `{"username":"ana","password":"x"}`, "", nil},
		{"unknown fields are ignored", "/api/v1/login", json, `{"username":"ana","password":"x","role":"admin"}`, "", nil},
		{"empty text is the service's to refuse", "/api/v1/login", json, `{"username":"","password":""}`, "", nil},
		{"one missing", "/api/v1/login", json, `{"username":"ana"}`, missing, map[string]string{"password": missing}},
		{"both missing", "/api/v1/register", json, `{}`, missing, map[string]string{"username": missing, "password": missing}},
		{"no body", "/api/v1/login", json, ``, missing, map[string]string{"username": missing, "password": missing}},
		{"null", "/api/v1/login", json, `{"username":null,"password":"x"}`, missing, map[string]string{"username": missing}},
		{"a number", "/api/v1/login", json, `{"username":7,"password":"x"}`, kind, map[string]string{"username": kind}},
		{"a number, and one missing", "/api/v1/login", json, `{"username":7}`, kind, map[string]string{"username": kind, "password": missing}},
		{"a list", "/api/v1/login", json, `[]`, broken, nil},
		{"text", "/api/v1/login", json, `"ana"`, broken, nil},
		{"no JSON", "/api/v1/login", json, `username=ana`, broken, nil},
		{"half of it", "/api/v1/login", json, `{"username":"ana"`, broken, nil},
		{"a form is the handler's to check", "/api/v1/login", "application/x-www-form-urlencoded", `username=ana`, "", nil},
		{"an upload is the handler's to check", "/api/v1/predict", "multipart/form-data; boundary=x", `nothing`, "", nil},
		{"another kind is the handler's to refuse", "/api/v1/login", "text/xml", `<ana/>`, "", nil},
		{"more than 64 KiB is the handler's to refuse", "/api/v1/login", json, `{"x":"` + strings.Repeat("x", maxChecked) + `"}`, "", nil},
		{"a call without a body", "/api/v1/logout", json, `{"x":`, "", nil},
		{"a call that is not documented", "/api/v1/nothing", json, `{"x":`, "", nil},
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
	item := doc.Paths.Value("/api/v1/things/{id}")
	s := &server{api: &apiDocument{doc: doc, ops: map[string]*documentedCall{
		"GET /api/v1/things/{id}": {path: "/api/v1/things/{id}", method: http.MethodGet, item: item, op: item.Get},
	}}}
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

func TestDocumentIsServed(t *testing.T) {
	s := &server{api: document(t)}
	for _, kind := range []string{mimeYAML, echo.MIMEApplicationJSON} {
		t.Run(kind, func(t *testing.T) {
			get := func(tag string) *httptest.ResponseRecorder {
				r, w := httptest.NewRequest(http.MethodGet, "/openapi", nil), httptest.NewRecorder()
				r.Header.Set("If-None-Match", tag)
				if err := s.getOpenAPI(kind)(echo.New().NewContext(r, w)); err != nil {
					t.Fatal(err)
				}
				return w
			}
			w := get("")
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind {
				t.Errorf("got %d, %s, want 200, %s", w.Code, w.Header().Get("Content-Type"), kind)
			}
			if _, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes()); err != nil {
				t.Error(err)
			}
			if again := get(w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
				t.Errorf("got %d with %d bytes, want 304 for a document that has not changed", again.Code, again.Body.Len())
			}
		})
	}
}

func TestDocsView(t *testing.T) {
	v := document(t).view
	shown := map[string]bool{}
	for _, g := range v.Groups {
		if g.Name == "" || g.Description == "" || len(g.Operations) == 0 {
			t.Errorf("got group %q with %d calls, want a name, a description and calls", g.Name, len(g.Operations))
		}
		for _, o := range g.Operations {
			shown[o.Method+" "+o.Path] = true
			if o.ID == "" || o.Summary == "" || !strings.HasPrefix(o.Curl, "curl ") || len(o.Answers) == 0 {
				t.Errorf("%s %s: got %+v, want everything", o.Method, o.Path, o)
			}
			for _, a := range o.Answers {
				if a.Body != "" && !json.Valid([]byte(a.Body)) {
					t.Errorf("%s %s: %d: got %s, want JSON", o.Method, o.Path, a.Status, a.Body)
				}
			}
		}
	}
	if got, want := len(shown), len(document(t).ops); got != want {
		t.Errorf("got %d calls, want all %d", got, want)
	}
	curls := []struct{ call, want string }{
		{"POST /api/v1/login", "curl 'http://127.0.0.1:8080/api/v1/login' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"password\":\"lluvia de abril\",\"username\":\"ana\"}'"},
		{"POST /api/v1/logout", "curl -X POST 'http://127.0.0.1:8080/api/v1/logout' \\\n  -H \"Authorization: Bearer $TOKEN\""},
		{"POST /api/v2/predict", "curl 'http://127.0.0.1:8080/api/v2/predict' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -F file=@digit.png"},
		{"GET /health", "curl 'http://127.0.0.1:8080/health'"},
	}
	for _, tt := range curls {
		got, err := document(t).ops[tt.call].curl()
		if err != nil || got != tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.call, got, err, tt.want)
		}
	}
	if got, want := quote("it's"), `'it'\''s'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkOpenAPI(b *testing.B) {
	for b.Loop() {
		if _, err := openAPI(); err != nil {
			b.Fatal(err)
		}
	}
}
