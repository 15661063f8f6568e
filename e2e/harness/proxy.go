package harness

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between the program and one of its servers, and makes the network bad.
type Proxy struct {
	Addr string // "127.0.0.1:port"

	t    *testing.T
	to   string
	l    net.Listener
	done sync.WaitGroup

	mu    sync.Mutex // guards what follows
	conns map[net.Conn]bool
	open  chan struct{} // closed while bytes may pass
	delay time.Duration
	cut   bool
}

// NewProxy passes what it gets on to another address of this machine. It ends with the test.
func NewProxy(t *testing.T, to string) *Proxy {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), t: t, to: to, l: l, conns: map[net.Conn]bool{}, open: make(chan struct{})}
	close(p.open)
	p.done.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.Cut()
		p.Heal()
		p.done.Wait()
	})
	return p
}

// Pause holds every byte back, as a network does that drops packets: nobody is told.
func (p *Proxy) Pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.open:
		p.open = make(chan struct{})
	default:
	}
}

// Delay holds every byte back for a while, in both directions.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Cut resets every connection, and each one that is made from now on.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for c := range p.conns {
		reset(c)
	}
}

// Heal ends all of it.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.delay = false, 0
	select {
	case <-p.open:
	default:
		close(p.open)
	}
}

// reset ends a connection with RST: neither side may think that it was told everything.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func (p *Proxy) accept() {
	for {
		in, err := p.l.Accept()
		if err != nil {
			return // the test is over
		}
		p.done.Go(func() { p.join(in) })
	}
}

// join passes bytes on between in and a connection of its own, until either ends.
func (p *Proxy) join(in net.Conn) {
	defer p.know(in)()
	within, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := new(net.Dialer).DialContext(within, "tcp", p.to)
	if err != nil {
		reset(in)
		return
	}
	defer p.know(out)()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		both.Go(func() {
			p.pass(way[0], way[1])
			reset(in)
			reset(out)
		})
	}
	both.Wait()
}

// know remembers a connection, so that it can be cut, until the returned function is called.
func (p *Proxy) know(c net.Conn) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
	if p.cut {
		reset(c)
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, c)
	}
}

func (p *Proxy) pass(from, to net.Conn) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			p.hold()
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// hold waits for as long as the network is bad.
func (p *Proxy) hold() {
	p.mu.Lock()
	open, delay := p.open, p.delay
	p.mu.Unlock()
	<-open
	if delay > 0 {
		<-time.After(delay) // what the network takes
	}
}
