package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"cifra/lab/upstream"
)

// demo runs `cifra demo …` and returns what it printed.
func demo(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	vars := map[string]string{"CIFRA_DATA_DIR": t.TempDir(), "CIFRA_ENV_FILE": os.DevNull}
	err := run(t.Context(), append([]string{"demo"}, args...), func(k string) string { return vars[k] }, strings.NewReader(""), &out, &out)
	return out.String(), err
}

// TestDemoRun walks the presenter's six steps against a running server, on SQLite and memory.
func TestDemoRun(t *testing.T) {
	service := upstream.New()
	at := httptest.NewServer(service)
	t.Cleanup(at.Close)
	r := start(t, "CIFRA_DEMO=true", "CIFRA_HEAVY_DELAY=300ms", "CIFRA_UNIVERSITIES_URL="+at.URL+"/search")
	for range 2 { // the show must go on twice
		out, err := demo(t, "run", "--check", "--url", r.base)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if strings.Contains(out, "NOT EXPECTED") || strings.Count(out, "as expected") != 10 {
			t.Errorf("got\n%s\nwant everything as expected", out)
		}
	}
	service.Be(upstream.Fail)
	if out, err := demo(t, "run", "--check", "--url", r.base); err != nil { // remembered from before
		t.Errorf("without the other service: got %v\n%s", err, out)
	}
}

func TestDemoRunRefusals(t *testing.T) {
	r := start(t, "CIFRA_HEAVY_DELAY=0s")
	if out, err := demo(t, "run", "--url", r.base); err == nil || !strings.Contains(err.Error(), "CIFRA_DEMO") {
		t.Errorf("a server that is no demo: got %v\n%s", err, out)
	}
}

func TestDemoData(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct{ command, want string }{
		{"seed", "made the example data\n"},
		{"seed", "is there already"},
		{"reset", "anew"},
	} {
		var out bytes.Buffer
		vars := map[string]string{"CIFRA_DATA_DIR": dir, "CIFRA_ENV_FILE": os.DevNull}
		err := run(t.Context(), []string{"demo", tt.command}, func(k string) string { return vars[k] }, strings.NewReader(""), &out, &out)
		if err != nil || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s: got %q, %v, want %q", tt.command, &out, err, tt.want)
		}
	}
}

func TestJoinAddress(t *testing.T) {
	for _, tt := range []struct{ host, want string }{
		{"192.168.1.20:8080", "http://192.168.1.20:8080/"},
		{"cifra.example", "http://cifra.example/"},
	} {
		if got := joinAddress("http", tt.host); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.host, got, tt.want)
		}
	}
	if got := joinAddress("http", "127.0.0.1:8080"); !strings.HasSuffix(got, ":8080/") {
		t.Errorf("got %s, want the port kept", got)
	}
}
