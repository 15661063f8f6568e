package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	readyWithin = 60 * time.Second // on a busy machine
	stopWithin  = 20 * time.Second // the program drains within 10
)

// Server is the program, serving.
type Server struct {
	URL string // "http://127.0.0.1:port"

	log *log
	*process
}

// Serve starts bin on a free port with an empty SQLite database and a cache in memory, unless env says otherwise
// ("CIFRA_CACHE_URL=redis://…"), and returns when it is ready. The test fails if the program doesn't stop cleanly, or
// if its log holds an error when it does.
func Serve(t *testing.T, bin string, env ...string) *Server {
	t.Helper()
	s, err := start(t.Context(), bin, t.TempDir(), env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the program's log:\n%s", s.Log())
		}
	})
	return s
}

// Log returns what the program has printed so far.
func (s *Server) Log() string { return s.log.String() }

// Said waits until the program has printed what pattern finds, and returns the match and its groups.
func (s *Server) Said(t *testing.T, pattern *regexp.Regexp) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var found []string
	err := until(ctx, func() error {
		if found = pattern.FindStringSubmatch(s.Log()); found == nil {
			return fmt.Errorf("%s is not in the program's log", pattern)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func start(ctx context.Context, bin, dir string, env []string) (*Server, error) {
	port, err := FreePort(ctx)
	if err != nil {
		return nil, err
	}
	address := "127.0.0.1:" + port
	s := &Server{URL: "http://" + address, log: new(log)}
	cmd := exec.Command(bin, "serve") // not bound to a context: it ends by SIGTERM, see stop
	cmd.Dir = dir
	// Nothing of the developer's own settings, and of the environment only what programs need to run.
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

// ready waits until the program answers, or has ended.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	return until(ctx, func() error {
		select {
		case <-s.ended:
			cancel()
			return fmt.Errorf("it ended: %w", s.err)
		default:
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("/readyz: %s", res.Status)
		}
		return nil
	})
}

// stop asks the program to end, as an operator would, and reads its log.
func (s *Server) stop() error {
	s.signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(stopWithin):
		s.signal(syscall.SIGQUIT) // it prints its goroutines
		<-s.ended
		return fmt.Errorf("cifra serve: still there %v after SIGTERM", stopWithin)
	}
	var errs []error
	if s.err != nil {
		errs = append(errs, fmt.Errorf("cifra serve ended with %w", s.err))
	}
	for line := range strings.Lines(s.Log()) {
		if trouble.MatchString(line) {
			errs = append(errs, fmt.Errorf("the program's log: %s", strings.TrimSpace(line)))
		}
	}
	return errors.Join(errs...)
}

// trouble is what no log may hold: errors and crashes.
var trouble = regexp.MustCompile(`level=ERROR|"level":"ERROR"|^panic:|^fatal error:|^goroutine \d+ \[`)

// FreePort returns a port of 127.0.0.1 on which nobody listens.
func FreePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// until calls f, with pauses, until it returns nil, or ctx ends: then it returns f's last error.
func until(ctx context.Context, f func() error) error {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// log is a buffer that a process writes while a test reads it.
type log struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
