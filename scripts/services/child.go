package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// child is a server that runs in the foreground as a process of ours.
type child struct {
	path  string
	args  []string
	dir   string
	owner *syscall.Credential // nil: the same user
	quit  syscall.Signal      // asks it to end
	ready func(context.Context) error
}

// start runs the server and waits until it is ready. The returned stop ends it and waits for its end.
func (c *child) start(ctx context.Context) (stop func(), err error) {
	path, err := exec.LookPath(c.path)
	if err != nil {
		return nil, fmt.Errorf("%w: run scripts/install.sh", err)
	}
	// Not bound to ctx: the servers outlive the command that uses them, by a moment.
	cmd := exec.Command(path, c.args...) //nolint:noctx // see above; stop ends it
	cmd.Dir = c.dir
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: c.owner,
		Setpgid:    true,   // an interrupt from the terminal is for us, not for it
		Pdeathsig:  c.quit, // it ends even where we are killed
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	var end error // set before ended is closed
	go func() { end = cmd.Wait(); close(ended) }()
	stop = func() {
		_ = cmd.Process.Signal(c.quit) // an error here says that it has ended
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	}

	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := c.ready(ctx)
		if err == nil {
			return stop, nil
		}
		select {
		case <-tick.C:
		case <-ended:
			return nil, fmt.Errorf("it ended: %w\n%s", errors.Join(end, err), log.Bytes())
		case <-ctx.Done():
			stop()
			return nil, fmt.Errorf("not ready: %w\n%s", err, log.Bytes())
		}
	}
}
