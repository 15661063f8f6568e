package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Instance is the program with an address and a data folder that outlive it, so that a test may kill it and start it
// again. Unlike [Serve]'s, its log may hold errors: a test that breaks something expects them. Crashes it may not hold.
type Instance struct {
	URL string

	t           *testing.T
	bin         string
	dir         string
	address     string
	env         []string
	server      *Server // nil while it is down
	earlierLogs strings.Builder
}

// StartInstance starts bin with the data of dir on a free port, and returns when it is ready. It is stopped with the test.
func StartInstance(t *testing.T, bin, dir string, env ...string) *Instance {
	t.Helper()
	port, err := FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := &Instance{t: t, bin: bin, dir: dir, address: "127.0.0.1:" + port, env: env}
	i.URL = "http://" + i.address
	i.Start()
	t.Cleanup(func() {
		if err := i.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the program's log:\n%s", ending(i.Log(), 20_000))
		}
	})
	return i
}

// ending is the end of a long text.
func ending(text string, n int) string { return text[max(0, len(text)-n):] }

// Start starts it where it is down, on the same address as before, and returns how long it took to be ready.
func (i *Instance) Start() time.Duration {
	i.t.Helper()
	began := time.Now()
	s, err := startAt(i.t.Context(), i.bin, i.dir, i.address, i.env)
	if err != nil {
		i.t.Fatal(err)
	}
	i.server = s
	return time.Since(began)
}

// startAt starts the program as [Serve] does, at an address of its own.
func startAt(ctx context.Context, bin, dir, address string, env []string) (_ *Server, err error) {
	s := &Server{URL: "http://" + address, log: new(log)}
	cmd := exec.Command(bin, "serve") // not bound to a context: it ends by SIGTERM or SIGKILL
	cmd.Dir = dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir(),
		"CIFRA_ADDR=" + address, "CIFRA_DATA_DIR=" + dir, "CIFRA_DATABASE_URL=sqlite:" + dir + "/cifra.db",
	}, env...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if s.process, err = startProcess(cmd); err != nil {
		return nil, err
	}
	if err := s.ready(ctx); err != nil {
		s.kill()
		return nil, fmt.Errorf("cifra serve: %w\n%s", err, s.Log())
	}
	return s, nil
}

// Kill ends it without a goodbye (SIGKILL).
func (i *Instance) Kill() {
	if i.server != nil {
		i.server.kill()
		i.down()
	}
}

// Terminate asks it to end (SIGTERM) and doesn't wait.
func (i *Instance) Terminate() { i.server.signal(syscall.SIGTERM) }

// Stop asks it to end, and waits. The error says that it didn't end well. Stopping it twice is fine.
func (i *Instance) Stop() error {
	if i.server == nil {
		return nil
	}
	defer i.down()
	i.Terminate()
	select {
	case <-i.server.ended:
	case <-time.After(stopWithin):
		i.server.signal(syscall.SIGQUIT) // it prints its goroutines
		<-i.server.ended
		return fmt.Errorf("cifra serve: still there %v after SIGTERM", stopWithin)
	}
	var errs []error
	if i.server.err != nil {
		errs = append(errs, fmt.Errorf("cifra serve ended with %w", i.server.err))
	}
	for line := range strings.Lines(i.server.Log()) {
		if crash.MatchString(line) {
			errs = append(errs, fmt.Errorf("the program's log: %s", strings.TrimSpace(line)))
		}
	}
	return errors.Join(errs...)
}

// down keeps the log of a life that has ended.
func (i *Instance) down() {
	i.earlierLogs.WriteString(i.server.Log())
	i.server = nil
}

// Ended is closed when the program has ended.
func (i *Instance) Ended() <-chan struct{} { return i.server.ended }

// PID is the program's process.
func (i *Instance) PID() int { return i.server.cmd.Process.Pid }

// Said waits for a line that it prints in this life, as [Server.Said] does.
func (i *Instance) Said(pattern *regexp.Regexp) []string {
	i.t.Helper()
	return i.server.Said(i.t, pattern)
}

// Log returns what it has printed in all its lives.
func (i *Instance) Log() string {
	if i.server == nil {
		return i.earlierLogs.String()
	}
	return i.earlierLogs.String() + i.server.Log()
}

// crash is what no log may hold, whatever is broken around the program: its own end, and answers of 500.
var crash = regexp.MustCompile(`^panic:|^fatal error:|^goroutine \d+ \[|level=ERROR msg="request refused".* status=500 `)
