// Command load puts a running cluster under load and breaks parts of it meanwhile: Redis is killed five times, PostgreSQL
// once, one instance is killed and one told to stop, and another model is promoted. At the end it prints what every
// phase was like, and whether anything was lost. It exits with 1 where something happened that must not.
//
//	make cluster            # in one terminal
//	make load               # in another; LOAD=10m make load for longer
//
// It ends only processes whose ids the cluster wrote down, and asks only 127.0.0.1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"cifra/scripts/servers"
)

func main() {
	o := options{}
	flag.StringVar(&o.state, "state", ".cache/cluster.json", "the running cluster's addresses")
	flag.DurationVar(&o.length, "for", 5*time.Minute, "how long")
	flag.IntVar(&o.clients, "clients", 6, "how many clients ask at a time")
	flag.IntVar(&o.sockets, "sockets", 30, "how many admins' sockets listen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

type options struct {
	state            string
	length           time.Duration
	clients, sockets int
}

// run loads the cluster, breaks it by the plan, and checks what is left.
func run(ctx context.Context, o options) error {
	s, err := servers.ReadState(o.state)
	if err != nil {
		return fmt.Errorf("no cluster runs here (make cluster): %w", err)
	}
	if u, err := url.Parse(s.URL); err != nil || u.Hostname() != "127.0.0.1" {
		return fmt.Errorf("%s is not on this machine", s.URL)
	}
	t, err := newTraffic(ctx, s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var clients, listeners sync.WaitGroup
	under, calm := context.WithTimeout(ctx, o.length)
	defer calm()
	for i := range o.clients {
		clients.Go(func() { t.client(under, i) })
	}
	watch := newWatch(t)
	for range o.sockets {
		listeners.Go(func() { watch.listen(ctx) })
	}
	broken := (&plan{traffic: t, state: o.state, length: o.length}).run(under)
	clients.Wait()
	t.phase("after")
	ledgerErr := t.checkLedger(ctx)
	watch.settle(ctx)
	cancel()
	listeners.Wait()
	t.print(os.Stdout)
	watch.print(os.Stdout)
	return errors.Join(broken, ledgerErr, t.verdict(), watch.verdict())
}
