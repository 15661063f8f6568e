package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"cifra/views"
)

// docsView returns the calls as the API's page shows them: by the document's tags, then by path.
func (d *apiDocument) docsView() (views.DocsView, error) {
	var v views.DocsView
	for _, tag := range d.doc.Tags {
		g := views.DocsGroup{Name: tag.Name, Description: strings.TrimSpace(tag.Description)}
		for _, call := range d.calls() {
			if !slices.Contains(call.op.Tags, tag.Name) {
				continue
			}
			o, err := call.view()
			if err != nil {
				return views.DocsView{}, fmt.Errorf("openapi.yaml: %s %s: %w", call.method, call.path, err)
			}
			g.Operations = append(g.Operations, o)
		}
		v.Groups = append(v.Groups, g)
	}
	return v, nil
}

// calls returns every call by path, what reads before what writes.
func (d *apiDocument) calls() []*documentedCall {
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	return slices.SortedFunc(maps.Values(d.ops), func(a, b *documentedCall) int {
		return cmp.Or(cmp.Compare(a.path, b.path),
			cmp.Compare(slices.Index(methods, a.method), slices.Index(methods, b.method)))
	})
}

func (c *documentedCall) view() (views.DocsOperation, error) {
	v := views.DocsOperation{
		ID: c.op.OperationID, Method: c.method, Path: c.path,
		Summary: c.op.Summary, Description: strings.TrimSpace(c.op.Description),
	}
	var err error
	if v.Curl, err = c.curl(); err != nil {
		return v, err
	}
	c.describe(&v)
	for _, status := range slices.Sorted(maps.Keys(c.op.Responses.Map())) {
		answers, err := docsAnswers(status, c.op.Responses.Value(status).Value)
		if err != nil {
			return v, err
		}
		v.Answers = append(v.Answers, answers...)
	}
	return v, nil
}

// docsAnswers returns the examples of an answer, or the answer without a body where it has none.
func docsAnswers(status string, r *openapi3.Response) ([]views.DocsAnswer, error) {
	n, err := strconv.Atoi(status)
	if err != nil {
		return nil, fmt.Errorf("status %q: %w", status, err)
	}
	var answers []views.DocsAnswer
	for _, kind := range slices.Sorted(maps.Keys(r.Content)) {
		for _, name := range slices.Sorted(maps.Keys(r.Content[kind].Examples)) {
			value := r.Content[kind].Examples[name].Value.Value
			body, err := json.MarshalIndent(value, "", "  ")
			if err != nil {
				return nil, fmt.Errorf("example %s: %w", name, err)
			}
			answers = append(answers, views.DocsAnswer{Status: n, Description: describe(r, kind, name), Body: string(body)})
		}
	}
	if answers == nil {
		answers = []views.DocsAnswer{{Status: n, Description: strings.TrimSpace(*r.Description)}}
	}
	return answers, nil
}

// describe says what an answer's example shows: what the answer is, and, where there are several, what this one says or is
// called.
func describe(r *openapi3.Response, kind, name string) string {
	all, about := r.Content[kind].Examples, strings.TrimSpace(*r.Description)
	if len(all) == 1 {
		return about
	}
	if problem, ok := all[name].Value.Value.(map[string]any); ok {
		if detail, ok := problem["detail"].(string); ok {
			return detail
		}
	}
	return about + " (" + name + ")"
}

// exampleHost is where the examples ask: the address of a server that was just started.
const exampleHost = "http://127.0.0.1:8080"

// curl returns the call as somebody would try it in a shell.
func (c *documentedCall) curl() (string, error) {
	var b strings.Builder
	b.WriteString("curl")
	if c.method != http.MethodGet && c.op.RequestBody == nil {
		b.WriteString(" -X " + c.method)
	}
	path, query := c.path, url.Values{}
	for _, ref := range c.op.Parameters {
		p := ref.Value
		switch {
		case p.Example == nil:
		case p.In == openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(p.Example)))
		case p.In == openapi3.ParameterInQuery:
			query.Set(p.Name, fmt.Sprint(p.Example))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	b.WriteString(" " + quote(exampleHost+path))
	if c.op.Security != nil && len(*c.op.Security) > 0 {
		b.WriteString(` \` + "\n  -H \"Authorization: Bearer $TOKEN\"")
	}
	if c.op.RequestBody == nil {
		return b.String(), nil
	}
	content := c.op.RequestBody.Value.Content
	media := content[echo.MIMEApplicationJSON]
	if media == nil {
		if content[echo.MIMEMultipartForm] != nil {
			b.WriteString(" \\\n  -F file=@digit.png")
		}
		return b.String(), nil
	}
	for _, name := range slices.Sorted(maps.Keys(media.Examples))[:min(1, len(media.Examples))] {
		body, err := json.Marshal(media.Examples[name].Value.Value)
		if err != nil {
			return "", fmt.Errorf("example %s: %w", name, err)
		}
		b.WriteString(" \\\n  -H 'Content-Type: application/json' \\\n  -d " + quote(string(body)))
	}
	return b.String(), nil
}

// quote returns s as one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
