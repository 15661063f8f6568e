package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestWhoMayListen: both faces of the socket open for an admin only. A program is told 401 or 403, a browser is led to the
// way to sign in, another site's page is turned away, and nothing is opened.
func TestWhoMayListen(t *testing.T) {
	r, root := withAdmin(t)
	user := r.register("ana")
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}
	for _, path := range []string{"/api/v1/admin/events", "/admin/live"} {
		for _, tt := range []struct {
			name    string
			headers []string
			want    int
		}{
			{"a stranger", upgrade, http.StatusUnauthorized},
			{"a stranger's browser", append([]string{"Accept", "text/html"}, upgrade...), http.StatusSeeOther},
			{"a forged token", append([]string{"Authorization", "Bearer a.b.c"}, upgrade...), http.StatusUnauthorized},
			{"a user", append([]string{"Authorization", "Bearer " + user}, upgrade...), http.StatusForbidden},
			{"another site's page", append([]string{"Authorization", "Bearer " + root, "Origin", "https://evil.example"}, upgrade...), http.StatusForbidden},
			{"an admin without a WebSocket", []string{"Authorization", "Bearer " + root}, http.StatusBadRequest},
			{"an admin who asks for what there can't be", append([]string{"Authorization", "Bearer " + root}, upgrade...), http.StatusUnprocessableEntity},
		} {
			t.Run(path+", "+tt.name, func(t *testing.T) {
				address := path
				if tt.want == http.StatusUnprocessableEntity {
					address += "?since=x"
					if strings.HasPrefix(path, "/api/") {
						tt.want = http.StatusBadRequest // openapi.yaml says that it is a number
					}
				}
				got := r.do(http.MethodGet, address, nil, tt.headers...)
				if got.status != tt.want {
					t.Errorf("got %d %s, want %d", got.status, got.body, tt.want)
				}
				if to := got.header.Get("Location"); tt.want == http.StatusSeeOther && !strings.HasPrefix(to, "/login?next=") {
					t.Errorf("got to %q, want the way to sign in", to)
				}
			})
		}
	}
}

// TestASocketEndsWithItsRight: an admin's program hears what happens until their token is signed out.
func TestASocketEndsWithItsRight(t *testing.T) {
	r, root := withAdmin(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(r.base, "http")+"/api/v1/admin/events?since=0", &websocket.DialOptions{ //nolint:bodyclose // the library closes it
		HTTPHeader: http.Header{"Authorization": {"Bearer " + root}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	hear := func(kind string) map[string]any {
		t.Helper()
		for {
			_, b, err := conn.Read(ctx)
			if err != nil {
				t.Fatalf("waiting for %s: %v", kind, err)
			}
			var m struct {
				Event string
				Data  map[string]any
			}
			if err := json.Unmarshal(b, &m); err != nil {
				t.Fatal(err)
			}
			if m.Event == kind {
				return m.Data
			}
		}
	}
	if m := hear("message"); m["data"] == "" {
		t.Error("got no greeting")
	}
	if got := r.asJSON(http.MethodPost, "/api/v1/feedback", "", `{"prediction":5,"correct":false,"comment":"a three"}`); got.status != http.StatusCreated {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	if m := hear("new_feedback"); m["prediction"] != 5.0 || m["comment"] != "a three" || m["correct"] != false || m["timestamp"] == "" {
		t.Errorf("got %v, want what was said", m)
	}
	if got := r.asJSON(http.MethodPost, "/api/v1/logout", root, ""); got.status != http.StatusNoContent {
		t.Fatalf("signing out: got %d", got.status)
	}
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			if code := websocket.CloseStatus(err); code != websocket.StatusPolicyViolation {
				t.Errorf("got %v, want it closed with 1008", err)
			}
			return
		}
	}
}
