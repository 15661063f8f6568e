package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"cifra/views"
)

// describe fills in what a call takes: what the API's page lists, and makes a form of.
func (c *documentedCall) describe(v *views.DocsOperation) {
	for _, ref := range append(slices.Clone(c.item.Parameters), c.op.Parameters...) {
		p := ref.Value
		d := views.DocsParam{
			Name: p.Name, In: p.In, Kind: kindOf(p.Schema.Value), Description: strings.TrimSpace(p.Description), Required: p.Required,
		}
		if p.Example != nil {
			d.Example = fmt.Sprint(p.Example)
		}
		for _, choice := range p.Schema.Value.Enum {
			d.Choices = append(d.Choices, fmt.Sprint(choice))
		}
		v.Params = append(v.Params, d)
	}
	v.Socket = c.op.Responses.Value("101") != nil
	if c.op.RequestBody == nil {
		return
	}
	content := c.op.RequestBody.Value.Content
	if media := content[echo.MIMEApplicationJSON]; media != nil {
		v.Body = "{}"
		for _, name := range slices.Sorted(maps.Keys(media.Examples))[:min(1, len(media.Examples))] {
			if b, err := json.MarshalIndent(media.Examples[name].Value.Value, "", "  "); err == nil {
				v.Body = string(b)
			}
		}
		return
	}
	if media := content[echo.MIMEMultipartForm]; media != nil {
		for _, name := range slices.Sorted(maps.Keys(media.Schema.Value.Properties)) {
			if media.Schema.Value.Properties[name].Value.ContentMediaType != "" {
				v.File = name
			}
		}
	}
}

// kindOf names the kind of a parameter.
func kindOf(s *openapi3.Schema) string {
	if s.Format != "" {
		return s.Format
	}
	return strings.Join(s.Type.Slice(), ", ")
}
