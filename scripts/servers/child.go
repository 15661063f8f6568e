// Package servers starts the servers that cifra can use, each on a free port of 127.0.0.1 with its data in a given
// folder, as processes that end with this one.
package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// startWithin is how long a server may take; initdb on a cold disk takes several seconds.
const startWithin = 60 * time.Second

// Child is a server that runs in the foreground as a process of ours.
type Child struct {
	Path  string
	Args  []string
	Dir   string
	Env   []string                    // nil: ours
	Owner *syscall.Credential         // nil: the same user
	Quit  syscall.Signal              // asks it to end
	Ready func(context.Context) error // nil error: it serves
	Log   io.Writer                   // nil: kept for the error that Start returns
}

// Process is a running child.
type Process struct {
	Pid   int
	Ended <-chan struct{} // closed when it has ended, by whomever
	Stop  func()          // asks it to end, kills it where it doesn't, and waits for its end
}

// Start runs the server and waits until it is ready.
func (c *Child) Start(ctx context.Context) (*Process, error) {
	path, err := exec.LookPath(c.Path)
	if err != nil {
		return nil, fmt.Errorf("%w: run scripts/install.sh", err)
	}
	// Not bound to ctx: the servers outlive the command that uses them, by a moment.
	cmd := exec.Command(path, c.Args...) //nolint:noctx // see above; stop ends it
	cmd.Dir = c.Dir
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = &log, &log, c.Env
	if c.Log != nil {
		cmd.Stdout, cmd.Stderr = c.Log, c.Log
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: c.Owner,
		Setpgid:    true,   // an interrupt from the terminal is for us, not for it
		Pdeathsig:  c.Quit, // it ends even where we are killed
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	var end error // set before ended is closed
	go func() { end = cmd.Wait(); close(ended) }()
	stop := func() {
		_ = cmd.Process.Signal(c.Quit) // an error here says that it has ended
		select {
		case <-ended:
		case <-time.After(15 * time.Second): // cifra drains for 10
			_ = cmd.Process.Kill()
			<-ended
		}
	}

	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := c.Ready(ctx)
		if err == nil {
			return &Process{Pid: cmd.Process.Pid, Ended: ended, Stop: stop}, nil
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
