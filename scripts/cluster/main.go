// Command cluster runs what docker-compose.yml calls "full" from programs of this machine: PostgreSQL, Redis, three
// instances of cifra, a worker, and nginx before them, all on 127.0.0.1, until it is interrupted. What ends is started
// again. Its addresses, and the processes' ids for load tests that kill them, stand in the file that -state names.
//
//	make cluster
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"cifra/scripts/servers"
)

func main() {
	runtime.LockOSThread() // the servers die with the thread that started them
	o := options{}
	flag.StringVar(&o.bin, "bin", "bin/cifra", "the program")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8090", "the balancer's address")
	flag.StringVar(&o.state, "state", ".cache/cluster.json", "where addresses and process ids are written")
	flag.IntVar(&o.instances, "instances", 3, "how many sites")
	flag.IntVar(&o.workers, "workers", 1, "how many workers that retrain")
	flag.StringVar(&o.logs, "logs", ".cache/cluster", "folder of the programs' logs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

type options struct {
	bin, listen, state, logs string
	instances, workers       int
}

// run starts everything in the order in which it needs each other, waits for ctx, and stops it the other way round.
func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "cifra-cluster-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL and nginx run as other users
		return err
	}
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	if err := os.MkdirAll(o.logs, 0o750); err != nil {
		return err
	}
	s := &state{file: o.state, State: servers.State{
		URL: "http://" + o.listen, Admin: "admin", Password: rand.Text(), Processes: map[string]servers.Known{},
	}}
	say := func(format string, args ...any) { fmt.Fprintf(os.Stderr, "cluster: "+format+"\n", args...) }
	keeper := servers.NewKeeper(s.changed, say)
	defer keeper.Stop()
	defer func() { err = errors.Join(err, os.Remove(o.state)) }()

	database, err := startStores(ctx, keeper, s, dir)
	if err != nil {
		return err
	}
	instances, err := startSites(ctx, keeper, s, o, dir, database)
	if err != nil {
		return err
	}
	balancer, err := servers.Nginx(dir, "deploy/nginx.conf", o.listen, instances)
	if err != nil {
		return err
	}
	if err := keeper.Keep(ctx, "balancer", balancer); err != nil {
		return err
	}
	fmt.Printf("%d instances, PostgreSQL and Redis serve http://%s\n  sign in as %s with %s\n  logs in %s, addresses in %s\n",
		o.instances, o.listen, s.Admin, s.Password, o.logs, o.state)
	<-ctx.Done()
	say("stopping")
	return nil
}
