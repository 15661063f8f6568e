package servers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// restartAfter is how long a kept server that has ended stays down.
const restartAfter = time.Second

// Keeper keeps servers running: one that ends is started again a second later, as systemd or Docker would.
type Keeper struct {
	changed func(name string, pid int) // called with 0 when one has ended, with its process's id when it serves
	say     func(format string, args ...any)

	stop    context.CancelFunc
	ctx     context.Context //nolint:containedctx // the keeper's own life, ended by Stop
	stopped []chan struct{} // in the order of starting

	mu sync.Mutex // guards stopped
}

// NewKeeper returns one that keeps nothing yet. Both functions may be called from several goroutines.
func NewKeeper(changed func(name string, pid int), say func(format string, args ...any)) *Keeper {
	ctx, stop := context.WithCancel(context.Background())
	return &Keeper{changed: changed, say: say, ctx: ctx, stop: stop}
}

// Keep starts c, and returns when it serves, or cannot be started.
func (k *Keeper) Keep(ctx context.Context, name string, c *Child) error {
	p, err := c.Start(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	k.changed(name, p.Pid)
	end := make(chan struct{})
	k.mu.Lock()
	before := k.stopped
	k.stopped = append(k.stopped, end)
	k.mu.Unlock()
	go func() {
		defer close(end)
		for {
			select {
			case <-k.ctx.Done():
				// Last started, first stopped: what others need goes after them.
				k.after(len(before))
				p.Stop()
				return
			case <-p.Ended:
			}
			k.changed(name, 0)
			k.say("%s has ended; it is started again", name)
			if p = k.again(name, c); p == nil {
				return
			}
			k.changed(name, p.Pid)
		}
	}()
	return nil
}

// again starts c until that succeeds, or nil where the keeper stops.
func (k *Keeper) again(name string, c *Child) *Process {
	for {
		select {
		case <-k.ctx.Done():
			return nil
		case <-time.After(restartAfter):
		}
		p, err := c.Start(k.ctx)
		if err == nil {
			return p
		}
		if !errors.Is(err, context.Canceled) {
			k.say("%s: %v", name, err)
		}
	}
}

// after waits until all that were started after number n have stopped.
func (k *Keeper) after(n int) {
	k.mu.Lock()
	later := k.stopped[n+1:]
	k.mu.Unlock()
	for _, s := range later {
		<-s
	}
}

// Stop stops all of them, the last one first.
func (k *Keeper) Stop() {
	k.stop()
	k.mu.Lock()
	all := k.stopped
	k.mu.Unlock()
	for _, s := range all {
		<-s
	}
}
