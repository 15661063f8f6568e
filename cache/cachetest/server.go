package cachetest

import (
	"context"
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is a server of a test's own, which it may freeze and kill.
type Redis struct {
	t    testing.TB
	port int
	args []string
	cmd  *exec.Cmd

	Client *redis.Client // the test's own way in
}

// StartRedis starts a server with the given settings on a free port. It ends with the test.
func StartRedis(t testing.TB, args ...string) *Redis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		Missing(t, "redis-server is not installed")
	}
	r := &Redis{t: t, port: FreePort(t), args: args}
	r.Client = redis.NewClient(&redis.Options{Addr: r.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = r.Client.Close() })
	t.Cleanup(r.Kill)
	r.Start()
	return r
}

// FreePort returns a port of 127.0.0.1 on which nobody listens.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it listens on TCP
}

// Addr is the server's host and port.
func (r *Redis) Addr() string { return "127.0.0.1:" + strconv.Itoa(r.port) }

// URL is what [cache.Options] takes.
func (r *Redis) URL() string { return "redis://" + r.Addr() + "/0" }

// Start starts the server, empty, and waits until it answers.
func (r *Redis) Start() {
	r.t.Helper()
	dir := r.t.TempDir()
	args := append([]string{
		"--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", dir, "--daemonize", "no",
	}, r.args...)
	r.cmd = exec.CommandContext(context.Background(), "redis-server", args...)
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	Eventually(r.t, "redis-server answers", func() bool {
		err := r.Client.Ping(context.Background()).Err()
		return err == nil || err.Error() == "NOAUTH Authentication required."
	})
}

// Freeze stops the process in its tracks: connections stay, nothing answers.
func (r *Redis) Freeze() { r.signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (r *Redis) Thaw() { r.signal(syscall.SIGCONT) }

// Kill ends it without warning, and waits until it has.
func (r *Redis) Kill() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
	r.cmd = nil
}

func (r *Redis) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// Do runs a command.
func (r *Redis) Do(args ...any) any {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	v, err := r.Client.Do(ctx, args...).Result()
	if err != nil {
		r.t.Fatalf("%v: %v", args, err)
	}
	return v
}

// Client returns a client of the server at url, closed when the test ends.
func Client(t testing.TB, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}
