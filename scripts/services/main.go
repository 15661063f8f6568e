// Command services runs a command beside a private PostgreSQL, Redis and Memcached.
//
//	go run ./scripts/services go test ./...
//
// The servers listen on free ports of 127.0.0.1 and keep their data under a temporary folder. They end with the
// command, with an interrupt, and with this program if it is killed. The command finds them in TEST_POSTGRES_URL,
// TEST_REDIS_URL and TEST_MEMCACHED_ADDR; a server whose variable is set already is used as it is. The exit code is
// the command's.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"cifra/scripts/servers"
)

const stopWithin = 20 * time.Second // a test binary prints its goroutines meanwhile

// all are the servers, with the variable that tells tests where each is.
var all = []struct {
	name, variable string
	get            func(ctx context.Context, dir string) (*servers.Child, string, error)
}{
	{"PostgreSQL", "TEST_POSTGRES_URL", func(ctx context.Context, dir string) (*servers.Child, string, error) {
		return servers.Postgres(ctx, dir, false)
	}},
	{"Redis", "TEST_REDIS_URL", func(ctx context.Context, dir string) (*servers.Child, string, error) { return servers.Redis(ctx, dir) }},
	{"Memcached", "TEST_MEMCACHED_ADDR", servers.Memcached},
}

func main() {
	// The servers die with the thread that started them (see child), so that thread must be the program's last.
	runtime.LockOSThread()
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "services:", err)
	}
	os.Exit(code)
}

// run starts the servers, runs args beside them, and returns the command's exit code.
func run(args []string) (code int, err error) {
	if len(args) == 0 {
		return 2, errors.New("usage: services COMMAND [ARGUMENT...]")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	dir, err := os.MkdirTemp("", "cifra-services-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// PostgreSQL runs as a user of its own when we are root, and must be able to walk in.
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // G302: nothing secret in it, and see above
		return 1, err
	}

	began := time.Now()
	env, names := os.Environ(), []string(nil)
	for _, s := range all {
		if os.Getenv(s.variable) != "" {
			names = append(names, s.name+" as given")
			continue
		}
		child, address, err := s.get(ctx, dir)
		if err != nil {
			return 1, fmt.Errorf("preparing %s: %w", s.name, err)
		}
		process, err := child.Start(ctx)
		if err != nil {
			return 1, fmt.Errorf("starting %s: %w", s.name, err)
		}
		defer process.Stop()
		env = append(env, s.variable+"="+address)
		names = append(names, s.name)
	}
	fmt.Fprintf(os.Stderr, "services: %s, ready in %.1f s\n", strings.Join(names, ", "), time.Since(began).Seconds())
	return command(ctx, args, env)
}

// command runs args until it ends, or until ctx does: then it is asked to stop, and killed if it doesn't.
func command(ctx context.Context, args, env []string) (int, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // G702: running the given command is its purpose
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// A group of its own, so that what the command started is stopped with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin
	err := cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // whoever is left of the group
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 130, errors.New("interrupted")
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1), nil
	case err != nil:
		return 1, err
	}
	return 0, nil
}
