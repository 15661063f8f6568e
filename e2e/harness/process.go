package harness

import (
	"os/exec"
	"runtime"
	"syscall"
)

// process is a program that a test started.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // how it ended; set before ended is closed
}

// startProcess starts cmd. It ends with the test's own program, even where that is killed or gives up in a panic: the
// kernel sees to it, as long as the thread that started it lives, so one goroutine stays on that thread until the end.
func startProcess(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
		}
		close(p.ended)
	}()
	return p, <-started
}

// signal sends a signal; where the process has ended, nothing happens.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill ends the process without a goodbye.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}
