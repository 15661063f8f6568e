package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"cifra"
)

// maxChecked is the most bytes of a JSON body that are held against the document. A larger one is passed on unchecked:
// the handlers have limits of their own and say what is wrong with it.
const maxChecked = 64 << 10

// validate refuses calls whose parameters or JSON body the document does not allow: cifra.Invalid for what is missing,
// cannot be parsed or is of the wrong kind, cifra.Impossible for values that are not possible. Uploads and forms
// are the handlers' to check. Calls that are not in the document pass.
func (s *server) validate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		call := s.api.call(c)
		if call == nil || call.saysNothing(c.Request()) {
			return next(c)
		}
		params := make(map[string]string, len(c.ParamNames()))
		for _, name := range c.ParamNames() {
			params[name] = c.Param(name)
		}
		if err := call.check(c.Request(), params); err != nil {
			return err
		}
		return next(c)
	}
}

// saysNothing reports whether there is nothing to hold r against: no parameter, and no body that is read as JSON.
func (call *documentedCall) saysNothing(r *http.Request) bool {
	return len(call.item.Parameters) == 0 && len(call.op.Parameters) == 0 && (call.op.RequestBody == nil || !isJSON(r))
}

var echoParam = regexp.MustCompile(`:(\w+)`)

// documentPath returns a route's path as the document writes it: "/r/:id" is "/r/{id}" there.
func documentPath(route string) string { return echoParam.ReplaceAllString(route, "{$1}") }

// check holds r against the document. The body can be read again afterwards.
func (call *documentedCall) check(r *http.Request, params map[string]string) error {
	options := &openapi3filter.Options{
		MultiError:          true,
		SkipSettingDefaults: true, // it would write the body anew
		ExcludeRequestBody:  true,
		AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc, // who may enter is the routes' business
	}
	checked := *r
	checked.Body = http.NoBody // kin-openapi reads the body whatever it is told
	if call.op.RequestBody != nil && isJSON(r) {
		body, whole, err := peek(r, maxChecked)
		if err != nil {
			return cifra.E(cifra.Invalid, "error.form.broken").Wrap(err)
		}
		options.ExcludeRequestBody = !whole
		checked.Body = io.NopCloser(bytes.NewReader(body))
		checked.Header = maps.Clone(r.Header)
		checked.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	}
	err := openapi3filter.ValidateRequest(context.WithoutCancel(r.Context()), &openapi3filter.RequestValidationInput{
		Request: &checked, PathParams: params, Options: options, Route: call.route,
	})
	if err == nil {
		return nil
	}
	f := findings{call: call, fields: map[string]*cifra.Error{}}
	f.add(err, "")
	return f.error()
}

// isJSON reports whether r's body is to be read as JSON: that is what no Content-Type means here.
func isJSON(r *http.Request) bool {
	kind := r.Header.Get(echo.HeaderContentType)
	if kind == "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(kind)
	return err == nil && kind == echo.MIMEApplicationJSON
}

// peek reads up to limit bytes of r's body and puts them back. Whole is false where there are more.
func peek(r *http.Request, limit int64) (body []byte, whole bool, err error) {
	if r.Body == nil {
		return nil, true, nil
	}
	body, err = io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, false, err
	}
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}
	return body, int64(len(body)) <= limit, nil
}

// errNotInDocument is the cause of every refusal here; which fields it is about stands in the refusal.
var errNotInDocument = errors.New("openapi.yaml does not allow it")

// findings are what the document has against a call, by field.
type findings struct {
	call   *documentedCall
	fields map[string]*cifra.Error
	broken bool // the body cannot be parsed
}

// add walks through the errors of kin-openapi, which are nested. Param is the parameter that err is about, "" for the body.
func (f *findings) add(err error, param string) {
	switch e := err.(type) { //nolint:errorlint // the tree is walked node by node
	case openapi3.MultiError:
		for _, one := range e {
			f.add(one, param)
		}
	case *openapi3filter.RequestError:
		f.addRequest(e)
	case *openapi3.SchemaError:
		if inner, ok := errors.AsType[openapi3.MultiError](e.Origin); ok {
			f.add(inner, param)
			return
		}
		f.addSchema(e, param)
	default:
		if inner := errors.Unwrap(err); inner != nil {
			f.add(inner, param)
		}
	}
}

func (f *findings) addRequest(e *openapi3filter.RequestError) {
	param := ""
	if e.Parameter != nil {
		param = e.Parameter.Name
	}
	var parse *openapi3filter.ParseError
	switch {
	case errors.Is(e.Err, openapi3filter.ErrInvalidRequired) && param == "": // no body at all
		f.missing(f.required()...)
	case errors.Is(e.Err, openapi3filter.ErrInvalidRequired), errors.Is(e.Err, openapi3filter.ErrInvalidEmptyValue):
		f.missing(param)
	case errors.As(e.Err, &parse) && param == "":
		f.broken = true
	case errors.As(e.Err, &parse):
		f.fields[param] = cifra.E(cifra.Invalid, "error.field.type", "Field", param)
	case e.Err != nil:
		f.add(e.Err, param)
	}
}

// addSchema says one thing that is wrong with one value. Lengths and patterns of text are left to those who know
// the rule behind them: they say it better.
func (f *findings) addSchema(e *openapi3.SchemaError, param string) {
	field := param
	if path := e.JSONPointer(); len(path) > 0 {
		field = path[len(path)-1]
	}
	switch e.SchemaField {
	case "required":
		object, _ := e.Value.(map[string]any)
		for _, name := range f.required() {
			if _, ok := object[name]; !ok {
				f.missing(name)
			}
		}
	case "type", "nullable":
		switch {
		case field == "": // the body is no object
			f.broken = true
		case e.Value == nil:
			f.missing(field)
		default:
			f.fields[field] = cifra.E(cifra.Invalid, "error.field.type", "Field", field)
		}
	case "minLength", "maxLength", "pattern", "format":
	default:
		f.fields[field] = cifra.E(cifra.Impossible, "error.field.value", "Field", field)
	}
}

func (f *findings) missing(names ...string) {
	for _, name := range names {
		f.fields[name] = cifra.E(cifra.Invalid, "error.field.missing", "Field", name)
	}
}

// required returns the fields that a JSON body must have, in the document's order.
func (f *findings) required() []string {
	media := f.call.op.RequestBody.Value.Content.Get(echo.MIMEApplicationJSON)
	if media == nil || media.Schema == nil {
		return nil
	}
	return media.Schema.Value.Required
}

// error joins the findings into one error: what is missing or of the wrong kind before what is not possible.
// It is nil where nothing is left to say.
// kin-openapi's own words are no cause: they repeat the values, a password among them, and causes are logged.
func (f *findings) error() error {
	cause := errNotInDocument
	if f.broken {
		return cifra.E(cifra.Invalid, "error.form.broken").Wrap(cause)
	}
	names := slices.Sorted(maps.Keys(f.fields))
	if f.call.op.RequestBody != nil {
		names = append(f.required(), names...)
	}
	for _, code := range []cifra.Code{cifra.Invalid, cifra.Impossible} {
		for _, name := range names {
			if first := f.fields[name]; first != nil && first.Code == code {
				return &cifra.Error{Code: code, Key: first.Key, Values: first.Values, Fields: f.fields, Err: fmt.Errorf("%w: %s", cause, name)}
			}
		}
	}
	return nil
}
