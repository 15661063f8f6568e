package line_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"cifra/lab/line"
)

// echo is a server that says every line again.
func echo(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				for s := bufio.NewScanner(c); s.Scan(); {
					_, _ = fmt.Fprintln(c, s.Text())
				}
			}()
		}
	}()
	return l.Addr().String()
}

// ask sends a line over a new connection and returns how long its echo took; an error where none comes.
func ask(ctx context.Context, address string) (net.Conn, time.Duration, error) {
	start := time.Now()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, 0, err
	}
	if err := again(c); err != nil {
		_ = c.Close()
		return nil, 0, err
	}
	return c, time.Since(start), nil
}

func again(c net.Conn) error {
	if _, err := fmt.Fprintln(c, "ping"); err != nil {
		return err
	}
	if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	var got string
	if _, err := fmt.Fscanln(c, &got); err != nil {
		return err
	}
	return nil
}

func TestLine(t *testing.T) {
	l, err := line.Open(t.Context(), echo(t))
	if err != nil {
		t.Fatal(err)
	}
	c, took, err := ask(t.Context(), l.Addr())
	if err != nil {
		t.Fatalf("as it is: %v", err)
	}
	defer func() { _ = c.Close() }()
	t.Logf("as it is: %v", took)

	const delay = 300 * time.Millisecond
	l.Delay(delay)
	start := time.Now()
	if err := again(c); err != nil || time.Since(start) < delay {
		t.Errorf("slowed down: got %v, %v, want at least %v", time.Since(start), err, delay)
	}
	l.Delay(0)

	l.Cut(true)
	if err := again(c); err == nil {
		t.Error("cut: got an answer over a connection from before")
	}
	if c, _, err := ask(t.Context(), l.Addr()); err == nil {
		_ = c.Close()
		t.Error("cut: got an answer over a new connection")
	}
	l.Cut(false)
	healed, _, err := ask(t.Context(), l.Addr())
	if err != nil {
		t.Fatalf("healed: %v", err)
	}
	defer func() { _ = healed.Close() }()

	for range 2 {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if err := again(healed); err == nil {
		t.Error("closed: got an answer")
	}
}

// TestLineToNowhere: a server that isn't there is like a line that is cut.
func TestLineToNowhere(t *testing.T) {
	l, err := line.Open(t.Context(), "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	if c, _, err := ask(t.Context(), l.Addr()); err == nil {
		_ = c.Close()
		t.Error("got an answer")
	}
}
