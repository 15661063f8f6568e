package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"iter"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// nasty are texts that break programs.
var nasty = []string{
	"", " ", "0", "-1", "1e9", "99999999999999999999", "null", "true", "NaN", "\x00", "a\x00b", "\xff\xfe", "%00", "%", "..", "../../etc/passwd",
	"'; DROP TABLE users; --", "<script>alert(1)</script>", "ñandú", "🧮", "\u202e", "\r\nSet-Cookie: a=b", "{{.}}", "${7*7}", "2026-02-30", "9999-12-31", "0000-00-00", "_", "!",
	strings.Repeat("a", 300), strings.Repeat("Ж", 3000),
}

// one is true once in n times.
func (f *fuzzer) one(n int) bool { return f.rng.IntN(n) == 0 }

func pick[T any](f *fuzzer, list []T) T { return list[f.rng.IntN(len(list))] }

func mapsKeys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

func nonEmpty(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func unescaped(path string) string {
	p, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return p
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

// text is a value of a parameter: mostly one that fits, now and then something nasty.
func (f *fuzzer) text(s *openapi3.Schema, example any) string {
	switch {
	case f.one(5):
		return pick(f, nasty)
	case len(f.seen) > 0 && s.Type.Is("string") && f.one(2):
		return pick(f, f.seen)
	case example != nil && !f.one(3):
		return fmt.Sprint(example)
	}
	return fmt.Sprint(f.value(s, 0))
}

// value is one that fits a schema.
func (f *fuzzer) value(s *openapi3.Schema, depth int) any {
	switch {
	case depth > 6:
		return nil
	case len(s.Enum) > 0:
		return pick(f, s.Enum)
	case len(s.AnyOf) > 0:
		return f.value(pick(f, s.AnyOf).Value, depth+1)
	case s.Type.Is("object"):
		o := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if slices.Contains(s.Required, name) || !f.one(3) {
				o[name] = f.value(s.Properties[name].Value, depth+1)
			}
		}
		return o
	case s.Type.Is("array"):
		list := []any{}
		for range f.rng.IntN(3) {
			list = append(list, f.value(s.Items.Value, depth+1))
		}
		return list
	case s.Type.Is("integer"), s.Type.Is("number"):
		low, high := 0.0, 100.0
		if s.Min != nil {
			low = *s.Min
		}
		if s.Max != nil {
			high = *s.Max
		}
		return int64(low) + f.rng.Int64N(int64(high-low)+1)
	case s.Type.Is("boolean"):
		return f.one(2)
	case s.Format == "date":
		return fmt.Sprintf("2026-%02d-%02d", 1+f.rng.IntN(12), 1+f.rng.IntN(28))
	}
	return pick(f, []string{"ana", "7", "v2", "Germany", "a long passphrase", fmt.Sprint("name", f.rng.IntN(1000))})
}

// body is one of the document's kinds of body, or one that it doesn't have.
func (f *fuzzer) body(op *openapi3.Operation) (kind string, body []byte) {
	if op.RequestBody == nil {
		return "", nil
	}
	content := op.RequestBody.Value.Content
	kinds := slices.Sorted(maps.Keys(content))
	switch {
	case f.one(25):
		return pick(f, []string{"text/plain", "application/xml", "x", "multipart/form-data"}), []byte(pick(f, nasty))
	case f.one(60):
		return pick(f, kinds), bytes.Repeat([]byte("x"), 70<<10)
	case f.one(40):
		return "", nil
	}
	kind = pick(f, kinds)
	schema := content[kind].Schema.Value
	switch kind {
	case "multipart/form-data":
		return f.multipart(schema)
	case "application/x-www-form-urlencoded":
		form := url.Values{}
		o, _ := f.object(schema).(map[string]any)
		for name, v := range o {
			form.Set(name, fmt.Sprint(v))
		}
		return kind, []byte(form.Encode())
	}
	v := f.object(schema)
	for _, name := range slices.Sorted(maps.Keys(content[kind].Examples)) {
		if f.one(3) {
			v = content[kind].Examples[name].Value.Value
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		f.t.Fatal(err)
	}
	if f.one(25) {
		b = b[:f.rng.IntN(len(b)+1)]
	}
	return kind, b
}

// object is one that fits a schema, but for a mistake now and then.
func (f *fuzzer) object(s *openapi3.Schema) any {
	v := f.value(s, 0)
	o, ok := v.(map[string]any)
	if !ok || !f.one(3) {
		return v
	}
	names := slices.Sorted(maps.Keys(s.Properties))
	if len(names) == 0 {
		return v
	}
	name := pick(f, names)
	switch f.rng.IntN(5) {
	case 0:
		delete(o, name)
	case 1:
		o[name] = pick(f, nasty)
	case 2:
		o[name] = pick(f, []any{nil, -1, 1e300, 0.5, true, []any{}, map[string]any{"a": 1}, int64(1) << 60})
	case 3:
		o["another"] = "field"
	default:
		return pick(f, []any{nil, []any{}, "text", 7})
	}
	return o
}

// multipart is a form with a file: a picture of something, or none.
func (f *fuzzer) multipart(s *openapi3.Schema) (kind string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if f.one(8) {
			continue
		}
		if s.Properties[name].Value.ContentMediaType == "" {
			if err := w.WriteField(name, f.text(s.Properties[name].Value, nil)); err != nil {
				f.t.Fatal(err)
			}
			continue
		}
		part, err := w.CreateFormFile(name, strings.Map(printable, pick(f, []string{"digit.png", "a b.png", "", pick(f, nasty)})))
		if err != nil {
			f.t.Fatal(err)
		}
		if _, err := part.Write(f.picture()); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.t.Fatal(err)
	}
	body = b.Bytes()
	if f.one(25) {
		body = body[:f.rng.IntN(len(body)+1)]
	}
	return w.FormDataContentType(), body
}

// picture is a line on paper, or something that is no picture.
func (f *fuzzer) picture() []byte {
	if f.one(6) {
		return []byte(pick(f, nasty))
	}
	img := image.NewGray(image.Rect(0, 0, 40, 40))
	x, slope := 5+f.rng.IntN(20), f.rng.IntN(3)
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := 5; y < 35; y++ {
		for d := range 3 {
			img.SetGray(x+d+y*slope/4, y, color.Gray{Y: uint8(f.rng.IntN(60))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		f.t.Fatal(err)
	}
	out := b.Bytes()
	if f.one(10) {
		out = out[:f.rng.IntN(len(out))]
	}
	return out
}
