package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

// serveCommand serves the site.
type serveCommand struct{}

// Times of the server. A slow client may hold a connection, but not for long.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 10 * time.Second
	maxHeader     = 64 << 10

	// noticeTime is how long, in production, an instance that drains goes on taking what comes: so long /readyz says 503 to
	// balancers that ask, before connections are refused.
	noticeTime = 2 * time.Second
)

// Run migrates, then serves until the context ends, then drains.
func (serveCommand) Run(env *environment) error {
	app, err := newApp(env)
	if err != nil {
		return err
	}
	defer app.close()

	listener, err := (&net.ListenConfig{}).Listen(env.ctx, "tcp", env.settings.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", env.settings.Addr, err)
	}
	server := &http.Server{
		Handler: app.state.farewell(app.site), ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(env.ctx) },
	}
	stopDebug, err := serveDebug(env.ctx, env.settings.DebugAddr, app.metrics.handler(), app.log)
	if err != nil {
		return err
	}
	app.closers = append(app.closers, stopDebug)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	app.state.serve()
	app.greet(env, listener.Addr())
	debug.FreeOSMemory() // what the start needed and the site doesn't: a third of what is held

	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-env.ctx.Done():
	}
	app.state.drain()
	app.log.Info("draining", "at_most", drainTimeout)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(env.ctx), drainTimeout)
	defer cancel()
	notice := time.After(noticeTime)
	app.events.Load().goodbye(ctx)
	if env.settings.Production() {
		<-notice
	}
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("some requests did not end in %s: %w", drainTimeout, errors.Join(err, server.Close()))
	}
	app.log.Info("stopped")
	return nil
}
