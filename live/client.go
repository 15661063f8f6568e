package live

import (
	"context"
	"errors"
	"sync"

	"github.com/coder/websocket"
)

// maxQueue is how many bytes may wait for one socket.
const maxQueue = 256 << 10

// reason is why a socket is closed from this side. Pages come back after 1011, 1012 and 1013, not after 1008.
type reason struct {
	code websocket.StatusCode
	text string
}

var (
	restart  = reason{websocket.StatusServiceRestart, "service restart"}
	noEntry  = reason{websocket.StatusPolicyViolation, "signed out"}
	troubled = reason{websocket.StatusInternalError, "try again"}
)

// errSlow is why a socket is cut off whose queue is full. There is no point in telling it: it doesn't read.
var errSlow = errors.New("live: the socket doesn't read")

// client is one socket.
type client struct {
	room     *room
	language string // "" for a program, which gets JSON
	cut      context.CancelCauseFunc

	after int64         // events up to this number were sent while catching up; guarded by the hub's mutex
	ready chan struct{} // something waits in the queue
	again chan struct{} // somebody's right to listen may have ended
	out   chan reason   // it is to be closed

	mu    sync.Mutex // guards what follows
	queue [][]byte
	bytes int
}

func newClient(r *room, language string, cut context.CancelCauseFunc) *client {
	return &client{
		room: r, language: language, cut: cut,
		ready: make(chan struct{}, 1), again: make(chan struct{}, 1), out: make(chan reason, 1),
	}
}

// push has a message wait to be sent. It never blocks: where too much waits already, the socket is cut off.
func (c *client) push(m []byte) {
	c.mu.Lock()
	full := c.bytes+len(m) > maxQueue
	if !full {
		c.queue = append(c.queue, m)
		c.bytes += len(m)
	}
	c.mu.Unlock()
	if full {
		c.cut(errSlow)
		return
	}
	signal(c.ready)
}

// next takes the oldest waiting message, nil where none waits.
func (c *client) next() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		c.queue = nil // lets go of what it grew to
		return nil
	}
	m := c.queue[0]
	c.queue[0] = nil
	c.queue = c.queue[1:]
	c.bytes -= len(m)
	return m
}

// idle reports whether nothing waits.
func (c *client) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queue) == 0
}

// leave has the socket closed with a reason. Only the first one counts.
func (c *client) leave(r reason) {
	select {
	case c.out <- r:
	default:
	}
}

func (c *client) lookAgain() { signal(c.again) }

// signal tells a channel of capacity 1, unless it was told already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
