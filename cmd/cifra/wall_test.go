package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// drawsWith uploads a picture with the page's form and further fields, and returns the address of the answer.
func (b *browser) drawsWith(content []byte, fields ...string) string {
	b.t.Helper()
	body, kind := multipartBody(b.t, "ana's seven.png", content, fields...)
	var cookies []string
	for name, value := range b.cookies {
		cookies = append(cookies, name+"="+value)
	}
	got := b.do(http.MethodPost, "/predict", body, "Content-Type", kind, "Accept", "text/html", "Cookie", strings.Join(cookies, "; "))
	b.take(got)
	if got.status >= http.StatusBadRequest {
		b.t.Fatalf("drawing: got %d %s", got.status, got.body)
	}
	return got.header.Get("Location")
}

// TestWall: what a guest agrees to show is on the wall at once, live and without a name; what they don't is not; taken
// down, or deleted by its maker, it is gone.
func TestWall(t *testing.T) {
	r := start(t, "CIFRA_DEMO=true")
	conn, res, err := websocket.Dial(t.Context(), strings.Replace(r.base, "http", "ws", 1)+"/wall/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Body != nil {
		defer func() { _ = res.Body.Close() }()
	}
	defer func() { _ = conn.CloseNow() }()
	heard := func(want string) {
		t.Helper()
		for {
			_, b, err := conn.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var m struct{ Event, HTML string }
			if err := json.Unmarshal(b, &m); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(m.HTML, "ana") || strings.Contains(m.HTML, "guest-") || strings.Contains(m.HTML, "/r/") {
				t.Errorf("the room is told whose it is: %s", m.HTML)
			}
			if m.Event == "hello" || m.Event == "pulse" {
				continue
			}
			if m.Event != want {
				t.Errorf("got %s, want %s", m.Event, want)
			}
			return
		}
	}
	b := r.browser()
	if page := string(b.send(http.MethodGet, "/", nil).body); !strings.Contains(page, `name="wall"`) || strings.Contains(page, `name="wall" value="true" checked`) {
		t.Error("the page asks without waiting for a yes, or doesn't ask")
	}
	seven := crossedSeven(t)
	b.drawsWith(seven)                                        // not asked for
	b.drawsWith(seven, "wall", "true", "keep", "false")       // not kept, so there is nothing to show
	first := b.drawsWith(seven, "wall", "true")               // number 1
	second := b.drawsWith(seven, "wall", "true", "api", "v1") // number 2
	heard("wall_shown")
	heard("wall_shown")
	if first == "" || second == "" {
		t.Fatal("got no answers")
	}
	visitor := r.browser()
	wall := string(visitor.send(http.MethodGet, "/wall", nil).body)
	if strings.Count(wall, `class="wall-drawing"`) != 2 || strings.Contains(wall, "guest-") || strings.Contains(wall, "/r/") || strings.Contains(wall, "seven.png") {
		t.Errorf("got %s, want two drawings and no names", wall)
	}
	if got := visitor.send(http.MethodGet, "/wall/1/drawing", nil); got.status != http.StatusOK || !bytes.HasPrefix(got.body, []byte("\x89PNG")) {
		t.Errorf("the drawing: got %d", got.status)
	}
	if got := visitor.send(http.MethodPost, "/wall/1/hide", url.Values{}); got.status != http.StatusSeeOther {
		t.Errorf("taking it down: got %d %s", got.status, got.body)
	}
	heard("wall_hidden")
	if got := b.send(http.MethodPost, second+"/delete", url.Values{}); got.status >= http.StatusBadRequest {
		t.Errorf("deleting: got %d %s", got.status, got.body)
	}
	heard("wall_hidden")
	for _, path := range []string{"/wall/1/drawing", "/wall/2/drawing", "/wall/3/drawing", "/wall/x/drawing"} {
		if got := visitor.send(http.MethodGet, path, nil); got.status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, got.status)
		}
	}
	if got := visitor.send(http.MethodPost, "/wall/1/hide", url.Values{}); got.status != http.StatusNotFound {
		t.Errorf("taking it down twice: got %d, want 404", got.status)
	}
	if wall := string(visitor.send(http.MethodGet, "/wall", nil).body); strings.Contains(wall, `class="wall-drawing"`) {
		t.Errorf("got %s, want an empty wall", wall)
	}
}
