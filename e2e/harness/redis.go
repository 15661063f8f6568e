package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"
)

// Redis is a private Redis that a test may kill and bring back.
type Redis struct {
	URL string // "redis://127.0.0.1:port/0"

	t        *testing.T
	port     string
	dir      string
	*process // nil while it is down
}

// StartRedis starts a Redis on a free port; it ends with the test.
func StartRedis(t *testing.T) *Redis {
	t.Helper()
	port, err := FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &Redis{URL: "redis://127.0.0.1:" + port + "/0", t: t, port: port, dir: t.TempDir()}
	r.Start()
	t.Cleanup(r.Kill)
	return r
}

// Start brings it up, empty, on the same port as before.
func (r *Redis) Start() {
	r.t.Helper()
	var err error
	r.process, err = startProcess(exec.Command("redis-server", "--port", r.port, "--bind", "127.0.0.1", // until Kill
		"--save", "", "--appendonly", "no", "--dir", r.dir))
	if err != nil {
		r.t.Fatalf("redis-server: %v", err)
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer cancel()
	err = until(ctx, func() error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+r.port)
		if err != nil {
			return err
		}
		return conn.Close()
	})
	if err != nil {
		r.t.Fatalf("redis-server: %v", err)
	}
}

// Kill ends it without a goodbye. Killing it twice is fine.
func (r *Redis) Kill() {
	if r.process == nil {
		return
	}
	r.kill()
	r.process = nil
}

// Keys returns how many keys it holds.
func (r *Redis) Keys() int {
	r.t.Helper()
	conn, err := new(net.Dialer).DialContext(r.t.Context(), "tcp", "127.0.0.1:"+r.port)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	var n int
	_, writeErr := fmt.Fprint(conn, "DBSIZE\r\n")
	_, readErr := fmt.Fscanf(conn, ":%d\r\n", &n)
	if err := errors.Join(writeErr, readErr); err != nil {
		r.t.Fatalf("DBSIZE: %v", err)
	}
	return n
}
