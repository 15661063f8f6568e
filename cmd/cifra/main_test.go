package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// running is the program, started by a test with an environment of its own.
type running struct {
	t    *testing.T
	base string // http://127.0.0.1:port
	out  *lockedBuffer
	stop func() error // ends it and returns what run returned
}

// start runs `cifra serve` on a free port with its data in a folder of the test's, and waits until it serves.
// Each of env is a setting, as in "CIFRA_DEMO=true".
func start(t *testing.T, env ...string) *running {
	t.Helper()
	vars := map[string]string{"CIFRA_ADDR": "127.0.0.1:0", "CIFRA_DATA_DIR": t.TempDir(), "CIFRA_ENV_FILE": os.DevNull}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		vars[name] = value
	}
	ctx, cancel := context.WithCancel(t.Context())
	out := &lockedBuffer{ready: make(chan struct{})}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"serve"}, func(k string) string { return vars[k] }, strings.NewReader(""), out, out)
	}()
	r := &running{t: t, out: out, stop: sync.OnceValue(func() error { cancel(); return <-done })}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("run: %v\n%s", err, out)
		}
	})
	select {
	case <-out.ready:
	case err := <-done:
		done <- nil
		t.Fatalf("cifra serve ended: %v\n%s", err, out)
	case <-time.After(time.Minute):
		t.Fatalf("cifra serve did not start:\n%s", out)
	}
	r.base = address.FindString(out.String())
	return r
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// lockedBuffer collects what the program prints, and tells when its address was among it.
type lockedBuffer struct {
	mu    sync.Mutex
	b     bytes.Buffer
	ready chan struct{}
	told  bool
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.b.Write(p)
	if !b.told && address.Match(b.b.Bytes()) {
		b.told = true
		close(b.ready)
	}
	return n, err
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// json returns the body's fields.
func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(a.body, &m); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, a.body)
	}
	return m
}

// do sends a request and reads the answer. It does not follow redirects.
func (r *running) do(method, path string, body io.Reader, headers ...string) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, b}
}

func (r *running) postJSON(path, body string) answer {
	r.t.Helper()
	return r.do(http.MethodPost, path, strings.NewReader(body), "Content-Type", "application/json")
}

// upload sends a file as the API's clients do.
func (r *running) upload(path, token, name string, content []byte, fields ...string) answer {
	r.t.Helper()
	body, kind := multipartBody(r.t, name, content, fields...)
	headers := []string{"Content-Type", kind}
	if token != "" {
		headers = append(headers, "Authorization", "Bearer "+token)
	}
	return r.do(http.MethodPost, path, body, headers...)
}

func multipartBody(t testing.TB, name string, content []byte, fields ...string) (body io.Reader, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if content != nil {
		f, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}

// register makes an account and returns a token for it.
func (r *running) register(name string) string {
	r.t.Helper()
	body := `{"username":"` + name + `","password":"a long passphrase"}`
	if got := r.postJSON("/api/v1/register", body); got.status != http.StatusCreated {
		r.t.Fatalf("register: got %d %s, want 201", got.status, got.body)
	}
	got := r.postJSON("/api/v1/login", body)
	token, _ := got.json(r.t)["access_token"].(string)
	if got.status != http.StatusOK || token == "" {
		r.t.Fatalf("login: got %d %s, want 200 with a token", got.status, got.body)
	}
	return token
}

// crossedSeven returns one of the page's own drawings.
func crossedSeven(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "static", "examples", "crossed-seven.png"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
