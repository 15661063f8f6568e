package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthcheckCommand asks a running server whether it is well.
type healthcheckCommand struct {
	Ready   bool          `help:"Ask whether it takes requests, not only whether it is alive."`
	Timeout time.Duration `default:"3s" help:"How long to wait."`
}

// Run exits with 0 where the server at the configured address says 200.
func (cmd *healthcheckCommand) Run(env *environment) error {
	path := "/health"
	if cmd.Ready {
		path = "/readyz"
	}
	ctx, cancel := context.WithTimeout(env.ctx, cmd.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(env.settings.Addr)+path, nil)
	if err != nil {
		return &usageError{err}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	if _, err := fmt.Fprintln(env.out, string(body)); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("healthcheck: the server says %s", res.Status)
	}
	return nil
}

// reachable is the address at which a server that listens on addr can be asked: one that listens everywhere is asked here.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
