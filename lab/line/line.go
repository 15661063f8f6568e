// Package line is a TCP proxy to one server that can be cut or slowed down: what networks do to programs, on purpose.
package line

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Line passes connections on to one server. It is safe for concurrent use.
type Line struct {
	to     string
	listen net.Listener
	delay  atomic.Int64    // of each piece of an answer, in nanoseconds
	ctx    context.Context //nolint:containedctx // the life of its connections, which begin without a caller
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex // guards what follows
	cut   bool
	conns map[net.Conn]struct{} // both ends of each
}

// dialTime is how long the server may take to accept a connection.
const dialTime = 5 * time.Second

// Open listens on a free port of 127.0.0.1 and passes what comes on to the server at address, until Close.
func Open(ctx context.Context, address string) (*Line, error) {
	listen, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("line: %w", err)
	}
	l := &Line{to: address, listen: listen, conns: map[net.Conn]struct{}{}}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.done.Go(l.accept)
	return l, nil
}

// Addr is where it listens.
func (l *Line) Addr() string { return l.listen.Addr().String() }

// Cut ends every connection and lets no new one through, or lets them through again.
func (l *Line) Cut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		l.drop()
	}
}

// Delay has every answer of the server come that much later.
func (l *Line) Delay(d time.Duration) { l.delay.Store(int64(d)) }

// Close ends the line and its connections. It may be called twice.
func (l *Line) Close() error {
	l.cancel()
	err := l.listen.Close()
	l.mu.Lock()
	l.cut = true
	l.drop()
	l.mu.Unlock()
	l.done.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// drop ends every connection. l.mu is held.
func (l *Line) drop() {
	for c := range l.conns {
		_ = c.Close() // what it had to say is not to be heard
	}
	clear(l.conns)
}

func (l *Line) accept() {
	for {
		c, err := l.listen.Accept()
		if err != nil {
			return // closed
		}
		if !l.hold(c) {
			continue
		}
		l.done.Go(func() { l.connect(c) })
	}
}

// hold takes a connection in; where the line is cut it is closed instead.
func (l *Line) hold(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		_ = c.Close()
		return false
	}
	l.conns[c] = struct{}{}
	return true
}

func (l *Line) release(c net.Conn) {
	_ = c.Close() // both sides are done with it
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

func (l *Line) connect(client net.Conn) {
	defer l.release(client)
	ctx, cancel := context.WithTimeout(l.ctx, dialTime)
	server, err := new(net.Dialer).DialContext(ctx, "tcp", l.to)
	cancel()
	if err != nil || !l.hold(server) {
		return
	}
	defer l.release(server)
	var back sync.WaitGroup
	back.Go(func() {
		l.answers(client, server)
		l.release(client)
	})
	_, _ = io.Copy(server, client) // it ends when either side does
	l.release(server)
	back.Wait()
}

// piece is a part of an answer, and when it may be passed on.
type piece struct {
	b  []byte
	at time.Time
}

// answers passes on what the server says, each piece as much later as is wanted when it comes.
func (l *Line) answers(client io.Writer, server io.Reader) {
	pieces := make(chan piece, 64)
	var writing sync.WaitGroup
	writing.Go(func() {
		for p := range pieces {
			if !l.until(p.at) {
				continue // only to empty the channel
			}
			_, _ = client.Write(p.b) // where it fails the reading ends as well
		}
	})
	for {
		b := make([]byte, 32<<10)
		n, err := server.Read(b)
		if n > 0 {
			pieces <- piece{b[:n], time.Now().Add(time.Duration(l.delay.Load()))} //nolint:forbidigo // a network's delay is of real time
		}
		if err != nil {
			break
		}
	}
	close(pieces)
	writing.Wait()
}

// until waits for a moment; false where the line was closed before.
func (l *Line) until(at time.Time) bool {
	wait := time.Until(at)
	if wait <= 0 {
		return true
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.ctx.Done():
		return false
	}
}
