package web

import (
	"context"
	"encoding/json"
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
		"NotFound":       cifra.E(cifra.NotFound, "error.not-found"),
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
		"Denied":         cifra.E(cifra.Denied, "error.denied"),
		"BadCursor":      cifra.E(cifra.Invalid, "error.cursor"),
		"BadPage":        cifra.E(cifra.Impossible, "error.field.value", "Field", "per_page"),
		"InputNotUTF8":   cifra.E(cifra.Invalid, "error.lab.utf8"),
		"InputTooLong":   cifra.E(cifra.Impossible, "error.lab.input.long", "Limit", 1024),
		"Contradiction":  cifra.E(cifra.Impossible, "error.feedback.contradiction"),
		"NoDigit":        cifra.E(cifra.Impossible, "error.feedback.label"),
		"NothingThere":   cifra.E(cifra.NotFound, "error.not-found"),
		"Socket":         cifra.E(cifra.Invalid, "error.socket"),
		"SocketFull":     cifra.E(cifra.Unavailable, "error.socket.full"),
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
