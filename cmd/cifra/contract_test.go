package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// TestUploadTwice is the contract's first promise: the same picture twice is one digit, first from the model, then from
// the cache, and the headers agree with the body.
func TestUploadTwice(t *testing.T) {
	r := start(t)
	token := r.register("ana")
	seven := crossedSeven(t)
	for _, tt := range []struct {
		name, path, source, xcache, status string
		cached                             bool
	}{
		{"v1 asks its model", "/api/v1/predict", "model", "MISS", "fwd=uri-miss", false},
		{"v1 remembers", "/api/v1/predict", "cache", "HIT", "; hit; ttl=", true},
		{"v2 has an answer of its own", "/api/v2/predict", "model", "MISS", "fwd=uri-miss", false},
		{"v2 remembers", "/api/v2/predict", "cache", "HIT", "; hit; ttl=", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.upload(tt.path, token, "seven.png", seven)
			if got.status != http.StatusOK {
				t.Fatalf("got %d %s, want 200", got.status, got.body)
			}
			m := got.json(t)
			if m["prediccion"] != 7.0 || m["cached"] != tt.cached || m["source"] != tt.source {
				t.Errorf("got %s, want a 7, cached %v, source %s", got.body, tt.cached, tt.source)
			}
			if h := got.header; h.Get("X-Cache") != tt.xcache || !strings.Contains(h.Get("Cache-Status"), tt.status) ||
				!strings.Contains(h.Get("Server-Timing"), "total;dur=") || (h.Get("Age") != "") != tt.cached {
				t.Errorf("got headers %v, want X-Cache %s and Cache-Status with %q", h, tt.xcache, tt.status)
			}
		})
	}
}

// TestRefusals walks the contract's refusals of an upload.
func TestRefusals(t *testing.T) {
	r := start(t)
	token := r.register("ana")
	for _, tt := range []struct {
		name, token, file string
		content           []byte
		want              int
	}{
		{"no token", "", "seven.png", crossedSeven(t), http.StatusUnauthorized},
		{"a forged token", "abc.def.ghi", "seven.png", crossedSeven(t), http.StatusUnauthorized},
		{"no file", token, "", nil, http.StatusBadRequest},
		{"an empty name", token, "", []byte("x"), http.StatusBadRequest},
		{"an empty file", token, "empty.png", []byte{}, http.StatusBadRequest},
		{"text that calls itself a picture", token, "seven.png", []byte("seven, honestly"), http.StatusUnsupportedMediaType},
		{"nine megabytes", token, "large.png", bytes.Repeat([]byte("x"), 9<<20), http.StatusRequestEntityTooLarge},
		{"a small file that claims 50,000 × 50,000", token, "flood.png", floodPNG(t), http.StatusUnprocessableEntity},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := r.upload("/api/v2/predict", tt.token, tt.file, tt.content)
			runtime.ReadMemStats(&after)
			if got.status != tt.want {
				t.Fatalf("got %d %s, want %d", got.status, got.body, tt.want)
			}
			m := got.json(t)
			if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
				t.Errorf("got Content-Type %s, want a problem document", kind)
			}
			if m["detail"] == "" || m["msg"] != m["detail"] || m["error"] != m["detail"] || m["request_id"] != got.header.Get("X-Request-Id") {
				t.Errorf("got %s, want detail, msg and error with one sentence, and the request's id", got.body)
			}
			if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 64<<20 {
				t.Errorf("the refusal allocated %d MiB", grown>>20)
			}
		})
	}
}

// floodPNG is a PNG of 72 bytes or so that claims 50,000 × 50,000 pixels.
func floodPNG(t *testing.T) []byte {
	t.Helper()
	var b, data bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, content []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(content)))
		sum := crc32.NewIEEE()
		_, _ = sum.Write([]byte(kind))
		_, _ = sum.Write(content)
		b.WriteString(kind)
		b.Write(content)
		_ = binary.Write(&b, binary.BigEndian, sum.Sum32())
	}
	header := make([]byte, 13)
	binary.BigEndian.PutUint32(header, 50_000)
	binary.BigEndian.PutUint32(header[4:], 50_000)
	header[8] = 8
	chunk("IHDR", header)
	z := zlib.NewWriter(&data)
	_, _ = z.Write([]byte{0})
	_ = z.Close()
	chunk("IDAT", data.Bytes())
	chunk("IEND", nil)
	return b.Bytes()
}

// TestKeepNothing holds that keep=false leaves no prediction behind.
func TestKeepNothing(t *testing.T) {
	r := start(t)
	token := r.register("ana")
	got := r.upload("/api/v2/predict", token, "seven.png", crossedSeven(t), "keep", "false")
	if m := got.json(t); got.status != http.StatusOK || m["id"] != nil || m["prediccion"] != 7.0 {
		t.Fatalf("got %d %s, want a 7 without an id", got.status, got.body)
	}
}

// TestNegotiation holds who is given HTML.
func TestNegotiation(t *testing.T) {
	r := start(t)
	for _, tt := range []struct{ name, accept, want string }{
		{"a browser", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"},
		{"curl", "*/*", "application/problem+json"},
		{"nothing said", "", "application/problem+json"},
		{"a client that refuses HTML", "text/html;q=0, application/json", "application/problem+json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := r.do(http.MethodGet, "/r/nowhere", nil, "Accept", tt.accept)
			if got.status != http.StatusNotFound || !strings.HasPrefix(got.header.Get("Content-Type"), tt.want) {
				t.Errorf("got %d %s, want 404 as %s", got.status, got.header.Get("Content-Type"), tt.want)
			}
		})
	}
}

// TestCrossSite holds that another site's page cannot post here.
func TestCrossSite(t *testing.T) {
	r := start(t)
	body, kind := multipartBody(t, "seven.png", crossedSeven(t))
	got := r.do(http.MethodPost, "/predict", body, "Content-Type", kind, "Sec-Fetch-Site", "cross-site", "Accept", "text/html")
	if got.status != http.StatusForbidden {
		t.Errorf("got %d, want 403", got.status)
	}
}

// TestGuestSeesOnlyTheirOwn holds that an address of a result opens for its owner alone.
func TestGuestSeesOnlyTheirOwn(t *testing.T) {
	r := start(t)
	body, kind := multipartBody(t, "seven.png", crossedSeven(t))
	sent := r.do(http.MethodPost, "/predict", body, "Content-Type", kind, "Accept", "text/html")
	where := sent.header.Get("Location")
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(where, "/r/") {
		t.Fatalf("got %d to %q, want 303 to /r/…", sent.status, where)
	}
	cookie, _, _ := strings.Cut(sent.header.Get("Set-Cookie"), ";")
	if got := r.do(http.MethodGet, where, nil, "Accept", "text/html", "Cookie", cookie); got.status != http.StatusOK {
		t.Errorf("the guest: got %d, want 200", got.status)
	}
	if got := r.do(http.MethodGet, where, nil, "Accept", "text/html"); got.status != http.StatusNotFound {
		t.Errorf("a stranger: got %d, want 404", got.status)
	}
}
