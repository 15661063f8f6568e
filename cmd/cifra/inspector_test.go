package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// TestInspectorHearsOfFlushes: whoever looks into the cache sees each flush as it happens, with who did it. What isn't the
// lab's, sessions among it, nobody sees.
func TestInspectorHearsOfFlushes(t *testing.T) {
	r := start(t, "CIFRA_DEMO=true", "CIFRA_HEAVY_DELAY=0s")
	token := []string{"Authorization", "Bearer " + r.register("ana")}
	conn, res, err := websocket.Dial(t.Context(), strings.Replace(r.base, "http", "ws", 1)+"/lab/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Body != nil {
		defer func() { _ = res.Body.Close() }()
	}
	defer func() { _ = conn.CloseNow() }()

	if got := r.do(http.MethodGet, "/api/v1/operations/heavy?input=x", nil); got.status != http.StatusOK {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	if got := r.do(http.MethodDelete, "/api/v1/cache/heavy", nil, token...); got.status != http.StatusOK {
		t.Fatalf("flush: got %d %s", got.status, got.body)
	}
	for {
		_, b, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var m struct{ Event, HTML, Said string }
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		if m.Event != "cache_flushed" {
			if m.HTML != "" {
				t.Errorf("got %s, want nothing but flushes", m.Event)
			}
			continue
		}
		for _, want := range []string{"ana", "namespace=heavy", `data-live-into="#flushes"`, "/lab/flushed/"} {
			if !strings.Contains(m.HTML, want) {
				t.Errorf("got %s, want %s in it", m.HTML, want)
			}
		}
		if !strings.Contains(m.Said, "ana") {
			t.Errorf("got %q said, want who flushed", m.Said)
		}
		break
	}
	page := string(r.do(http.MethodGet, "/lab/cache", nil, "Accept", "text/html").body)
	if !strings.Contains(page, `id="flush-`) || !strings.Contains(page, "namespace=heavy") {
		t.Errorf("the page: got %s, want the flush among the latest", page)
	}
	for _, namespace := range []string{"session", "predict", "nothing"} {
		for _, path := range []string{"/api/v1/cache/entries?namespace=", "/lab/cache?namespace=", "/lab/cache/entry?key=1&namespace="} {
			got := r.do(http.MethodGet, path+namespace, nil, "Accept", "text/html")
			if got.status == http.StatusOK && strings.Contains(string(got.body), "cache-entries") {
				t.Errorf("%s%s: got %d %s, want nothing shown", path, namespace, got.status, got.body)
			}
			t.Logf("%s%s: %d", path, namespace, got.status)
		}
	}
}
