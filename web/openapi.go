package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"cifra/views"
)

// openapiYAML is the contract: every call for programs, written by hand. Tests hold it to the routes and to what
// the calls answer.
//
//go:embed openapi.yaml
var openapiYAML []byte

// apiDocument is openapi.yaml in the forms in which it is needed.
type apiDocument struct {
	doc  *openapi3.T
	view views.DocsView             // for the page
	json []byte                     // the same document
	tags map[string]string          // ETags, by media type
	ops  map[string]*documentedCall // by method and path, as in "POST /api/v1/predictions/{id}"

	byRoute map[route]*documentedCall // the same, by the routes of the site
}

// route is one of Echo's, such as POST and "/api/v1/predictions/:id".
type route struct{ method, path string }

// know looks the site's routes up once, so that no request needs to.
func (d *apiDocument) know(routes []*echo.Route) {
	d.byRoute = make(map[route]*documentedCall, len(routes))
	for _, r := range routes {
		if call := d.ops[r.Method+" "+documentPath(r.Path)]; call != nil {
			d.byRoute[route{r.Method, r.Path}] = call
		}
	}
}

// call returns what the document says of the route that c took, nil where it says nothing.
func (d *apiDocument) call(c echo.Context) *documentedCall {
	if d.byRoute == nil { // a test's few routes
		return d.ops[c.Request().Method+" "+documentPath(c.Path())]
	}
	return d.byRoute[route{c.Request().Method, c.Path()}]
}

// documentedCall is one call of the document.
type documentedCall struct {
	path   string
	method string
	item   *openapi3.PathItem
	op     *openapi3.Operation
	route  *routers.Route // itself, as requests are held against it
}

// openAPI reads the document. It takes some 30 ms, so it is read once, at the start; that it is valid is a test's business.
func openAPI() (*apiDocument, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapiYAML)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	d := &apiDocument{doc: doc, ops: documentedCalls(doc)}
	if d.json, err = doc.MarshalJSON(); err != nil {
		return nil, fmt.Errorf("openapi.yaml as JSON: %w", err)
	}
	d.tags = map[string]string{mimeYAML: entityTag(openapiYAML), echo.MIMEApplicationJSON: entityTag(d.json)}
	if d.view, err = d.docsView(); err != nil {
		return nil, err
	}
	return d, nil
}

// documentedCalls returns doc's calls, by method and path.
func documentedCalls(doc *openapi3.T) map[string]*documentedCall {
	ops := map[string]*documentedCall{}
	requests := requestRules(doc)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			ops[method+" "+path] = &documentedCall{
				path: path, method: method, item: item, op: op,
				route: &routers.Route{Spec: requests, Path: path, PathItem: item, Method: method, Operation: op},
			}
		}
	}
	return ops
}

// requestRules is doc for those who hold requests against it. kin-openapi compiles each schema of a document of
// version 3.1 anew for each value that it looks at, and walks those of 3.0 as they are: 30 times as quick. What requests
// may be is said without the words that only 3.1 has, which a test holds.
func requestRules(doc *openapi3.T) *openapi3.T {
	requests := *doc
	requests.OpenAPI = "3.0.3"
	return &requests
}

// mimeYAML is RFC 9512's.
const mimeYAML = "application/yaml"

func entityTag(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// getOpenAPI gives the document as one of its two media types.
func (s *server) getOpenAPI(kind string) echo.HandlerFunc {
	content := openapiYAML
	if kind == echo.MIMEApplicationJSON {
		content = s.api.json
	}
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderContentType, kind)
		h.Set(echo.HeaderCacheControl, "no-cache")
		h.Set("ETag", s.api.tags[kind])
		http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(content))
		return nil
	}
}
