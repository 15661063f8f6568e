package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cifra"
	"cifra/lab/upstream"
)

// insideSecret signs what the tests forge.
const insideSecret = "a secret for tests, long enough to be one"

// inside is the program without its socket: its site is asked directly, and its database is at hand. Nothing trains.
func inside(t testing.TB, change ...func(*Settings)) *app {
	t.Helper()
	service := httptest.NewServer(upstream.New())
	t.Cleanup(service.Close)
	s := &Settings{
		DataDir: t.TempDir(), Env: "development", Secret: insideSecret, CacheURL: "memory://", CacheTTL: 5 * time.Minute,
		HeavyDelay: time.Millisecond, UniversitiesURL: service.URL + "/search", UniversitiesTTL: 30 * time.Second,
		PoolSize: 10, PoolOverflow: 20, PoolTimeout: 20 * time.Second, // a busy machine is no dead database
	}
	for _, c := range change {
		c(s)
	}
	s.complete()
	said := &errorLines{}
	a, err := newApp(&environment{ctx: t.Context(), settings: s, out: io.Discard, err: said})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("errors in the log:\n%s", said)
		}
	})
	t.Cleanup(a.close)
	a.learn.stop()
	a.state.serve()
	return a
}

// errorLines keeps what a log says of errors.
type errorLines struct {
	mu    sync.Mutex // guards lines
	lines []byte
}

func (e *errorLines) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if bytes.Contains(p, []byte("level=ERROR")) {
		e.lines = append(e.lines, p...)
	}
	return len(p), nil
}

func (e *errorLines) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return string(e.lines)
}

// person keeps an account whose password nobody knows, and returns it with a token.
func (a *app) person(t testing.TB, name string, role cifra.Role) (*cifra.User, string) {
	t.Helper()
	u := &cifra.User{Username: name, Role: role, PasswordHash: "$argon2id$"}
	if err := a.db.AddUser(t.Context(), u, cifra.Audit{Action: cifra.ActionRegister}); err != nil {
		t.Fatal(err)
	}
	token, _, err := a.auth.IssueToken(u)
	if err != nil {
		t.Fatal(err)
	}
	return u, token
}

// asked sends a request with JSON straight to the site.
func asked(t *testing.T, a *app, method, path, body, token string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.site.ServeHTTP(w, r)
	return w
}

func id(u *cifra.User) string { return strconv.FormatInt(u.ID, 10) }

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
