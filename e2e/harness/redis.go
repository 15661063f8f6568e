package harness

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Redis is a private Redis that a test may kill and bring back.
type Redis struct {
	URL string // "redis://127.0.0.1:port/0"

	t        *testing.T
	port     string
	dir      string
	options  []string
	*process // nil while it is down
}

// StartRedis starts a Redis on a free port; it ends with the test. The options are redis-server's.
func StartRedis(t *testing.T, options ...string) *Redis {
	t.Helper()
	port, err := FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &Redis{URL: "redis://127.0.0.1:" + port + "/0", t: t, port: port, dir: t.TempDir(), options: options}
	r.Start()
	t.Cleanup(r.Kill)
	return r
}

// PID is its process.
func (r *Redis) PID() int { return r.cmd.Process.Pid }

// Start brings it up, empty, on the same port as before.
func (r *Redis) Start() {
	r.t.Helper()
	var err error
	args := append([]string{"--port", r.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", r.dir}, r.options...)
	r.process, err = startProcess(exec.Command("redis-server", args...)) // until Kill
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

// Addr is where it listens.
func (r *Redis) Addr() string { return "127.0.0.1:" + r.port }

// Pause stops it in the middle of whatever it does; its connections stay open.
func (r *Redis) Pause() { r.signal(syscall.SIGSTOP) }

// Continue ends a pause.
func (r *Redis) Continue() { r.signal(syscall.SIGCONT) }

// Do gives it a command that it answers with OK.
func (r *Redis) Do(words ...string) {
	r.t.Helper()
	conn, err := new(net.Dialer).DialContext(r.t.Context(), "tcp", r.Addr())
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	_, writeErr := fmt.Fprintf(conn, "%s\r\n", strings.Join(words, " "))
	answer, readErr := bufio.NewReader(conn).ReadString('\n')
	if err := errors.Join(writeErr, readErr); err != nil || answer != "+OK\r\n" {
		r.t.Fatalf("%v: %q, %v", words, answer, err)
	}
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
