package httpcache

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packFrom is the fewest bytes that are compressed: below, it saves nothing that anybody notices.
const packFrom = 256

// compressible reports whether compressing a is worth a try, and allowed.
func (a *answer) compressible() bool {
	if len(a.Body) < packFrom || slices.Contains(directives(a.Header), "no-transform") {
		return false
	}
	kind, _, _ := strings.Cut(strings.ToLower(a.Header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	switch kind {
	case "application/json", "application/javascript", "application/xml", "application/yaml", "application/wasm",
		"image/svg+xml", "application/x-ndjson":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml")
}

var packers = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1))
})

// pack compresses body both ways; nil where that makes it no smaller.
func pack(body []byte) (gz, zs []byte) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
	if err == nil {
		if _, err = w.Write(body); err == nil {
			err = w.Close()
		}
	}
	if err == nil && b.Len() < len(body) {
		gz = b.Bytes()
	}
	if e, err := packers(); err == nil {
		if packed := e.EncodeAll(body, nil); len(packed) < len(body) {
			zs = packed
		}
	}
	return gz, zs
}

// choose returns the form of a that a client with these Accept-Encoding lines gets: "zstd", "gzip" or "" for the body
// as it is, by the client's weights; of equal ones the smaller body.
func choose(lines []string, a *answer) string {
	if a.Gzip == nil && a.Zstd == nil || len(lines) == 0 {
		return ""
	}
	weight := map[string]float64{}
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
			q := 1.0
			if v, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q="); ok {
				var err error
				if q, err = strconv.ParseFloat(v, 64); err != nil || q < 0 || q > 1 {
					q = 0
				}
			}
			weight[strings.ToLower(strings.TrimSpace(name))] = q
		}
	}
	of := func(name string) float64 {
		if q, ok := weight[name]; ok {
			return q
		}
		return weight["*"]
	}
	best, form, size := 0.0, "", 0
	if q, ok := weight["identity"]; ok {
		best, size = q, len(a.Body)
	}
	for _, c := range []struct {
		name string
		body []byte
	}{{"zstd", a.Zstd}, {"gzip", a.Gzip}} {
		q := of(c.name)
		if c.body != nil && q > 0 && (q > best || q == best && len(c.body) < size) {
			best, form, size = q, c.name, len(c.body)
		}
	}
	return form
}
